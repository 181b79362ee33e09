"""Dissolves and dips.

The cross-dissolve mixes light, as two projectors on one screen do: half white over half black is the grey of half the
light (sRGB code value 188), so that highlights stay bright and the middle does not darken. Its weight sets out and
arrives smoothly: what is added to black as light is seen at once, and a weight that grew evenly would pop. A dip fades
the picture to one colour and the next one up from it; it mixes code values, which look even to the eye on the way down
to black.
"""

import threading

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Patch, YuvFrame
from engine.raster.color import rgb_to_ycbcr
from engine.raster.kernels.crossfade import crossfade_rows
from engine.raster.kernels.dissolve import dissolve_rows, fill_lift
from engine.raster.kernels.shift import mix_columns
from engine.raster.memory import flat
from engine.raster.transfer import code_table, light_table
from engine.raster.transitions.progress import constant, smooth

_NO_TABLE = np.empty(0, np.float32)


def cross_dissolve(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """A mean in linear light; the weight is the smoothstep of the progress."""
    weight = smooth(progress)
    if out.alpha is None:
        dissolve(outgoing.frame, incoming.frame, weight, out.frame)
    else:
        crossfade(outgoing, incoming, constant(out, weight), out, linear=True)


def dip_black(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """Down to black at half the way, and up again."""
    _dip((0, 0, 0), outgoing, incoming, progress, out)


def dip_white(outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    """Up to white at half the way, and down again."""
    _dip((255, 255, 255), outgoing, incoming, progress, out)


def dissolve(a: YuvFrame, b: YuvFrame, weight: float, out: YuvFrame) -> None:
    """out = (1 - weight) * a + weight * b in linear light; opaque frames of one size, ``out`` may be ``a``."""
    width, height = out.width, out.height
    scratch = _scratch(width)
    fill_lift(weight, light_table(), code_table(), scratch.lift)
    dissolve_rows(
        flat(a.y), flat(a.u), flat(a.v), a.y.strides[0], a.u.strides[0], a.v.strides[0],
        flat(b.y), flat(b.u), flat(b.v), b.y.strides[0], b.u.strides[0], b.v.strides[0],
        flat(out.y), flat(out.u), flat(out.v), out.y.strides[0], out.u.strides[0], out.v.strides[0],
        width, height, weight, scratch.lift, scratch.parts,
    )  # fmt: skip


def crossfade(a: Patch, b: Patch, cover: NDArray[np.float32], out: Patch, *, linear: bool) -> None:
    """The mean of two pictures with alpha.

    Args:
        a, b, out: of one size, all with alpha.
        cover: (W,) the weight of b in each column.
        linear: in linear light, or in code values.
    """
    crossfade_rows(
        a.frame.y, a.frame.u, a.frame.v, a.alpha, b.frame.y, b.frame.u, b.frame.v, b.alpha,
        out.frame.y, out.frame.u, out.frame.v, out.alpha, cover,
        light_table() if linear else _NO_TABLE, code_table() if linear else _NO_TABLE,
    )  # fmt: skip


def _dip(rgb: tuple[int, int, int], outgoing: Patch, incoming: Patch, progress: float, out: Patch) -> None:
    picture = outgoing if progress < 0.5 else incoming
    weight = abs(2 * progress - 1)  # of the picture: 1 at both ends, 0 in the middle
    color = rgb_to_ycbcr(*rgb)
    if out.alpha is None:
        for plane, source, value in zip(_planes(out), _planes(picture), color, strict=True):
            height, width = plane.shape
            row = np.full((1, width), value, np.uint8)
            cover = np.full(width, 1 - weight, np.float32)
            mix_columns(flat(source), source.strides[0], flat(row), 0, flat(plane), plane.strides[0], height, cover)
        return
    # With alpha the colour covers what either picture covers, so that nothing jumps where the pictures change places.
    card = YuvFrame.empty(out.frame.width, out.frame.height)
    card.y[:], card.u[:], card.v[:] = color
    assert outgoing.alpha is not None
    assert incoming.alpha is not None
    both = Patch(out.x, out.y, card, np.maximum(outgoing.alpha, incoming.alpha))
    crossfade(picture, both, constant(out, 1 - weight), out, linear=False)


def _planes(patch: Patch) -> tuple[NDArray[np.uint8], ...]:
    return patch.frame.y, patch.frame.u, patch.frame.v


class _Scratch(threading.local):
    """Memory of one thread."""

    def __init__(self) -> None:
        self.lift = np.empty(65536, np.uint8)
        self.parts = np.empty((9, 0), np.int32)


_SCRATCH = _Scratch()


def _scratch(width: int) -> _Scratch:
    if _SCRATCH.parts.shape[1] != width // 2:
        _SCRATCH.parts = np.empty((9, width // 2), np.int32)
    return _SCRATCH
