"""Mix two pictures in linear light, 2 x 2 pixels at a time, straight from Y'CbCr to Y'CbCr.

A mix in code values is linear in Y'CbCr; what linear light adds to it is, for each of R', G' and B', a function of the
two code values and of the weight. For one frame the weight is a constant, so that function is a table of 256 x 256
bytes, in thirds of a code value (the largest, a quarter of white against black, is 73 code values). So a pixel costs
three look-ups instead of six from code to light and three back, and where both pictures agree nothing changes at all.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32

LIFT_UNITS = 3
"""What a code value counts in the table of :func:`fill_lift`."""

# From gains of R'G'B' in that unit to limited-range Y'CbCr (ITU-R BT.709-6, section 3).
_Y = 219 / 255 / LIFT_UNITS
_CB, _CR = 224 / 255 / LIFT_UNITS / 1.8556, 224 / 255 / LIFT_UNITS / 1.5748


@jit
def fill_lift(weight: float, light: NDArray[np.float32], code: NDArray[np.float32], lift: NDArray[np.uint8]) -> None:
    """Fill the table of what linear light adds.

    Args:
        weight: of the second picture, 0..1.
        light: (256,), :func:`engine.raster.transfer.light_table`.
        code: :func:`engine.raster.transfer.code_table`.
        lift: (65536,) to fill; entry 256 a + b belongs to code values a and b.
    """
    steps = F32(code.shape[0] - 1)
    w = F32(weight)
    for a in range(256):
        for b in range(256):
            mean = light[a] + w * (light[b] - light[a])
            place = np.sqrt(mean) * steps
            at = min(I32(place), I32(steps) - I32(1))
            share = place - F32(at)
            value = code[at] + share * (code[at + 1] - code[at])
            added = value - (F32(a) + w * F32(b - a))
            lift[U64(256 * a + b)] = np.uint8(I32(max(added, F32(0)) * F32(LIFT_UNITS) + F32(0.5)))


@jit
def _channel(luma: int, chroma: int) -> np.int32:
    """A code value 0..255 from 298 / 256 of luma and what chroma adds, in 1/256."""
    return I32(min(max((luma + chroma) >> I32(8), I32(0)), I32(255)))


@jit
def _chroma_parts(u: NDArray[np.uint8], v: NDArray[np.uint8], out: NDArray[np.int32]) -> None:
    """What chroma adds to R', G' and B', in 1/256 code values with the rounding: (3, W) from two rows of W samples."""
    for i in range(out.shape[1]):
        cb, cr = I32(u[i]) - I32(128), I32(v[i]) - I32(128)
        out[0, i] = I32(459) * cr + I32(128)
        out[1, i] = I32(-55) * cb - I32(136) * cr + I32(128)
        out[2, i] = I32(541) * cb + I32(128)


@jit
def _pixel(
    luma_a: int, luma_b: int, ar: int, ag: int, ab: int, br: int, bg: int, bb: int, lift: NDArray[np.uint8]
) -> tuple[np.int32, np.int32, np.int32]:
    """What R', G' and B' of one pixel gain, in 1 / LIFT_UNITS code values."""
    ya, yb = I32(298) * (luma_a - I32(16)), I32(298) * (luma_b - I32(16))
    r = lift[U64(_channel(ya, ar) * I32(256) + _channel(yb, br))]
    g = lift[U64(_channel(ya, ag) * I32(256) + _channel(yb, bg))]
    b = lift[U64(_channel(ya, ab) * I32(256) + _channel(yb, bb))]
    return I32(r), I32(g), I32(b)


@jit
def _luma(mean: float, r: int, g: int, b: int) -> np.uint8:
    gain = F32(0.2126 * _Y) * F32(r) + F32(0.7152 * _Y) * F32(g) + F32(0.0722 * _Y) * F32(b)
    return np.uint8(I32(mean + gain + F32(0.5)))


@jit
def _luma_row(
    a: NDArray[np.uint8],
    b: NDArray[np.uint8],
    parts_a: NDArray[np.int32],
    parts_b: NDArray[np.int32],
    weight: float,
    lift: NDArray[np.uint8],
    gains: NDArray[np.int32],
    out: NDArray[np.uint8],
) -> None:
    """Mix one row of luma, and add what R', G' and B' gain to ``gains``, (3, W / 2)."""
    one = U64(1)
    for i in range(gains.shape[1]):
        x = U64(2) * U64(i)
        ar, ag, ab = parts_a[0, i], parts_a[1, i], parts_a[2, i]
        br, bg, bb = parts_b[0, i], parts_b[1, i], parts_b[2, i]
        r, g, b_ = _pixel(I32(a[x]), I32(b[x]), ar, ag, ab, br, bg, bb, lift)
        out[x] = _luma(F32(a[x]) + weight * (F32(b[x]) - F32(a[x])), r, g, b_)
        x += one
        s, h, c = _pixel(I32(a[x]), I32(b[x]), ar, ag, ab, br, bg, bb, lift)
        out[x] = _luma(F32(a[x]) + weight * (F32(b[x]) - F32(a[x])), s, h, c)
        gains[0, i] += r + s
        gains[1, i] += g + h
        gains[2, i] += b_ + c


@jit
def dissolve_rows(
    a_y: NDArray[np.uint8],
    a_u: NDArray[np.uint8],
    a_v: NDArray[np.uint8],
    a_stride: int,
    a_u_stride: int,
    a_v_stride: int,
    b_y: NDArray[np.uint8],
    b_u: NDArray[np.uint8],
    b_v: NDArray[np.uint8],
    b_stride: int,
    b_u_stride: int,
    b_v_stride: int,
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    u_stride: int,
    v_stride: int,
    width: int,
    height: int,
    weight: float,
    lift: NDArray[np.uint8],
    parts: NDArray[np.int32],
) -> None:
    """out = (1 - weight) * a + weight * b in linear light; flat planes, strides in bytes.

    Args:
        width, height: even.
        weight: the one ``lift`` was made for.
        lift: from :func:`fill_lift`.
        parts: (9, width / 2) scratch.
    """
    w = F32(weight)
    half = width // 2
    gains = parts[6:]
    for j in range(height // 2):
        a_ui, a_vi, b_ui, b_vi = j * a_u_stride, j * a_v_stride, j * b_u_stride, j * b_v_stride
        _chroma_parts(a_u[a_ui : a_ui + half], a_v[a_vi : a_vi + half], parts[:3])
        _chroma_parts(b_u[b_ui : b_ui + half], b_v[b_vi : b_vi + half], parts[3:6])
        for k in range(3):
            for i in range(half):
                gains[k, i] = 0
        for row in range(2 * j, 2 * j + 2):
            _luma_row(
                a_y[row * a_stride : row * a_stride + width],
                b_y[row * b_stride : row * b_stride + width],
                parts[:3],
                parts[3:6],
                w,
                lift,
                gains,
                y[row * y_stride : row * y_stride + width],
            )
        for i in range(half):
            r, g, b = F32(gains[0, i]), F32(gains[1, i]), F32(gains[2, i])
            luma = F32(0.2126) * r + F32(0.7152) * g + F32(0.0722) * b
            from_u, from_v = F32(a_u[U64(a_ui + i)]), F32(a_v[U64(a_vi + i)])
            mean_u = from_u + w * (F32(b_u[U64(b_ui + i)]) - from_u)
            mean_v = from_v + w * (F32(b_v[U64(b_vi + i)]) - from_v)
            u[U64(j * u_stride + i)] = np.uint8(
                I32(min(max(mean_u + F32(_CB / 4) * (b - luma) + F32(0.5), F32(0)), F32(255)))
            )
            v[U64(j * v_stride + i)] = np.uint8(
                I32(min(max(mean_v + F32(_CR / 4) * (r - luma) + F32(0.5), F32(0)), F32(255)))
            )
