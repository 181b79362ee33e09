"""The CPU sampler: compiled two-pass resampling, one frame a thread."""

import threading
from math import ceil

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.raster.filters import KERNEL_COEFFICIENTS, RADIUS, axis_table, tap_count
from engine.raster.kernels.rotated import CHUNK, PHASES, phase_table, resample_rotated
from engine.raster.kernels.rotated import LANES as ROTATED_LANES
from engine.raster.kernels.separable import LANES, resample_separable
from engine.raster.kernels.transpose import SIDE
from engine.raster.levels import PAD, UNITS, Level, LevelPlane, choose_level
from engine.raster.mapping import PlaneMap, plane_map
from engine.raster.memory import flat


class CpuSampler:
    """See :class:`engine.raster.sampler.Sampler`.

    Args:
        levels: finest first, from :func:`engine.raster.levels.build_levels`.
    """

    def __init__(self, levels: list[Level]) -> None:
        self.levels = levels
        self._scratch = _Scratch()
        self._tables = _PhaseTables()

    def render(self, view: View, frame: YuvFrame) -> None:
        """Write the view into the frame's planes; view.angle within 45 degrees."""
        level = choose_level(self.levels, view.scale)
        size = (frame.width, frame.height)
        luma = plane_map(view, size, level.ratio, PAD, chroma=False)
        chroma = plane_map(view, size, level.ratio, PAD, chroma=True)
        self._fill(luma, [(level.y, frame.y)])
        self._fill(chroma, [(level.u, frame.u), (level.v, frame.v)])

    def render_luma(self, view: View, out: Plane) -> None:
        """Write the view's luma alone into a plane of even size; see ``engine.raster.levels.alpha_planes``."""
        level = choose_level(self.levels, view.scale)
        height, width = out.shape
        self._fill(plane_map(view, (width, height), level.ratio, PAD, chroma=False), [(level.y, out)])

    def _fill(self, plane: PlaneMap, targets: list[tuple[LevelPlane, Plane]]) -> None:
        width = targets[0][1].shape[1]
        if width < LANES:
            # Narrower than one block of lanes: sample a block's width and keep what is asked for.
            wide = [np.empty((out.shape[0], LANES), np.uint8) for _, out in targets]
            self._fill(plane, [(source, out) for (source, _), out in zip(targets, wide, strict=True)])
            for (_, out), padded in zip(targets, wide, strict=True):
                out[:] = padded[:, :width]
        elif plane.rotated:
            self._fill_rotated(plane, targets)
        else:
            self._fill_separable(plane, targets)

    def _fill_separable(self, plane: PlaneMap, targets: list[tuple[LevelPlane, Plane]]) -> None:
        source, out = targets[0]
        height, width = out.shape
        taps = tap_count(plane.a)
        first_x, weights_x = axis_table(plane.u0, plane.a, width, taps, source.shape[0])
        first_y, weights_y = axis_table(plane.v0, plane.d, height, taps, source.shape[1])
        top = int(first_y[0])
        weights_x *= np.float32(1 / UNITS)
        rows = int(first_y[-1]) + taps - top
        columns, tile = self._scratch.get(LANES, ceil(rows / SIDE) * SIDE)
        for source, out in targets:
            resample_separable(
                source,
                first_x.astype(np.uint64),
                weights_x,
                (first_y - top).astype(np.uint64),
                weights_y,
                top,
                flat(out),
                out.strides[0],
                width,
                rows,
                columns,
                tile,
                (0,) * taps,
            )

    def _fill_rotated(self, plane: PlaneMap, targets: list[tuple[LevelPlane, Plane]]) -> None:
        source, out = targets[0]
        height, width = out.shape
        # Solve v = c i + d j + v0 for j and put it into u: u as a function of the output column and the level row.
        shear = plane.b / plane.d
        column_step = plane.a - shear * plane.c
        column_start = plane.u0 - shear * plane.v0 + column_step * np.arange(width) + shear * 0.5
        row_start = plane.v0 + plane.d * np.arange(height)
        # Luma and chroma of a frame have the same steps, so they share their tables.
        column_reach, column_weights = self._tables.get(
            0, shear * np.arange(CHUNK, dtype=np.float64), column_step, 1 / UNITS
        )
        shifts = plane.c * np.arange(ROTATED_LANES, dtype=np.float64)
        row_reach, row_weights = self._tables.get(1, shifts - np.floor(shifts), plane.d, 1.0)
        rows = ceil(row_start[-1] - row_start[0] + abs(plane.c) * ROTATED_LANES) + row_weights.shape[1] + 3
        columns, tile = self._scratch.get(ROTATED_LANES, min(max(rows, CHUNK), source.shape[1]))
        for source, out in targets:
            resample_rotated(
                source,
                column_start,
                shear,
                column_reach,
                column_weights,
                row_start,
                plane.c,
                row_reach,
                row_weights,
                flat(out),
                out.strides[0],
                width,
                columns,
                tile,
                (0,) * column_weights.shape[1],
                (0,) * row_weights.shape[1],
            )


class _PhaseTables(threading.local):
    """The last weight table of each pass, per thread."""

    def __init__(self) -> None:
        self.entries: dict[int, tuple[tuple[float, bytes], float, NDArray[np.float32]]] = {}

    def get(
        self, axis: int, offsets: NDArray[np.float64], step: float, gain: float
    ) -> tuple[float, NDArray[np.float32]]:
        """Reach and weights of a pass; see :func:`engine.raster.kernels.rotated.phase_table`."""
        key = (step, offsets.tobytes())
        if axis in self.entries and self.entries[axis][0] == key:
            return self.entries[axis][1:]
        stretch = max(1.0, step)
        taps = ceil(2 * RADIUS * stretch + float(np.ptp(offsets)))
        # Each number of taps is compiled on its own: even numbers only, and few machines ever wait for one.
        taps += taps % 2
        weights = np.empty((PHASES + 1, taps, len(offsets)), np.float32)
        phase_table(offsets, stretch, KERNEL_COEFFICIENTS, weights)
        weights *= np.float32(gain)
        self.entries[axis] = (key, 0.5 + RADIUS * stretch - float(offsets.min()), weights)
        return self.entries[axis][1:]


class _Scratch(threading.local):
    """The two tiles that a thread works in, kept from frame to frame."""

    def __init__(self) -> None:
        self.columns: NDArray[np.float32] = np.empty(0, np.float32)
        self.tile: NDArray[np.float32] = np.empty(0, np.float32)

    def get(self, lanes: int, rows: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(lanes, rows) and (rows, lanes), uninitialised."""
        size = lanes * rows
        if size > self.columns.size:
            self.columns, self.tile = np.empty(size, np.float32), np.empty(size, np.float32)
        return self.columns[:size].reshape(lanes, rows), self.tile[:size].reshape(rows, lanes)
