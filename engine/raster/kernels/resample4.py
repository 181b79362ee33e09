"""Resample planes along both axes with four taps: what is enlarged (zooms, blurred pictures).

The separable sampler of the photos works on levels that are prepared once a photo; these planes are new in every frame.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32

TAPS = 4


@jit
def resample4(
    source: NDArray[np.float32],
    first_x: NDArray[np.int64],
    weights_x: NDArray[np.float32],
    first_y: NDArray[np.int64],
    weights_y: NDArray[np.float32],
    share: float,
    out: NDArray[np.uint8],
    row: NDArray[np.float32],
) -> None:
    """Fill a plane, or mix it with what is in it: out += share * (resampled - out).

    Args:
        source: (h, w) uint8 or float32 code values; beyond the edges they are repeated.
        first_x, weights_x: (W,) and (W, 4): first source column, at least -4 and at most w, and weights.
        first_y, weights_y: (H,) and (H, 4): likewise for rows.
        share: 0..1; 1 does not read ``out``.
        out: (H, W) uint8, rows may be padded.
        row: (w + 16,) scratch.
    """
    height, width = source.shape
    last = height - 1
    pad = 8
    for y in range(out.shape[0]):
        top = first_y[y]
        w0, w1, w2, w3 = weights_y[y, 0], weights_y[y, 1], weights_y[y, 2], weights_y[y, 3]
        r0 = source[U64(min(max(top, 0), last))]
        r1 = source[U64(min(max(top + 1, 0), last))]
        r2 = source[U64(min(max(top + 2, 0), last))]
        r3 = source[U64(min(max(top + 3, 0), last))]
        inner = row[pad : pad + width]
        for x in range(width):
            inner[x] = w0 * F32(r0[x]) + w1 * F32(r1[x]) + w2 * F32(r2[x]) + w3 * F32(r3[x])
        for k in range(pad):
            row[k] = row[pad]
            row[pad + width + k] = row[pad + width - 1]
        for x in range(out.shape[1]):
            at = U64(first_x[x] + pad)
            value = (
                weights_x[x, 0] * row[at]
                + weights_x[x, 1] * row[at + U64(1)]
                + weights_x[x, 2] * row[at + U64(2)]
                + weights_x[x, 3] * row[at + U64(3)]
            )
            value = min(max(value, F32(0)), F32(255))
            if share < F32(1):
                old = F32(out[y, x])
                value = old + F32(share) * (value - old)
            out[y, x] = np.uint8(I32(value + F32(0.5)))
