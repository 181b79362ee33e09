"""From interleaved RGB to the sampler's planes: Y', Cb, Cr, stored column by column with a replicated border."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32

_BLOCK = 32  # pixels; 32 x 32 keeps both the rows read and the columns written in the first-level cache


@jit
def rgb_to_planes(
    rgb: NDArray[np.uint8],
    matrix: NDArray[np.float32],
    luma: NDArray[np.uint16],
    cb: NDArray[np.uint16],
    cr: NDArray[np.uint16],
    pad: int,
    first_row: int,
    last_row: int,
) -> None:
    """Convert rows [first_row, last_row) of an sRGB picture.

    Args:
        rgb: (H, W, 3) uint8.
        matrix: (3, 4) float32, :func:`engine.raster.color.ycbcr_matrix` in the planes' unit.
        luma: (W + 2 pad, H + 2 pad) uint16, column-major: luma[x + pad, y + pad]; the border is left alone.
        cb, cr: (ceil(W/2) + 2 pad, ceil(H/2) + 2 pad) uint16, likewise; each sample is the mean of 2 x 2 pixels.
        pad: border in samples.
        first_row, last_row: first_row is even; last_row is even or H.
    """
    height, width = rgb.shape[0], rgb.shape[1]
    half = F32(0.5)
    quarter = F32(0.25)
    for block_y in range(first_row, last_row, _BLOCK):
        end_y = min(block_y + _BLOCK, last_row)
        for block_x in range(0, width, _BLOCK):
            end_x = min(block_x + _BLOCK, width)
            for y in range(U64(block_y), U64(end_y)):
                for x in range(U64(block_x), U64(end_x)):
                    value = (
                        matrix[0, 0] * F32(rgb[y, x, 0])
                        + matrix[0, 1] * F32(rgb[y, x, 1])
                        + matrix[0, 2] * F32(rgb[y, x, 2])
                        + matrix[0, 3]
                    )
                    luma[x + U64(pad), y + U64(pad)] = np.uint16(np.int32(value + half))
            for y in range(U64(block_y // 2), U64((end_y + 1) // 2)):
                y0 = U64(2) * y
                y1 = min(y0 + U64(1), U64(height - 1))
                for x in range(U64(block_x // 2), U64((end_x + 1) // 2)):
                    x0 = U64(2) * x
                    x1 = min(x0 + U64(1), U64(width - 1))
                    r = quarter * F32(
                        np.int32(rgb[y0, x0, 0])
                        + np.int32(rgb[y0, x1, 0])
                        + np.int32(rgb[y1, x0, 0])
                        + np.int32(rgb[y1, x1, 0])
                    )
                    g = quarter * F32(
                        np.int32(rgb[y0, x0, 1])
                        + np.int32(rgb[y0, x1, 1])
                        + np.int32(rgb[y1, x0, 1])
                        + np.int32(rgb[y1, x1, 1])
                    )
                    b = quarter * F32(
                        np.int32(rgb[y0, x0, 2])
                        + np.int32(rgb[y0, x1, 2])
                        + np.int32(rgb[y1, x0, 2])
                        + np.int32(rgb[y1, x1, 2])
                    )
                    cb[x + U64(pad), y + U64(pad)] = np.uint16(
                        np.int32(matrix[1, 0] * r + matrix[1, 1] * g + matrix[1, 2] * b + matrix[1, 3] + half)
                    )
                    cr[x + U64(pad), y + U64(pad)] = np.uint16(
                        np.int32(matrix[2, 0] * r + matrix[2, 1] * g + matrix[2, 2] * b + matrix[2, 3] + half)
                    )


@jit
def _blend_row(a: NDArray[np.uint8], b: NDArray[np.uint8], weight: float) -> None:
    for i in range(a.shape[0]):
        left = F32(a[i])
        a[i] = np.uint8(np.int32(left + weight * (F32(b[i]) - left) + F32(0.5)))


@jit
def blend_rows(
    a: NDArray[np.uint8], a_stride: int, b: NDArray[np.uint8], b_stride: int, width: int, height: int, weight: float
) -> None:
    """a = (1 - weight) * a + weight * b, rounded: flat planes of ``height`` rows, ``stride`` bytes apart."""
    for y in range(height):
        _blend_row(a[y * a_stride : y * a_stride + width], b[y * b_stride : y * b_stride + width], F32(weight))
