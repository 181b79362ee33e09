"""Shrink one plane with a long filter: run once per photo and level, not per frame."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32

LANES = 32


@jit
def _accumulate(source: NDArray[np.uint16], weight: float, out: NDArray[np.float32]) -> None:
    for v in range(out.shape[0]):
        out[v] += F32(weight) * F32(source[v])


@jit
def resample_columns(
    plane: NDArray[np.uint16],
    first_x: NDArray[np.uint64],
    weights_x: NDArray[np.float32],
    first_y: NDArray[np.uint64],
    weights_y: NDArray[np.float32],
    out: NDArray[np.uint16],
    pad: int,
    first_block: int,
    last_block: int,
) -> None:
    """Fill blocks [first_block, last_block) of LANES columns of a smaller plane.

    Args:
        plane: (W, H) uint16, column by column.
        first_x, weights_x: (w,) and (w, taps): first input column and weights of each output column.
        first_y, weights_y: (h,) and (h, taps): likewise for rows.
        out: (w + 2 pad, h + 2 pad) uint16, column by column; the border is left alone.
        pad: border in samples.
        first_block, last_block: which columns, in units of LANES.
    """
    width = first_x.shape[0]
    rows = plane.shape[1]
    columns = np.zeros((LANES, rows), F32)
    tile = np.zeros((rows, LANES), F32)
    total = np.zeros(LANES, F32)
    for block in range(first_block, last_block):
        lanes = min(LANES, width - block * LANES)
        x0 = U64(block * LANES)
        for lane in range(lanes):
            x = x0 + U64(lane)
            columns[lane] = F32(0)
            for k in range(weights_x.shape[1]):
                _accumulate(plane[first_x[x] + U64(k)], weights_x[x, k], columns[lane])
        for v in range(rows):
            for lane in range(LANES):
                tile[v, lane] = columns[lane, v]
        for y in range(first_y.shape[0]):
            for lane in range(LANES):
                total[lane] = F32(0)
            for k in range(weights_y.shape[1]):
                w = weights_y[y, k]
                row = first_y[y] + U64(k)
                for lane in range(LANES):
                    total[lane] += w * tile[row, lane]
            for lane in range(lanes):
                value = min(max(total[lane], F32(0)), F32(65535)) + F32(0.5)
                out[x0 + U64(lane) + U64(pad), U64(y) + U64(pad)] = np.uint16(np.int32(value))
