"""Put layers over each other: Porter and Duff's *over*, and the blend modes of the W3C, on planar Y'CbCr."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.core.frames import Patch, Plane, YuvFrame
from engine.raster.kernels import blend_modes
from engine.raster.kernels.over import over_alpha, over_opaque
from engine.raster.kernels.planes import blend_rows
from engine.raster.memory import flat

NORMAL = "normal"

_MODES: Mapping[str, int] = {
    "multiply": blend_modes.MULTIPLY,
    "screen": blend_modes.SCREEN,
    "overlay": blend_modes.OVERLAY,
    "add": blend_modes.ADD,
    "darken": blend_modes.DARKEN,
    "lighten": blend_modes.LIGHTEN,
}

_NONE = np.empty(0, np.uint8)


@dataclass(frozen=True, slots=True)
class _Overlap:
    """The part that two pictures share: its top left in each of them, and its size, all even."""

    x: int
    y: int
    patch_x: int
    patch_y: int
    width: int
    height: int


def composite(onto: YuvFrame | Patch, patch: Patch, opacity: float = 1.0, blend: str = NORMAL) -> None:
    """Put a patch over a frame, or over another patch, in place.

    What hangs over the edge is cut off. Time goes by what is covered: clear parts are skipped, solid ones copied.

    Args:
        onto: the frame below; or a patch, whose alpha then changes too (where it has one). Positions of both patches
            count from the same origin.
        patch: what is put over it; colours straight, not multiplied by alpha.
        opacity: 0..1, a factor of the patch's alpha.
        blend: one of ``engine.timeline.BLENDS``.

    Raises:
        ValueError: the blend is unknown, or the opacity is not in 0..1.
    """
    if not 0 <= opacity <= 1:
        raise ValueError(f"opacity {opacity} is not in 0..1")
    if blend != NORMAL and blend not in _MODES:
        raise ValueError(f"{blend!r} is not a blend mode")
    ground = onto if isinstance(onto, Patch) else Patch(0, 0, onto)
    part = _overlap(ground, patch)
    if part is None or opacity == 0:
        return
    if blend != NORMAL:
        _blend(ground, patch, part, opacity, _MODES[blend])
    elif ground.alpha is not None:
        _over_alpha(ground, ground.alpha, patch, part, opacity)
    elif patch.alpha is not None:
        _over(ground.frame, patch, patch.alpha, part, opacity)
    else:
        _mix(ground.frame, patch.frame, part, opacity)


def _overlap(ground: Patch, patch: Patch) -> _Overlap | None:
    left, top = max(ground.x, patch.x), max(ground.y, patch.y)
    right = min(ground.x + ground.frame.width, patch.x + patch.frame.width)
    bottom = min(ground.y + ground.frame.height, patch.y + patch.frame.height)
    if right <= left or bottom <= top:
        return None
    return _Overlap(left - ground.x, top - ground.y, left - patch.x, top - patch.y, right - left, bottom - top)


def _cut(plane: Plane, x: int, y: int, width: int, height: int) -> Plane:
    return plane[y : y + height, x : x + width]


def _planes(frame: YuvFrame, x: int, y: int, width: int, height: int) -> tuple[Plane, Plane, Plane]:
    half = (x // 2, y // 2, width // 2, height // 2)
    return _cut(frame.y, x, y, width, height), _cut(frame.u, *half), _cut(frame.v, *half)


def _pair(onto: YuvFrame, patch: YuvFrame, part: _Overlap) -> list[tuple[Plane, Plane]]:
    below = _planes(onto, part.x, part.y, part.width, part.height)
    above = _planes(patch, part.patch_x, part.patch_y, part.width, part.height)
    return list(zip(below, above, strict=True))


def _mix(onto: YuvFrame, patch: YuvFrame, part: _Overlap, opacity: float) -> None:
    for below, above in _pair(onto, patch, part):
        if opacity == 1:
            below[:] = above
        else:
            height, width = below.shape
            blend_rows(flat(below), below.strides[0], flat(above), above.strides[0], width, height, opacity)


def _over(onto: YuvFrame, patch: Patch, alpha: Plane, part: _Overlap, opacity: float) -> None:
    (y, from_y), (u, from_u), (v, from_v) = _pair(onto, patch.frame, part)
    rows = alpha[part.patch_y : part.patch_y + part.height]
    over_opaque(
        flat(y), flat(u), flat(v), y.strides[0], _chroma_stride(u, v),
        flat(from_y), flat(from_u), flat(from_v), from_y.strides[0], _chroma_stride(from_u, from_v),
        flat(rows), rows.strides[0], part.patch_x, rows.shape[1],
        part.width, part.height, opacity, np.empty(part.width // 2, np.float32),
    )  # fmt: skip


def _over_alpha(ground: Patch, below: Plane, patch: Patch, part: _Overlap, opacity: float) -> None:
    (y, from_y), (u, from_u), (v, from_v) = _pair(ground.frame, patch.frame, part)
    alpha = patch.alpha if patch.alpha is not None else np.full(patch.frame.y.shape, 255, np.uint8)
    rows = alpha[part.patch_y : part.patch_y + part.height]
    below_rows = below[part.y : part.y + part.height]
    half = part.width // 2
    over_alpha(
        flat(y), flat(u), flat(v), y.strides[0], _chroma_stride(u, v),
        flat(below_rows), below_rows.strides[0], part.x, below_rows.shape[1],
        flat(from_y), flat(from_u), flat(from_v), from_y.strides[0], _chroma_stride(from_u, from_v),
        flat(rows), rows.strides[0], part.patch_x, rows.shape[1],
        part.width, part.height, opacity, np.empty(half, np.float32), np.empty(half, np.float32),
    )  # fmt: skip


def _blend(ground: Patch, patch: Patch, part: _Overlap, opacity: float, mode: int) -> None:
    (y, from_y), (u, from_u), (v, from_v) = _pair(ground.frame, patch.frame, part)
    below = None if ground.alpha is None else _cut(ground.alpha, part.x, part.y, part.width, part.height)
    above = None if patch.alpha is None else _cut(patch.alpha, part.patch_x, part.patch_y, part.width, part.height)
    blend_modes.blend_rows(
        mode,
        flat(y), flat(u), flat(v), y.strides[0], _chroma_stride(u, v),
        _NONE if below is None else flat(below), 0 if below is None else below.strides[0],
        flat(from_y), flat(from_u), flat(from_v), from_y.strides[0], _chroma_stride(from_u, from_v),
        _NONE if above is None else flat(above), 0 if above is None else above.strides[0],
        part.width, part.height, opacity,
    )  # fmt: skip


def _chroma_stride(u: Plane, v: Plane) -> int:
    """The bytes from row to row that both chroma planes share.

    Raises:
        ValueError: they differ.
    """
    if u.strides[0] != v.strides[0]:
        raise ValueError("both chroma planes must have rows of the same length in memory")
    return int(u.strides[0])
