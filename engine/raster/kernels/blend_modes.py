"""Blend modes: the colours of two layers mixed channel by channel in R'G'B' code values, 2 x 2 pixels at a time.

W3C, Compositing and Blending Level 1: general formula and blend modes; ``add`` is the sum, cut off at white. What a
mode changes is computed in R'G'B' inside the range 0..1 and *added* to the backdrop's Y'CbCr, so that a neutral source
(white under ``multiply``, black under ``screen``) changes nothing at all, not even where the backdrop's Y'CbCr lies
outside of R'G'B'.

The four pixels of a block share its chroma sample; the sample changes by the mean of what its pixels change by.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32

MULTIPLY, SCREEN, OVERLAY, ADD, DARKEN, LIGHTEN = range(6)

# R'G'B' in 0..1 from limited-range Y'CbCr (ITU-R BT.709-6, section 3).
_Y = 1 / 219
_RV = 1.5748 / 224
_GU, _GV = -0.187324 / 224, -0.468124 / 224
_BU = 1.8556 / 224


@jit
def _unit(value: np.float32) -> np.float32:
    return F32(min(max(value, F32(0)), F32(1)))


@jit
def _blended(mode: int, below: np.float32, above: np.float32) -> np.float32:
    if mode == MULTIPLY:
        return F32(below * above)
    if mode == SCREEN:
        return F32(below + above - below * above)
    if mode == OVERLAY:
        low = F32(2) * below * above
        high = F32(1) - F32(2) * (F32(1) - below) * (F32(1) - above)
        return F32(low if below <= F32(0.5) else high)
    if mode == ADD:
        return F32(min(below + above, F32(1)))
    if mode == DARKEN:
        return F32(min(below, above))
    return F32(max(below, above))


@jit
def blend_rows(
    mode: int,
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    c_stride: int,
    below: NDArray[np.uint8],
    below_stride: int,
    source_y: NDArray[np.uint8],
    source_u: NDArray[np.uint8],
    source_v: NDArray[np.uint8],
    source_y_stride: int,
    source_c_stride: int,
    alpha: NDArray[np.uint8],
    alpha_stride: int,
    width: int,
    height: int,
    opacity: float,
) -> None:
    """Mix a patch into a picture.

    Args:
        mode: MULTIPLY to LIGHTEN.
        y, u, v: flat planes of the picture, beginning at the patch's visible corner; strides in bytes.
        below: the picture's own alpha, from the same corner; empty where it is opaque.
        source_y, source_u, source_v: flat planes of the patch, from its visible corner.
        alpha: its alpha, from the same corner; empty where it is opaque.
        width, height: the visible size, even.
        opacity: 0..1.
    """
    masked, over_alpha = alpha.shape[0] > 0, below.shape[0] > 0
    strength = F32(opacity / 255.0)
    for j in range(height // 2):
        for i in range(width // 2):
            c, sc = U64(j * c_stride + i), U64(j * source_c_stride + i)
            old_u, old_v = F32(u[c]) - F32(128), F32(v[c]) - F32(128)
            new_u, new_v = F32(source_u[sc]) - F32(128), F32(source_v[sc]) - F32(128)
            old_r, old_g, old_b = F32(_RV) * old_v, F32(_GU) * old_u + F32(_GV) * old_v, F32(_BU) * old_u
            new_r, new_g, new_b = F32(_RV) * new_v, F32(_GU) * new_u + F32(_GV) * new_v, F32(_BU) * new_u
            sum_u, sum_v, sum_alpha = F32(0), F32(0), F32(0)
            for k in range(4):
                row, column = 2 * j + (k >> 1), 2 * i + (k & 1)
                top = F32(opacity)
                if masked:
                    top = F32(alpha[U64(row * alpha_stride + column)]) * strength
                if top == F32(0):
                    if over_alpha:
                        sum_alpha += F32(below[U64(row * below_stride + column)]) * F32(1 / 255)
                    else:
                        sum_alpha += F32(1)
                    continue
                ground = F32(1)
                if over_alpha:
                    ground = F32(below[U64(row * below_stride + column)]) * F32(1 / 255)
                total = top + ground * (F32(1) - top)
                at = U64(row * y_stride + column)
                code, new_code = F32(y[at]), F32(source_y[U64(row * source_y_stride + column)])
                old_y, new_y = F32(_Y) * (code - F32(16)), F32(_Y) * (new_code - F32(16))
                r, g, b = _unit(old_y + old_r), _unit(old_y + old_g), _unit(old_y + old_b)
                dr = _blended(mode, r, _unit(new_y + new_r)) - r
                dg = _blended(mode, g, _unit(new_y + new_g)) - g
                db = _blended(mode, b, _unit(new_y + new_b)) - b
                luma = F32(0.2126) * dr + F32(0.7152) * dg + F32(0.0722) * db
                change = ground * F32(219) * luma + (F32(1) - ground) * (new_code - code)
                result = code + top / total * change + F32(0.5)
                y[at] = np.uint8(I32(min(max(result, F32(0)), F32(255))))
                sum_u += top * (ground * F32(224 / 1.8556) * (db - luma) + (F32(1) - ground) * (new_u - old_u))
                sum_v += top * (ground * F32(224 / 1.5748) * (dr - luma) + (F32(1) - ground) * (new_v - old_v))
                sum_alpha += total
                if over_alpha:
                    below[U64(row * below_stride + column)] = np.uint8(I32(total * F32(255) + F32(0.5)))
            if sum_u != F32(0) or sum_v != F32(0):
                u[c] = np.uint8(I32(min(max(F32(128.5) + old_u + sum_u / sum_alpha, F32(0)), F32(255))))
                v[c] = np.uint8(I32(min(max(F32(128.5) + old_v + sum_v / sum_alpha, F32(0)), F32(255))))
