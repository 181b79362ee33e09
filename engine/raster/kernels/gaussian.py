"""The steps of a Gaussian blur in linear light on a coarser grid: see ``engine.raster.gaussian``."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32


@jit
def _light(code: int, light: NDArray[np.float32]) -> np.float32:
    return F32(light[U64(min(max(code >> I32(8), I32(0)), I32(255)))])


@jit
def half_light(
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    light: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """The mean light of every 2 x 2 pixels.

    Args:
        y, u, v: planes of a frame (H, W) and (H / 2, W / 2).
        alpha: (H, W), or empty for an opaque frame.
        light: (256,) linear light of the code values.
        out: (3, H / 2, W / 2) R, G, B in 0..1; with alpha (4, ...), multiplied by it, and alpha in 0..1.
    """
    masked = alpha.shape[0] > 0
    for j in range(U64(u.shape[0])):
        upper, lower = y[U64(2) * j], y[U64(2) * j + U64(1)]
        for i in range(U64(u.shape[1])):
            cb, cr = I32(u[j, i]) - I32(128), I32(v[j, i]) - I32(128)
            part_r = I32(459) * cr + I32(128 - 298 * 16)
            part_g = I32(-55) * cb - I32(136) * cr + I32(128 - 298 * 16)
            part_b = I32(541) * cb + I32(128 - 298 * 16)
            x0 = U64(2) * i
            x1 = x0 + U64(1)
            a, b = I32(298) * I32(upper[x0]), I32(298) * I32(upper[x1])
            c, d = I32(298) * I32(lower[x0]), I32(298) * I32(lower[x1])
            wa, wb, wc, wd = F32(0.25), F32(0.25), F32(0.25), F32(0.25)
            if masked:
                top, bottom = U64(2) * j, U64(2) * j + U64(1)
                unit = F32(0.25 / 255)
                wa, wb = F32(alpha[top, x0]) * unit, F32(alpha[top, x1]) * unit
                wc, wd = F32(alpha[bottom, x0]) * unit, F32(alpha[bottom, x1]) * unit
                out[3, j, i] = wa + wb + wc + wd
            for k in range(3):
                part = part_r if k == 0 else (part_g if k == 1 else part_b)
                out[k, j, i] = (
                    wa * _light(a + part, light)
                    + wb * _light(b + part, light)
                    + wc * _light(c + part, light)
                    + wd * _light(d + part, light)
                )


@jit
def halve(source: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """The mean of every 2 x 2 samples: (n, h, w) to (n, ceil(h / 2), ceil(w / 2)); edges are repeated."""
    height, width = source.shape[1], source.shape[2]
    for n in range(source.shape[0]):
        for j in range(out.shape[1]):
            upper = source[n, U64(2 * j)]
            lower = source[n, U64(min(2 * j + 1, height - 1))]
            for i in range(out.shape[2]):
                x0, x1 = U64(2 * i), U64(min(2 * i + 1, width - 1))
                out[n, j, i] = F32(0.25) * (upper[x0] + upper[x1] + lower[x0] + lower[x1])


@jit
def _add_row(total: NDArray[np.float32], row: NDArray[np.float32], other: NDArray[np.float32], weight: float) -> None:
    for x in range(total.shape[0]):
        total[x] += weight * (row[x] + other[x])


@jit
def _scale_row(total: NDArray[np.float32], row: NDArray[np.float32], weight: float) -> None:
    for x in range(total.shape[0]):
        total[x] = weight * row[x]


@jit
def convolve(
    source: NDArray[np.float32], weights: NDArray[np.float32], out: NDArray[np.float32], row: NDArray[np.float32]
) -> None:
    """Blur along both axes; edges are repeated.

    Args:
        source: (n, h, w); ``out`` likewise, memory of its own.
        weights: (r + 1,) the middle weight and those at distances 1 to r, the same to both sides.
        row: (w + 2 r,) scratch.
    """
    reach = weights.shape[0] - 1
    count, height, width = source.shape
    for n in range(count):
        for y in range(height):
            inner = row[reach : reach + width]
            _scale_row(inner, source[n, y], weights[0])
            for k in range(1, reach + 1):
                _add_row(inner, source[n, max(y - k, 0)], source[n, min(y + k, height - 1)], weights[k])
            for k in range(reach):
                row[k] = row[reach]
                row[reach + width + k] = row[reach + width - 1]
            _scale_row(out[n, y], inner, weights[0])
            for k in range(1, reach + 1):
                left = row[reach - k : reach - k + width]
                _add_row(out[n, y], left, row[reach + k : reach + k + width], weights[k])


@jit
def light_to_code(
    light: NDArray[np.float32],
    code: NDArray[np.float32],
    y: NDArray[np.float32],
    u: NDArray[np.float32],
    v: NDArray[np.float32],
) -> None:
    """From light to limited-range Y'CbCr.

    Args:
        light: (3, h, w) R, G, B in 0..1; or (4, h, w), multiplied by the fourth, alpha.
        code: code values 0..255 by the square root of the light, see ``engine.raster.transfer.code_table``.
        y, u, v: (h, w) to fill.
    """
    steps = F32(code.shape[0] - 1)
    masked = light.shape[0] == 4
    for j in range(y.shape[0]):
        for i in range(y.shape[1]):
            scale = F32(1)
            if masked:
                alpha = light[3, j, i]
                scale = F32(1) / alpha if alpha > F32(1e-6) else F32(0)
            r = code[U64(I32(np.sqrt(min(max(light[0, j, i] * scale, F32(0)), F32(1))) * steps + F32(0.5)))]
            g = code[U64(I32(np.sqrt(min(max(light[1, j, i] * scale, F32(0)), F32(1))) * steps + F32(0.5)))]
            b = code[U64(I32(np.sqrt(min(max(light[2, j, i] * scale, F32(0)), F32(1))) * steps + F32(0.5)))]
            luma = F32(0.2126) * r + F32(0.7152) * g + F32(0.0722) * b
            y[j, i] = F32(16) + F32(219 / 255) * luma
            u[j, i] = F32(128) + F32(224 / 255 / 1.8556) * (b - luma)
            v[j, i] = F32(128) + F32(224 / 255 / 1.5748) * (r - luma)
