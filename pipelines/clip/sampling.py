"""One picture of a clip through a view: the kernels of the photo sampler, without its levels.

A photo is shrunk once and then sampled hundreds of times; a picture of a clip is sampled once. So the per-frame kernel
(a Kaiser-windowed sinc of radius 2, stretched to the local scale) reads the picture itself. What lies beside the
picture repeats its edge. A view that hits pixels exactly copies them.

Chroma sample (i, j) of a picture and of a frame lies at luma position (2i + 0.5, 2j + 1), see
:mod:`engine.core.frames`; a chroma plane is sampled as a picture of its own, whose continuous coordinates are
(x / 2 + 0.25, y / 2).
"""

import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, cos, floor, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.media.video import VideoPicture
from engine.raster.cpu_sampler import CpuSampler
from engine.raster.filters import KERNEL_COEFFICIENTS, RADIUS, tap_count
from engine.raster.kernels.separable import LANES, resample_separable
from engine.raster.kernels.transpose import SIDE
from engine.raster.levels import PAD, UNITS, Level
from engine.raster.memory import flat

MAX_STEP = 4.0
"""Picture pixels per frame pixel that one pass reaches; beyond, whole blocks are averaged first."""

MAX_BLOCK = 64
"""Pixels along a side of such a block: what is smaller still on the canvas is averaged again."""

ON_PIXEL = 1e-9
"""Pixels: a view is on the grid when it is so near."""

TAP_COUNTS = (4, 6, 8, 12, 16)
"""Each number of taps is compiled on its own, so few are used."""

AxisTable = tuple[int, int, NDArray[np.uint64], NDArray[np.float32]]
"""First sample and number of samples read, first tap of each output sample from there, and weights."""


@dataclass(frozen=True, slots=True)
class _PlaneView:
    """Output sample (i, j) shows the plane at x + scale R(angle) (i + 0.5 - w / 2, ...), continuous samples."""

    x: float
    y: float
    scale: float
    angle: float


def sample(picture: VideoPicture, view: View, frame: YuvFrame, alpha: Plane | None) -> None:
    """Fill a frame with what a view shows of a picture.

    Args:
        picture: the picture.
        view: in its pixels.
        frame: filled.
        alpha: filled with the picture's alpha, 255 where it has none; shape of ``frame.y``; None is not wanted.
    """
    source = picture.frame
    opaque = alpha is None or picture.alpha is None
    if alpha is not None and picture.alpha is None:
        alpha[:] = 255
    corner = _corner_on_grid(view, frame, source)
    if corner is not None:
        x, y = corner
        frame.y[:] = source.y[y : y + frame.height, x : x + frame.width]
        for ours, theirs in ((frame.u, source.u), (frame.v, source.v)):
            ours[:] = theirs[y // 2 : (y + frame.height) // 2, x // 2 : (x + frame.width) // 2]
        if alpha is not None and picture.alpha is not None:
            alpha[:] = picture.alpha[y : y + frame.height, x : x + frame.width]
        return
    luma = _PlaneView(view.x, view.y, view.scale, view.angle)
    turn_x, turn_y = cos(view.angle), sin(view.angle)
    chroma = _PlaneView(
        view.x / 2 + 0.25 - 0.25 * view.scale * turn_x, view.y / 2 - 0.25 * view.scale * turn_y, view.scale, view.angle
    )
    _sample_plane(source.y, luma, frame.y)
    _sample_plane(source.u, chroma, frame.u)
    _sample_plane(source.v, chroma, frame.v)
    if not opaque and alpha is not None and picture.alpha is not None:
        _sample_plane(picture.alpha, luma, alpha)


def _corner_on_grid(view: View, frame: YuvFrame, source: YuvFrame) -> tuple[int, int] | None:
    """The picture's pixel at the frame's top left, where every frame pixel is a picture pixel and chroma meets."""
    if abs(view.scale - 1) * max(frame.width, frame.height) > ON_PIXEL or view.angle != 0:
        return None
    x, y = view.x - frame.width / 2, view.y - frame.height / 2
    left, top = round(x), round(y)
    if abs(x - left) > ON_PIXEL or abs(y - top) > ON_PIXEL or left % 2 or top % 2:
        return None
    if not (0 <= left <= source.width - frame.width and 0 <= top <= source.height - frame.height):
        return None
    return left, top


def _sample_plane(plane: Plane, view: _PlaneView, out: Plane) -> None:
    while view.scale > MAX_STEP and max(plane.shape) > 1:
        plane, view = _averaged(plane, view)
    if view.scale > MAX_STEP:
        view = replace(view, scale=MAX_STEP)  # one colour, from however far
    if view.angle == 0:
        _sample_upright(plane, view, out)
    else:
        _sample_rotated(plane, view, out)


def _averaged(plane: Plane, view: _PlaneView) -> tuple[Plane, _PlaneView]:
    import cv2

    block = min(ceil(view.scale / MAX_STEP), MAX_BLOCK)
    height, width = plane.shape
    padded = cv2.copyMakeBorder(
        np.ascontiguousarray(plane), 0, -height % block, 0, -width % block, cv2.BORDER_REPLICATE
    )
    size = (padded.shape[1] // block, padded.shape[0] // block)
    small = np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, _PlaneView(view.x / block, view.y / block, view.scale / block, view.angle)


@lru_cache(maxsize=64)
def axis_table(origin: float, step: float, count: int, size: int) -> AxisTable:
    """Taps and weights of ``count`` output samples along one axis of ``size`` samples; sample j reads around
    ``origin + j * step``. Positions far outside are drawn to where nothing but the edge is seen.
    """
    stretch = max(1.0, step)
    needed = tap_count(step)
    taps = next((t for t in TAP_COUNTS if t >= needed), needed)
    reach = RADIUS * stretch + 1
    position = np.clip(origin + step * np.arange(count), -reach, size + reach)
    first = np.floor(position - 0.5 - RADIUS * stretch).astype(np.int64) + 1
    distance = (first[:, None] + np.arange(taps) + 0.5 - position[:, None]) / stretch
    u = np.minimum(distance * distance, RADIUS * RADIUS)
    weights = np.polynomial.polynomial.polyval(u, KERNEL_COEFFICIENTS)
    weights /= weights.sum(1, keepdims=True)
    start = int(first.min())
    length = int(first.max()) + taps - start
    return start, length, (first - start).astype(np.uint64), weights.astype(np.float32)


class _Scratch(threading.local):
    """Memory that a thread keeps from plane to plane."""

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def get(self, name: str, shape: tuple[int, int], kind: type[np.generic]) -> NDArray[Any]:
        """Uninitialised."""
        size = shape[0] * shape[1]
        if name not in self._held or self._held[name].size < size:
            self._held[name] = np.empty(size, kind)
        return self._held[name][:size].reshape(shape)


_scratch = _Scratch()


def _columns_of(plane: Plane, left: int, top: int, width: int, height: int) -> NDArray[np.uint16]:
    """A part of a plane, column by column, uint16; beyond the edges it repeats them."""
    import cv2

    # A part that lies wholly outside shows the nearest edge: as if it touched it by one sample.
    left = min(max(left, 1 - width), plane.shape[1] - 1)
    top = min(max(top, 1 - height), plane.shape[0] - 1)
    x0, x1 = max(left, 0), min(left + width, plane.shape[1])
    y0, y1 = max(top, 0), min(top + height, plane.shape[0])
    turned = cv2.transpose(plane[y0:y1, x0:x1])
    out = _scratch.get("level", (width, height), np.uint16)
    before_x, before_y = x0 - left, y0 - top
    inner = out[before_x : before_x + x1 - x0, before_y : before_y + y1 - y0]
    inner[:] = turned
    out[before_x : before_x + x1 - x0, :before_y] = inner[:, :1]
    out[before_x : before_x + x1 - x0, before_y + y1 - y0 :] = inner[:, -1:]
    out[:before_x] = out[before_x]
    out[before_x + x1 - x0 :] = out[before_x + x1 - x0 - 1]
    return out


def _sample_upright(plane: Plane, view: _PlaneView, out: Plane) -> None:
    height, width = out.shape
    if width < LANES:
        wide = np.empty((height, LANES), np.uint8)
        shift = (LANES - width) / 2 * view.scale
        _sample_upright(plane, _PlaneView(view.x + shift, view.y, view.scale, 0.0), wide)
        out[:] = wide[:, :width]
        return
    step = view.scale
    left, columns, first_x, weights_x = axis_table(view.x + step * (0.5 - width / 2), step, width, plane.shape[1])
    top, rows, first_y, weights_y = axis_table(view.y + step * (0.5 - height / 2), step, height, plane.shape[0])
    level = _columns_of(plane, left, top, columns, rows)
    side = ceil(rows / SIDE) * SIDE
    taps = (0,) * weights_x.shape[1]
    resample_separable(
        level,
        first_x,
        weights_x,
        first_y,
        weights_y,
        0,
        flat(out),
        out.strides[0],
        width,
        rows,
        _scratch.get("columns", (LANES, side), np.float32),
        _scratch.get("tile", (side, LANES), np.float32),
        taps,
    )


def _sample_rotated(plane: Plane, view: _PlaneView, out: Plane) -> None:
    """Through the photo sampler, which turns by up to 45 degrees: the rest is done in quarter turns of the plane."""
    quarters = round(view.angle / (pi / 2))
    x, y = view.x, view.y
    for _ in range(quarters % 4):
        plane, x, y = np.rot90(plane), y, plane.shape[1] - x
    turned = View(x, y, view.scale, view.angle - quarters * pi / 2)
    half_width, half_height = turned.half_extent(out.shape[1], out.shape[0])
    left, top = floor(x - half_width) - PAD, floor(y - half_height) - PAD
    width, height = ceil(x + half_width) + PAD - left, ceil(y + half_height) + PAD - top
    level = _columns_of(np.ascontiguousarray(plane), left, top, width, height) * np.uint16(UNITS)
    empty = np.empty((0, 0), np.uint16)
    # The level's border of PAD samples is part of the piece that was cut out.
    moved = View(x - left - PAD, y - top - PAD, view.scale, turned.angle)
    CpuSampler([Level(1.0, level, empty, empty)]).render_luma(moved, out)
