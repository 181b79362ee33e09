"""Looks that change every pixel by itself: a matrix of colours, a look-up table, a vignette, grain."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32


@jit
def _byte(value: np.float32) -> np.uint8:
    return np.uint8(I32(min(max(value + F32(0.5), F32(0)), F32(255))))


@jit
def _affine_luma(row: NDArray[np.uint8], chroma: NDArray[np.float32], gain: np.float32) -> None:
    for x in range(row.shape[0]):
        value = min(max(gain * F32(row[x]) + chroma[U64(x) >> U64(1)], F32(16)), F32(235))
        row[x] = np.uint8(I32(value + F32(0.5)))


@jit
def affine_rows(
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    u_stride: int,
    v_stride: int,
    width: int,
    height: int,
    matrix: NDArray[np.float32],
    scratch: NDArray[np.float32],
) -> None:
    """Multiply Y'CbCr code values by a matrix; results are kept in the limited range.

    Args:
        y, u, v: flat planes, strides in bytes.
        width, height: even.
        matrix: (3, 4) rows Y', Cb, Cr; columns Y', Cb, Cr and the offset.
        scratch: (width / 2,)
    """
    half = width // 2
    for j in range(height // 2):
        top = y[2 * j * y_stride : 2 * j * y_stride + width]
        bottom = y[(2 * j + 1) * y_stride : (2 * j + 1) * y_stride + width]
        row_u, row_v = u[j * u_stride : j * u_stride + half], v[j * v_stride : j * v_stride + half]
        for i in range(half):
            a, b = U64(2) * U64(i), U64(2) * U64(i) + U64(1)
            luma = F32(0.25) * F32(I32(top[a]) + I32(top[b]) + I32(bottom[a]) + I32(bottom[b]))
            cb, cr = F32(row_u[i]), F32(row_v[i])
            scratch[i] = matrix[0, 1] * cb + matrix[0, 2] * cr + matrix[0, 3]
            new_u = matrix[1, 0] * luma + matrix[1, 1] * cb + matrix[1, 2] * cr + matrix[1, 3]
            new_v = matrix[2, 0] * luma + matrix[2, 1] * cb + matrix[2, 2] * cr + matrix[2, 3]
            row_u[i] = np.uint8(I32(min(max(new_u, F32(16)), F32(240)) + F32(0.5)))
            row_v[i] = np.uint8(I32(min(max(new_v, F32(16)), F32(240)) + F32(0.5)))
        _affine_luma(top, scratch, matrix[0, 0])
        _affine_luma(bottom, scratch, matrix[0, 0])


@jit
def lut_rows(
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    u_stride: int,
    v_stride: int,
    width: int,
    height: int,
    luma: NDArray[np.int16],
    cb: NDArray[np.int16],
    cr: NDArray[np.int16],
    size: int,
    unit: float,
) -> None:
    """Look up Y'CbCr code values in a table: every Y' has an entry, Cb and Cr are interpolated between four.

    Args:
        y, u, v: flat planes, strides in bytes.
        width, height: even.
        luma, cb, cr: (size * size * 256) the new code values; Y' varies fastest, then Cb, then Cr. The grid spans the
            code values 0..255. Chroma is looked up by the mean luma of its 2 x 2 pixels.
        size: grid points along Cb and along Cr.
        unit: what a code value counts in the tables.
    """
    per = F32((size - 1) / 255)
    scale = F32(1 / unit)
    for j in range(height // 2):
        for i in range(width // 2):
            at_u, at_v = U64(j * u_stride + i), U64(j * v_stride + i)
            pu, pv = F32(u[at_u]) * per, F32(v[at_v]) * per
            iu, iv = min(I32(pu), I32(size - 2)), min(I32(pv), I32(size - 2))
            fu, fv = pu - F32(iu), pv - F32(iv)
            wd = fu * fv * scale
            wb, wc = fu * scale - wd, fv * scale - wd
            wa = scale - wb - wc - wd
            a = U64((iv * size + iu) * 256)
            b, c, d = a + U64(256), a + U64(256 * size), a + U64(256 * size + 256)
            total = I32(2)
            for k in range(4):
                at = U64((2 * j + (k >> 1)) * y_stride + 2 * i + (k & 1))
                code = U64(y[at])
                total += I32(code)
                y[at] = _byte(
                    wa * F32(luma[a + code])
                    + wb * F32(luma[b + code])
                    + wc * F32(luma[c + code])
                    + wd * F32(luma[d + code])
                )
            code = U64(total >> 2)
            u[at_u] = _byte(
                wa * F32(cb[a + code]) + wb * F32(cb[b + code]) + wc * F32(cb[c + code]) + wd * F32(cb[d + code])
            )
            v[at_v] = _byte(
                wa * F32(cr[a + code]) + wb * F32(cr[b + code]) + wc * F32(cr[c + code]) + wd * F32(cr[d + code])
            )


@jit
def vignette_plane(
    plane: NDArray[np.uint8],
    black: float,
    first_x: float,
    first_y: float,
    axx: float,
    axy: float,
    ayx: float,
    ayy: float,
    strength: float,
) -> None:
    """Darken a plane away from the middle: out = black + (in - black) / (1 + strength * r^4).

    Args:
        plane: (H, W), rows may be padded.
        black: the code value that stays.
        first_x, first_y: place of sample (0, 0), where r = 1 is the layer's corner and (0, 0) its middle.
        axx, axy, ayx, ayy: what a column adds to x and y, and what a row adds to x and y.
        strength: 0 or more.
    """
    for j in range(plane.shape[0]):
        row = plane[j]
        x0, y0 = F32(first_x + j * ayx), F32(first_y + j * ayy)
        for i in range(row.shape[0]):
            x, y = x0 + F32(i) * F32(axx), y0 + F32(i) * F32(axy)
            r2 = x * x + y * y
            gain = F32(1) / (F32(1) + F32(strength) * r2 * r2)
            row[i] = np.uint8(I32(F32(black) + (F32(row[i]) - F32(black)) * gain + F32(0.5)))


@jit
def _grain_row(row: NDArray[np.uint8], grain: NDArray[np.float32], amplitude: np.float32) -> None:
    for x in range(row.shape[0]):
        luma = F32(row[x])
        t = min(max((luma - F32(16)) * F32(1 / 219), F32(0)), F32(1))
        # Film: strongest below the middle, little in white, none in black or burnt-out white.
        weight = amplitude * (F32(1) - t) * (F32(0.35) + F32(1.3) * t) * min(F32(20) * t, F32(1))
        row[x] = np.uint8(I32(min(max(luma + weight * grain[x] + F32(0.5), F32(16)), F32(235))))


@jit
def grain_rows(
    plane: NDArray[np.uint8], tile: NDArray[np.float32], shift_x: int, shift_y: int, amplitude: float
) -> None:
    """Add grain from a tile that repeats.

    Args:
        plane: luma, (H, W), rows may be padded.
        tile: (N, N) float32, standard deviation 1.
        shift_x, shift_y: place of the plane's first sample in the tile, 0 to N - 1.
        amplitude: code values of luma at full weight.
    """
    size = tile.shape[0]
    width = plane.shape[1]
    for j in range(plane.shape[0]):
        source = tile[(j + shift_y) % size]
        begin, offset = 0, shift_x
        while begin < width:
            count = min(size - offset, width - begin)
            _grain_row(plane[j, begin : begin + count], source[offset : offset + count], F32(amplitude))
            begin, offset = begin + count, 0
