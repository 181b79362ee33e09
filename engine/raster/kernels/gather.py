"""Look a plane up at any points, one by one: for pictures that no straight lines map onto each other."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32

BLOCK = 32
"""Columns of a frame made together: planes lie column by column, so a block's samples stay in the first-level cache."""


@jit
def gather(
    plane: NDArray[np.uint16],
    points: NDArray[np.float32],
    ratio: tuple[float, float],
    pad: int,
    reach: float,
    weights: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """Fill a plane with what another shows around the given points.

    Args:
        plane: (W, H) uint16, column by column, border included; beyond it the nearest samples are read.
        points: (h, w, 2) float32: x and y in photo pixels.
        ratio: samples of the plane per photo pixel, along x and y.
        pad: border of the plane in samples.
        reach: half the kernel's width, plus a half, in samples.
        weights: (phases + 1, taps) of :func:`engine.raster.kernels.rotated.phase_table` for one lane, the plane's unit
            divided out of one of them: the weight of a sample is the product of its row's and its column's.
        out: (h, w) uint8 code values.
    """
    phases, taps = F32(weights.shape[0] - 1), weights.shape[1]
    height, width = out.shape
    gain = F32(1) / F32(256)
    for block in range(0, width, BLOCK):
        for y in range(height):
            for x in range(block, min(block + BLOCK, width)):
                u = points[y, x, 0] * ratio[0] + (pad - reach)
                v = points[y, x, 1] * ratio[1] + (pad - reach)
                left, top = np.floor(u), np.floor(v)
                row_u = weights[U64((u - left) * phases + 0.5)]
                row_v = weights[U64((v - top) * phases + 0.5)]
                i = U64(min(max(np.int64(left) + 1, 0), plane.shape[0] - taps))
                j = U64(min(max(np.int64(top) + 1, 0), plane.shape[1] - taps))
                total = F32(0)
                for a in range(taps):
                    column = plane[i + U64(a)]
                    inner = F32(0)
                    for b in range(taps):
                        inner += row_v[b] * F32(column[j + U64(b)])
                    total += row_u[a] * inner
                out[y, x] = np.uint8(np.int32(min(max(gain * total, F32(0)), F32(255)) + F32(0.5)))
