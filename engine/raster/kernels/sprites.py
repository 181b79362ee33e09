"""Soft sprites that are drawn where they touch: flakes, drops, motes, discs of light.

A sprite is a disc that was drawn along a short line while the shutter was open (a capsule). With d the distance from
the line in units of the radius, it covers

    profile(d) = smoothstep((1 - d) / edge) * (1 + rim * (2 d^2 - 1))

Pixel centres are at +0.5; chroma sample (i, j) lies at (2i + 0.5, 2j + 1). Results are rounded by a fixed pattern of
noise instead of a half, so that wide soft sprites make no bands; what is not touched keeps its value. (J. Jimenez, Next
Generation Post Processing in Call of Duty, SIGGRAPH 2014: interleaved gradient noise.)
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32

X, Y, HALF_X, HALF_Y, RADIUS, EDGE, RIM, ALPHA, LUMA, CB, CR = range(11)
FIELDS = 11
"""What a row of the sprites' table holds: middle, half of the line, radius (pixels), edge, rim, alpha, colour."""


@jit
def _noise(x: np.float32, y: np.float32) -> np.float32:
    value = F32(0.06711056) * x + F32(0.00583715) * y
    value = F32(52.9829189) * (value - np.floor(value))
    return F32(F32(0.02) + F32(0.96) * (value - np.floor(value)))


@jit
def _profile(
    px: np.float32,
    py: np.float32,
    hx: np.float32,
    hy: np.float32,
    per_length: np.float32,
    per_radius: np.float32,
    per_edge: np.float32,
    rim: np.float32,
) -> np.float32:
    along = min(max((px * hx + py * hy) * per_length, F32(-1)), F32(1))
    dx, dy = px - along * hx, py - along * hy
    d = np.sqrt(dx * dx + dy * dy) * per_radius
    s = min(max((F32(1) - d) * per_edge, F32(0)), F32(1))
    return F32(s * s * (F32(3) - F32(2) * s) * (F32(1) + rim * (F32(2) * d * d - F32(1))))


@jit
def _luma(
    row: NDArray[np.uint8],
    first: int,
    py: np.float32,
    x: np.float32,
    shape: NDArray[np.float32],
    alpha: np.float32,
    light: bool,
    color: np.float32,
    line: np.float32,
) -> None:
    # Out of the array before the loop: LLVM cannot know that the row's bytes do not change it.
    hx, hy, per_length, per_radius, per_edge, rim = shape[0], shape[1], shape[2], shape[3], shape[4], shape[5]
    for i in range(row.shape[0]):
        at = F32(first + i) + F32(0.5)
        weight = alpha * _profile(at - x, py, hx, hy, per_length, per_radius, per_edge, rim)
        old = F32(row[i])
        change = weight * (color * max(F32(235) - old, F32(0)) * F32(1 / 219) if light else color - old)
        row[i] = np.uint8(I32(min(max(old + change + _noise(at, line), F32(0)), F32(255))))


@jit
def _chroma(
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    luma: NDArray[np.uint8],
    first: int,
    py: np.float32,
    x: np.float32,
    shape: NDArray[np.float32],
    alpha: np.float32,
    light: bool,
    cb: np.float32,
    cr: np.float32,
    line: np.float32,
) -> None:
    hx, hy, per_length, per_radius, per_edge, rim = shape[0], shape[1], shape[2], shape[3], shape[4], shape[5]
    for i in range(u.shape[0]):
        at = F32(2 * (first + i)) + F32(0.5)
        weight = alpha * _profile(at - x, py, hx, hy, per_length, per_radius, per_edge, rim)
        old_u, old_v = F32(u[i]), F32(v[i])
        noise = _noise(at, line)
        if light:
            weight *= max(F32(235) - F32(luma[U64(2 * i)]), F32(0)) * F32(1 / 219)
            change_u, change_v = weight * (cb - F32(128)), weight * (cr - F32(128))
        else:
            change_u, change_v = weight * (cb - old_u), weight * (cr - old_v)
        u[i] = np.uint8(I32(min(max(old_u + change_u + noise, F32(0)), F32(255))))
        v[i] = np.uint8(I32(min(max(old_v + change_v + noise, F32(0)), F32(255))))


@jit
def draw_sprites(
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    u_stride: int,
    v_stride: int,
    width: int,
    height: int,
    sprites: NDArray[np.float32],
    light: bool,
) -> None:
    """Draw sprites into a frame, in order.

    Args:
        y, u, v: flat planes, strides in bytes.
        width, height: of the frame in luma pixels.
        sprites: (n, FIELDS) float32.
        light: add the colour as light, less where the picture is bright already (LUMA is then luma above black);
            otherwise mix it in by alpha.
    """
    shape = np.empty(6, np.float32)
    for n in range(sprites.shape[0]):
        x, yy, radius = sprites[n, X], sprites[n, Y], sprites[n, RADIUS]
        hx, hy = sprites[n, HALF_X], sprites[n, HALF_Y]
        top = max(int(np.floor((yy - abs(hy) - radius) * F32(0.5))), 0)
        bottom = min(int(np.ceil((yy + abs(hy) + radius) * F32(0.5))) + 1, height // 2)
        shape[0], shape[1] = hx, hy
        shape[2] = F32(1) / max(hx * hx + hy * hy, F32(1e-6))
        shape[3] = F32(1) / radius
        shape[4] = F32(1) / max(sprites[n, EDGE], F32(1e-3))
        shape[5] = sprites[n, RIM]
        alpha = sprites[n, ALPHA]
        salt = F32(n % 61) * F32(7)  # sprites that lie over each other must not add up one pattern
        for j in range(top, bottom):
            # Only the chord that these two rows have of the sprite.
            off = max(max(F32(2 * j) - yy, yy - F32(2 * j + 2)) - abs(hy), F32(0))
            reach = abs(hx) + np.sqrt(max(radius * radius - off * off, F32(0)))
            left = max(int(np.floor((x - reach) * F32(0.5))), 0)
            right = min(int(np.ceil((x + reach) * F32(0.5))) + 1, width // 2)
            if left >= right:
                continue
            # Chroma first: light looks at the luma below it.
            line = F32(2 * j) + F32(1)
            begin = 2 * j * y_stride
            _chroma(
                u[j * u_stride + left : j * u_stride + right],
                v[j * v_stride + left : j * v_stride + right],
                y[begin + 2 * left : begin + 2 * right],
                left, line - yy, x, shape, alpha, light, sprites[n, CB], sprites[n, CR], line + salt + F32(0.25),
            )  # fmt: skip
            for row in range(2 * j, 2 * j + 2):
                begin = row * y_stride
                line = F32(row) + F32(0.5)
                _luma(
                    y[begin + 2 * left : begin + 2 * right],
                    2 * left, line - yy, x, shape, alpha, light, sprites[n, LUMA], line + salt,
                )  # fmt: skip
