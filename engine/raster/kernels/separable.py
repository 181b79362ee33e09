"""Resample one plane along both axes with ready-made taps and weights: the path without rotation.

The level is stored column by column, so the horizontal pass is a weighted sum of whole contiguous columns (no gather),
and what remains is one transposition of a tile that stays in the second-level cache. Measured per 1080p luma plane at
scale 1.4 and six taps, one thread: horizontal 0.9 ms, transposition 0.5 ms, vertical 0.7 ms; a row-major layout with a
gather in the horizontal pass takes 6 to 9 ms. Tiles of a strip of rows, small enough for the first-level cache, were
slower: what they save in traffic they lose in short loops.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit
from engine.raster.kernels.transpose import transpose

U64 = np.uint64
F32 = np.float32

LANES = 64
"""Output columns made at a time. More lanes mean fewer, longer runs; the tiles still fit the second-level cache."""


@jit
def _column(
    level: NDArray[np.uint16],
    first: int,
    top: int,
    weights: NDArray[np.float32],
    unroll: tuple[int, ...],
    out: NDArray[np.float32],
) -> None:
    for v in range(out.shape[0]):
        total = F32(0)
        for k in range(len(unroll)):
            total += weights[k] * F32(level[first + U64(k), top + U64(v)])
        out[v] = total


@jit
def resample_separable(
    level: NDArray[np.uint16],
    first_x: NDArray[np.uint64],
    weights_x: NDArray[np.float32],
    first_y: NDArray[np.uint64],
    weights_y: NDArray[np.float32],
    top: int,
    out: NDArray[np.uint8],
    stride: int,
    width: int,
    rows: int,
    columns: NDArray[np.float32],
    tile: NDArray[np.float32],
    unroll: tuple[int, ...],
) -> None:
    """Fill one plane.

    Args:
        level: (W, H) uint16, column by column: level[x, y].
        first_x, weights_x: (width,) and (width, taps): first level column and weights of each output column; the
            weights also turn the level's unit into code values.
        first_y, weights_y: (height,) and (height, taps): likewise for rows, first_y counted from ``top``.
        top: first level row that the frame touches.
        out: the plane's memory as one flat array, ``stride`` bytes a row.
        stride: bytes from row to row of ``out``.
        width: output columns, at least LANES.
        rows: how many level rows the frame touches.
        columns, tile: (LANES, n) and (n, LANES) scratch, n a multiple of transpose.SIDE and at least ``rows``.
        unroll: any tuple of ``taps`` integers: a tuple's length is part of its type, so LLVM knows the number of taps
            and unrolls the sums.
    """
    for block in range((width + LANES - 1) // LANES):
        x0 = U64(min(block * LANES, width - LANES))
        for lane in range(LANES):
            x = x0 + U64(lane)
            _column(level, first_x[x], U64(top), weights_x[x], unroll, columns[lane, :rows])
        transpose(columns, tile)
        for y in range(first_y.shape[0]):
            i = first_y[y]
            base = U64(y) * U64(stride) + x0
            for lane in range(LANES):
                total = F32(0.5)  # so that cutting the fraction rounds
                for k in range(len(unroll)):
                    total += weights_y[y, k] * tile[i + U64(k), lane]
                out[base + U64(lane)] = np.uint8(np.int32(min(max(total, F32(0)), F32(255.5))))
