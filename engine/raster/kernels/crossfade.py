"""Mix two pictures that have alpha: a weighted mean of what they show, multiplied by their alphas.

alpha = (1 - w) alpha_a + w alpha_b; the colour is the mean of both with the weights of the two terms, so that a clear
pixel's colour counts for nothing. 2 x 2 pixels at a time; the chroma sample takes the mean weight of its pixels.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32

# R'G'B' 0..255 from limited-range Y'CbCr (ITU-R BT.709-6, section 3).
_RV = 1.5748 * 255 / 224
_GU, _GV = -0.187324 * 255 / 224, -0.468124 * 255 / 224
_BU = 1.8556 * 255 / 224


@jit
def _lift(
    a: np.float32, b: np.float32, weight: np.float32, light: NDArray[np.float32], code: NDArray[np.float32]
) -> np.float32:
    """What the mean in linear light has more than that of the code values; a and b 0..255."""
    code_a, code_b = F32(min(max(a, F32(0)), F32(255))), F32(min(max(b, F32(0)), F32(255)))
    light_a, light_b = light[U64(I32(code_a + F32(0.5)))], light[U64(I32(code_b + F32(0.5)))]
    place = np.sqrt(light_a + weight * (light_b - light_a)) * F32(code.shape[0] - 1)
    return F32(max(code[U64(I32(place + F32(0.5)))] - (code_a + weight * (code_b - code_a)), F32(0)))


@jit
def crossfade_rows(
    a_y: NDArray[np.uint8],
    a_u: NDArray[np.uint8],
    a_v: NDArray[np.uint8],
    a_alpha: NDArray[np.uint8],
    b_y: NDArray[np.uint8],
    b_u: NDArray[np.uint8],
    b_v: NDArray[np.uint8],
    b_alpha: NDArray[np.uint8],
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    cover: NDArray[np.float32],
    light: NDArray[np.float32],
    code: NDArray[np.float32],
) -> None:
    """Fill a picture with the mean of two.

    Args:
        a_y .. alpha: planes (H, W) and (H / 2, W / 2) of a, b and the result; rows may be padded.
        cover: (W,) the weight of b in each column, 0..1.
        light, code: the tables of :mod:`engine.raster.transfer` for a mean in linear light; empty for code values.
    """
    linear = light.shape[0] > 0
    for j in range(u.shape[0]):
        for i in range(u.shape[1]):
            au, av = F32(a_u[j, i]) - F32(128), F32(a_v[j, i]) - F32(128)
            bu, bv = F32(b_u[j, i]) - F32(128), F32(b_v[j, i]) - F32(128)
            sum_a, sum_b, sum_u, sum_v = F32(0), F32(0), F32(0), F32(0)
            for k in range(4):
                row, column = U64(2 * j + (k >> 1)), U64(2 * i + (k & 1))
                w = cover[column]
                part_a = (F32(1) - w) * F32(a_alpha[row, column])
                part_b = w * F32(b_alpha[row, column])
                total = part_a + part_b
                alpha[row, column] = np.uint8(I32(total + F32(0.5)))
                share = part_b / total if total > F32(0) else w
                ya, yb = F32(a_y[row, column]), F32(b_y[row, column])
                value = ya + share * (yb - ya)
                if linear and total > F32(0):
                    la, lb = (ya - F32(16)) * F32(255 / 219), (yb - F32(16)) * F32(255 / 219)
                    r = _lift(la + F32(_RV) * av, lb + F32(_RV) * bv, share, light, code)
                    g = _lift(
                        la + F32(_GU) * au + F32(_GV) * av, lb + F32(_GU) * bu + F32(_GV) * bv, share, light, code
                    )
                    b = _lift(la + F32(_BU) * au, lb + F32(_BU) * bu, share, light, code)
                    luma = F32(0.2126) * r + F32(0.7152) * g + F32(0.0722) * b
                    value += F32(219 / 255) * luma
                    sum_u += total * F32(224 / 255 / 1.8556) * (b - luma)
                    sum_v += total * F32(224 / 255 / 1.5748) * (r - luma)
                y[row, column] = np.uint8(I32(min(value + F32(0.5), F32(255))))
                sum_a += part_a
                sum_b += part_b
            whole = sum_a + sum_b
            if whole > F32(0):
                share = sum_b / whole
                new_u = F32(128.5) + au + share * (bu - au) + sum_u / whole
                new_v = F32(128.5) + av + share * (bv - av) + sum_v / whole
            else:
                new_u = F32(128.5) + au + cover[U64(2 * i)] * (bu - au)
                new_v = F32(128.5) + av + cover[U64(2 * i)] * (bv - av)
            u[j, i] = np.uint8(I32(min(max(new_u, F32(0)), F32(255))))
            v[j, i] = np.uint8(I32(min(max(new_v, F32(0)), F32(255))))
