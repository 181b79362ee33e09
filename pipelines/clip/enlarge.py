# mypy: disallow-untyped-decorators=False
"""A small smooth picture, enlarged by far: compiled, because the bars beside a clip change with every frame."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32


@jit
def enlarge(
    small: NDArray[np.float32],
    matrix: NDArray[np.float64],
    noise: NDArray[np.float32],
    out: NDArray[np.uint8],
    hole: tuple[int, int, int, int],
) -> None:
    """Bilinear interpolation plus noise of one code value, so that a smooth surface shows no steps.

    Args:
        small: (h, w) code values; beyond its edges they go on.
        matrix: (2, 3): output sample (i, j) reads small sample matrix @ (i, j, 1), sample k centred at k.
        noise: (n, m) of 0..1, repeated; n and m are powers of two.
        out: (H, W), filled but for the hole; rows contiguous.
        hole: left, top, right, bottom in samples: left as it is.
    """
    last_x, last_y = F32(small.shape[1] - 1), F32(small.shape[0] - 1)
    left, top, right, bottom = hole
    step_x, step_y = F32(matrix[0, 0]), F32(matrix[1, 0])
    mask_y, mask_x = U64(noise.shape[0] - 1), U64(noise.shape[1] - 1)
    for j in range(out.shape[0]):
        inside = top <= j < bottom
        start_x, start_y = F32(matrix[0, 1] * j + matrix[0, 2]), F32(matrix[1, 1] * j + matrix[1, 2])
        row, grain = out[U64(j)], noise[U64(j) & mask_y]
        for part in range(2 if inside else 1):
            begin = right if part == 1 else 0
            end = left if inside and part == 0 else out.shape[1]
            for i in range(begin, end):
                x = min(max(start_x + step_x * F32(i), F32(0)), last_x)
                y = min(max(start_y + step_y * F32(i), F32(0)), last_y)
                x0, y0 = np.int32(x), np.int32(y)
                a, b = x - F32(x0), y - F32(y0)
                x1, y1 = U64(min(x0 + 1, np.int32(last_x))), U64(min(y0 + 1, np.int32(last_y)))
                over, under = small[U64(y0)], small[y1]
                high = over[U64(x0)] + a * (over[x1] - over[U64(x0)])
                low = under[U64(x0)] + a * (under[x1] - under[U64(x0)])
                value = high + b * (low - high) + grain[U64(i) & mask_x]
                row[U64(i)] = np.uint8(np.int32(min(max(value, F32(0)), F32(255))))
