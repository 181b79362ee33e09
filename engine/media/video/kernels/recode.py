# mypy: disallow-untyped-decorators=False
"""From Y'CbCr of any depth, range, matrix and subsampling to 8-bit 4:2:0 BT.709 limited range.

Matrices act on code values, so luma needs chroma at its own places (interpolated) and chroma needs no luma. Positions
are continuous luma pixels, centres at +0.5. All planes are row by row.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32

TAPS = 4
"""Of the chroma filter, along each axis."""


@jit
def _mixed_row(
    plane: NDArray[np.uint16], rows: NDArray[np.int64], weights: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """out = the weighted sum of a few rows of a plane."""
    for x in range(out.shape[0]):
        out[x] = F32(0)
    for k in range(rows.shape[0]):
        weight = weights[k]
        if weight != F32(0):
            row = plane[U64(rows[k])]
            for x in range(out.shape[0]):
                out[x] += weight * F32(row[x])


@jit
def recode_luma(
    y: NDArray[np.uint16],
    u: NDArray[np.uint16],
    v: NDArray[np.uint16],
    rows: NDArray[np.int64],
    row_weights: NDArray[np.float32],
    columns: NDArray[np.int64],
    column_weights: NDArray[np.float32],
    gains: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """out = gains[0] Y + gains[1] Cb + gains[2] Cr + gains[3], rounded and clipped.

    Args:
        y: (H, W).
        u, v: the chroma planes.
        rows, row_weights: (H, 2): which two chroma rows make the chroma of a luma row.
        columns, column_weights: (W, 2): likewise for columns.
        gains: (4,).
        out: (H or H + 1, W or W + 1): a further row or column repeats the last one.
    """
    height, width = y.shape
    crossed = gains[1] != F32(0) or gains[2] != F32(0)
    half = U64(u.shape[1])
    cb = np.zeros(half, F32)
    cr = np.zeros(half, F32)
    line = np.empty(width, F32)
    offset = gains[3] + F32(0.5)
    for i in range(out.shape[0]):
        source = U64(min(i, height - 1))
        row = y[source]
        for x in range(width):
            line[x] = gains[0] * F32(row[x]) + offset
        if crossed:
            _mixed_row(u, rows[source], row_weights[source], cb)
            _mixed_row(v, rows[source], row_weights[source], cr)
            for x in range(half):
                cb[x] = gains[1] * cb[x] + gains[2] * cr[x]
            for x in range(width):
                line[x] += column_weights[x, 0] * cb[U64(columns[x, 0])] + column_weights[x, 1] * cb[U64(columns[x, 1])]
        target = out[U64(i)]
        for x in range(width):
            target[x] = np.uint8(np.int32(min(max(line[x], F32(0)), F32(255.5))))
        for x in range(width, out.shape[1]):
            target[U64(x)] = target[U64(width - 1)]


@jit
def recode_chroma(
    u: NDArray[np.uint16],
    v: NDArray[np.uint16],
    rows: NDArray[np.int64],
    row_weights: NDArray[np.float32],
    columns: NDArray[np.int64],
    column_weights: NDArray[np.float32],
    gains: NDArray[np.float32],
    out_u: NDArray[np.uint8],
    out_v: NDArray[np.uint8],
) -> None:
    """Filter both chroma planes to 4:2:0 and multiply by gains (2, 3): from Cb, Cr, 1 to Cb, Cr.

    Args:
        u, v: the chroma planes.
        rows, row_weights: (H', TAPS): which rows make an output row.
        columns, column_weights: (W', TAPS): likewise for columns.
        gains: (2, 3).
        out_u, out_v: (H', W').
    """
    cb = np.zeros(u.shape[1], F32)
    cr = np.zeros(u.shape[1], F32)
    for i in range(out_u.shape[0]):
        _mixed_row(u, rows[U64(i)], row_weights[U64(i)], cb)
        _mixed_row(v, rows[U64(i)], row_weights[U64(i)], cr)
        for x in range(out_u.shape[1]):
            a, b = F32(0), F32(0)
            for k in range(TAPS):
                at = U64(columns[U64(x), k])
                a += column_weights[U64(x), k] * cb[at]
                b += column_weights[U64(x), k] * cr[at]
            first = gains[0, 0] * a + gains[0, 1] * b + gains[0, 2] + F32(0.5)
            second = gains[1, 0] * a + gains[1, 1] * b + gains[1, 2] + F32(0.5)
            out_u[U64(i), U64(x)] = np.uint8(np.int32(min(max(first, F32(0)), F32(255.5))))
            out_v[U64(i), U64(x)] = np.uint8(np.int32(min(max(second, F32(0)), F32(255.5))))


@jit
def rgb_to_444(rgb: NDArray[np.uint8], matrix: NDArray[np.float32], planes: NDArray[np.uint16]) -> None:
    """Write Y, Cb, Cr of every pixel.

    Args:
        rgb: (H, W, 3 or more) uint8 or uint16.
        matrix: (3, 4): from R, G, B, 1 to what the planes hold.
        planes: (3, H, W) uint16.
    """
    height, width = rgb.shape[0], rgb.shape[1]
    for y in range(U64(height)):
        for x in range(U64(width)):
            r, g, b = F32(rgb[y, x, 0]), F32(rgb[y, x, 1]), F32(rgb[y, x, 2])
            for c in range(U64(3)):
                value = matrix[c, 0] * r + matrix[c, 1] * g + matrix[c, 2] * b + matrix[c, 3] + F32(0.5)
                planes[c, y, x] = np.uint16(np.int32(min(max(value, F32(0)), F32(65535))))
