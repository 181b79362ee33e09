"""Transitions in which a picture or an edge travels sideways: slide, push, wipe.

Positions are eased (smootherstep, C2) and in fractions of pixels: the moving picture is resampled by a Lanczos kernel
of six taps, one set of weights for the whole frame. The column that the edge crosses is mixed by how much of it is
covered. Column i covers [i, i + 1] in luma pixels; chroma sample i lies at 2i + 0.5 and covers [2i - 0.5, 2i + 1.5].
"""

from math import floor

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Patch, Plane, YuvFrame
from engine.raster.kernels.shift import TAPS, mix_columns, shift_rows
from engine.raster.memory import flat
from engine.raster.transitions.dissolve import crossfade
from engine.raster.transitions.progress import smoother

WIPE_SOFTNESS = 0.08
"""Share of the canvas's width over which a wipe's edge fades."""


def slide_left(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """The incoming picture comes in from the right over the outgoing one, which stands."""
    _travel(outgoing, incoming, smoother(progress), out, sign=-1, push=False)


def slide_right(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """The incoming picture comes in from the left over the outgoing one, which stands."""
    _travel(outgoing, incoming, smoother(progress), out, sign=1, push=False)


def push_left(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """The incoming picture comes in from the right and pushes the outgoing one out."""
    _travel(outgoing, incoming, smoother(progress), out, sign=-1, push=True)


def push_right(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """The incoming picture comes in from the left and pushes the outgoing one out."""
    _travel(outgoing, incoming, smoother(progress), out, sign=1, push=True)


def wipe_left(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """A soft edge travels from the right to the left and uncovers the incoming picture behind it."""
    _wipe(outgoing, incoming, smoother(progress), out, sign=-1)


def wipe_right(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """A soft edge travels from the left to the right and uncovers the incoming picture behind it."""
    _wipe(outgoing, incoming, smoother(progress), out, sign=1)


def _travel(outgoing: Patch, incoming: Patch, share: float, out: Patch, *, sign: int, push: bool) -> None:
    width = out.frame.width
    # Where the edge between the pictures stands, and how far each picture is shifted to the right.
    edge = width * (1 - share) if sign < 0 else width * share
    shift_in = edge if sign < 0 else edge - width
    shift_out = sign * width * share if push else 0.0
    cover, chroma_cover = _coverage(width, edge, sign)
    if out.alpha is None:
        planes = zip(_planes(outgoing), _planes(incoming), _planes(out), strict=True)
        for index, (below, above, target) in enumerate(planes):
            factor = 2 if index else 1
            _overlay(below, above, target, shift_out / factor, shift_in / factor, chroma_cover if index else cover)
        return
    crossfade(_shifted(outgoing, shift_out), _shifted(incoming, shift_in), cover, out, linear=False)


def _wipe(outgoing: Patch, incoming: Patch, share: float, out: Patch, *, sign: int) -> None:
    width = out.frame.width
    soft = WIPE_SOFTNESS * width
    middle = -soft / 2 + share * (width + soft)  # from just outside to just outside

    def cover(at: NDArray[np.floating]) -> NDArray[np.float32]:
        along = at if sign > 0 else width - at
        level = np.clip((middle - along) / soft + 0.5, 0, 1)
        weight: NDArray[np.float32] = (level * level * (3 - 2 * level)).astype(np.float32)
        return weight

    luma, chroma = cover(np.arange(width) + 0.5), cover(np.arange(0, width, 2) + 0.5)
    if out.alpha is not None:
        crossfade(outgoing, incoming, luma, out, linear=False)
        return
    for index, (a, b, target) in enumerate(zip(_planes(outgoing), _planes(incoming), _planes(out), strict=True)):
        mix_columns(
            flat(a), a.strides[0], flat(b), b.strides[0], flat(target), target.strides[0], target.shape[0],
            chroma if index else luma,
        )  # fmt: skip


def _coverage(width: int, edge: float, sign: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How much of each luma column and each chroma sample the incoming picture covers."""
    luma = np.clip(edge - np.arange(width), 0, 1)
    chroma = np.clip((edge + 0.5 - np.arange(0, width, 2)) / 2, 0, 1)
    if sign < 0:
        luma, chroma = 1 - luma, 1 - chroma
    return luma.astype(np.float32), chroma.astype(np.float32)


def _overlay(
    below: Plane, above: Plane, target: Plane, shift_below: float, shift_above: float, cover: NDArray[np.float32]
) -> None:
    covered = np.flatnonzero(cover > 0)
    bare = np.flatnonzero(cover < 1)
    if len(bare):
        _shift(below, target, shift_below, np.ones_like(cover), int(bare[0]), int(bare[-1]) + 1)
    if len(covered):
        _shift(above, target, shift_above, cover, int(covered[0]), int(covered[-1]) + 1)


def _shift(source: Plane, target: Plane, shift: float, cover: NDArray[np.float32], begin: int, end: int) -> None:
    height, width = target.shape
    if shift == 0 and cover[begin:end].min() == 1:
        target[:, begin:end] = source[:, begin:end]
        return
    # Column x of the result shows x - shift of the source.
    whole = floor(-shift)
    taps = _lanczos(-shift - whole)
    first = whole - (TAPS // 2 - 1)
    shift_rows(
        flat(source), source.strides[0], flat(target), target.strides[0], width, height, first, taps, cover, begin, end
    )


def _lanczos(fraction: float) -> NDArray[np.float32]:
    """Six weights for a place ``fraction`` of the way from the third to the fourth sample; their sum is 1."""
    at = np.arange(TAPS) - (TAPS // 2 - 1) - fraction
    weights = np.sinc(at) * np.sinc(at / (TAPS // 2))
    normal: NDArray[np.float32] = (weights / weights.sum()).astype(np.float32)
    return normal


def _shifted(patch: Patch, shift: float) -> Patch:
    """A picture with alpha moved to the right; beyond its edges they are repeated."""
    if shift == 0:
        return patch
    assert patch.alpha is not None
    frame, alpha = YuvFrame.empty(patch.frame.width, patch.frame.height), np.empty_like(patch.alpha)
    moved = Patch(patch.x, patch.y, frame, alpha)
    for source, target in zip((*_planes(patch), patch.alpha), (*_planes(moved), alpha), strict=True):
        width = target.shape[1]
        _shift(source, target, shift * width / frame.width, np.ones(width, np.float32), 0, width)
    return moved


def _planes(patch: Patch) -> tuple[Plane, Plane, Plane]:
    return patch.frame.y, patch.frame.u, patch.frame.v
