"""Resample one plane under a rotation: two passes whose position differs from lane to lane.

The affine map from frame to level, u = a x + b y + u0 and v = c x + d y + v0, is taken apart as Catmull & Smith (1980)
do: first along level rows (u as a function of the output column x and the *level* row v), then along columns. Angles
stay below 45 degrees: beyond, the first pass would squeeze too much.

Neighbouring lanes of a vector are a constant fraction of a sample apart, so the weights of a whole vector depend on one
number only: where its first lane stands between two samples. They are tabulated once per frame for PHASES such
positions, which places samples within 1/4096 px: no coarser than a float32 coordinate in a photo of 4096 px.
Evaluating the kernel for every sample instead takes four to five times as long.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32

LANES = 32
"""Output columns made at a time."""

CHUNK = 16
"""Level rows that share a first tap in the horizontal pass."""

PHASES = 2048
"""Tabulated positions between two samples."""


@jit
def phase_table(
    offsets: NDArray[np.float64], stretch: float, poly: NDArray[np.float64], out: NDArray[np.float32]
) -> None:
    """Weights of a vector of lanes for every phase.

    Args:
        offsets: (lanes,) position of each lane minus that of the vector, level samples.
        stretch: kernel stretch, level samples, >= 1.
        poly: the kernel's polynomial of :mod:`engine.raster.filters`, nine ascending powers of the squared
            distance, zero where that is 4.
        out: (PHASES + 1, taps, lanes) float32 to fill; the sum over taps is 1 for each phase and lane. With
            taps >= 4 stretch + (largest - smallest offset) every lane finds its whole support.
    """
    phases, taps, lanes = out.shape
    smallest = offsets.min()
    norm = np.empty(lanes, np.float64)
    for p in range(phases):
        start = 1.0 - p / (phases - 1.0) + smallest - 2.0 * stretch
        norm[:] = 0.0
        for k in range(taps):
            for lane in range(lanes):
                distance = (start + k - offsets[lane]) / stretch
                u = min(distance * distance, 4.0)
                weight = poly[8]
                weight = weight * u + poly[7]
                weight = weight * u + poly[6]
                weight = weight * u + poly[5]
                weight = weight * u + poly[4]
                weight = weight * u + poly[3]
                weight = weight * u + poly[2]
                weight = weight * u + poly[1]
                weight = weight * u + poly[0]
                out[p, k, lane] = weight
                norm[lane] += weight
        for lane in range(lanes):
            norm[lane] = 1.0 / norm[lane]
        for k in range(taps):
            for lane in range(lanes):
                out[p, k, lane] *= F32(norm[lane])


@jit
def _sheared_column(
    level: NDArray[np.uint16],
    start: float,
    shear: float,
    top: int,
    reach: float,
    weights: NDArray[np.float32],
    unroll: tuple[int, ...],
    out: NDArray[np.float32],
) -> None:
    """out[v] = level filtered along u around start + shear * v, on level row top + v."""
    count = out.shape[0]
    last = level.shape[0] - len(unroll)
    for chunk in range((count + CHUNK - 1) // CHUNK):
        v0 = min(chunk * CHUNK, count - CHUNK)
        z = start + shear * v0 - reach
        whole = np.int64(np.floor(z))
        phase = U64(np.int64((z - whole) * PHASES + 0.5))
        # Rows just outside the frame may lie outside the level too: nobody reads them, but the memory must be ours.
        first = U64(min(max(whole + 1, 0), last))
        row = U64(top + v0)
        for lane in range(CHUNK):
            total = F32(0)
            for k in range(len(unroll)):
                total += weights[phase, U64(k), U64(lane)] * F32(level[first + U64(k), row + U64(lane)])
            out[U64(v0) + U64(lane)] = total


@jit
def resample_rotated(
    level: NDArray[np.uint16],
    column_start: NDArray[np.float64],
    shear: float,
    column_reach: float,
    column_weights: NDArray[np.float32],
    row_start: NDArray[np.float64],
    lane_shift: float,
    row_reach: float,
    row_weights: NDArray[np.float32],
    out: NDArray[np.uint8],
    stride: int,
    width: int,
    columns: NDArray[np.float32],
    tile: NDArray[np.float32],
    unroll_x: tuple[int, ...],
    unroll_y: tuple[int, ...],
) -> None:
    """Fill one plane.

    Args:
        level: (W, H) uint16, column by column: level[u, v].
        column_start: (width,) level position u of each output column x on the middle of level row 0.
        shear: change of that position per level row.
        column_reach, row_reach: 0.5 + 2 stretch - smallest offset, of the two passes.
        column_weights: (PHASES + 1, taps, CHUNK), offsets shear * lane; it also turns the level's unit
            into code values.
        row_start: (height,) level position v of each output row at output column 0.
        lane_shift: change of that position per output column.
        row_weights: (PHASES + 1, taps, LANES), offsets the fractional part of lane_shift * lane.
        out, stride, width: see :func:`engine.raster.kernels.separable.resample_separable`.
        columns, tile: (LANES, n) and (n, LANES) scratch; n >= the level rows that LANES output columns touch.
        unroll_x, unroll_y: tuples of as many integers as the two passes have taps.
    """
    rows = columns.shape[1]
    for block in range((width + LANES - 1) // LANES):
        x0 = min(block * LANES, width - LANES)
        block_start = row_start[0] + lane_shift * x0
        lowest = np.int64(np.floor(block_start - row_reach + min(0.0, lane_shift * (LANES - 1))))
        top = min(max(int(lowest), 0), level.shape[1] - rows)
        for lane in range(LANES):
            start = column_start[x0 + lane] + shear * np.float64(top)
            _sheared_column(level, start, shear, top, column_reach, column_weights, unroll_x, columns[lane])
            # The whole-sample part of a lane's shift goes into the transposition, the rest is in its weights.
            shift = np.int64(np.floor(lane_shift * lane))
            for v in range(rows):
                tile[U64(v), U64(lane)] = columns[U64(lane), U64(min(max(v + shift, 0), rows - 1))]
        for y in range(row_start.shape[0]):
            z = row_start[y] + lane_shift * x0 - top - row_reach
            whole = np.int64(np.floor(z))
            phase = U64(np.int64((z - whole) * PHASES + 0.5))
            first = U64(min(max(whole + 1, 0), rows - len(unroll_y)))
            base = U64(y) * U64(stride) + U64(x0)
            for lane in range(LANES):
                total = F32(0)
                for k in range(len(unroll_y)):
                    total += row_weights[phase, U64(k), U64(lane)] * tile[first + U64(k), U64(lane)]
                out[base + U64(lane)] = np.uint8(np.int32(min(max(total, F32(0)), F32(255)) + F32(0.5)))
