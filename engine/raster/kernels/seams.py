"""The steps of evening out what was copied from different places: see ``engine.raster.scene.seams``."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
I64 = np.int64
F32 = np.float32

OUTSIDE, FIXED, FREE = 0, 1, 2
"""What a sample is: of no concern, known, to be corrected."""


@jit
def wanted_steps(
    source: NDArray[np.float32],
    painted: NDArray[np.float32],
    state: NDArray[np.uint8],
    shifts: NDArray[np.int32],
    most: float,
    across: NDArray[np.float32],
    down: NDArray[np.float32],
) -> None:
    """What the corrections of neighbours should differ by, for the copies to keep their own gradients.

    Args:
        source: (h, w, 4) what was copied from.
        painted: (h, w, 4) the copy.
        state: (h, w) or larger, OUTSIDE, FIXED or FREE.
        shifts: (h * w,) from a FREE pixel to where it was copied from, in pixel numbers; 0: not known.
        most: larger steps are edges that do not meet, and stay.
        across, down: (3, ...) as large as ``state``, to fill: of the right (lower) neighbour less one's own.
    """
    height, width = I64(source.shape[0]), I64(source.shape[1])
    size = height * width
    flat, copy = source.reshape(-1), painted.reshape(-1)
    for y in range(height):
        for x in range(width):
            mine = state[U64(y), U64(x)]
            if mine == OUTSIDE:
                continue
            p = y * width + x
            for way in range(2):
                if (x if way == 0 else y) + 1 >= (width if way == 0 else height):
                    continue
                q = p + (1 if way == 0 else width)
                theirs = state[U64(y + way), U64(x + 1 - way)]
                if theirs == OUTSIDE or (mine == FIXED and theirs == FIXED):
                    continue
                for n in range(3):
                    total, count = F32(0), F32(0)
                    for k in range(2):
                        if (mine if k == 0 else theirs) != FREE:
                            continue
                        shift = I64(shifts[U64(p if k == 0 else q)])
                        a, b = p + shift, q + shift
                        if shift == 0 or a < 0 or b >= size:
                            continue
                        total += flat[U64(4 * b + n)] - flat[U64(4 * a + n)]
                        count += F32(1)
                    if count > F32(0):
                        step = total / count - (copy[U64(4 * q + n)] - copy[U64(4 * p + n)])
                        if abs(step) <= F32(most):
                            if way == 0:
                                across[n, U64(y), U64(x)] = step
                            else:
                                down[n, U64(y), U64(x)] = step


@jit
def halve_steps(
    state: NDArray[np.uint8],
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    half_state: NDArray[np.uint8],
    half_across: NDArray[np.float32],
    half_down: NDArray[np.float32],
) -> None:
    """The steps between the middles of every 2 x 2 samples.

    Args:
        state: (h, w), sides even; half_state (h / 2, w / 2): FIXED if one of the four is, else FREE if one is.
        across, down: (3, h, w); half_across, half_down (3, h / 2, w / 2).
    """
    rows, columns = U64(state.shape[0] - 1), U64(state.shape[1] - 1)
    for j in range(U64(half_state.shape[0])):
        y0 = U64(2) * j
        y1, y2 = y0 + U64(1), min(y0 + U64(2), rows)
        for i in range(U64(half_state.shape[1])):
            x0 = U64(2) * i
            x1, x2 = x0 + U64(1), min(x0 + U64(2), columns)
            a, b, c, d = state[y0, x0], state[y0, x1], state[y1, x0], state[y1, x1]
            if a == FIXED or b == FIXED or c == FIXED or d == FIXED:
                half_state[j, i] = FIXED
            else:
                half_state[j, i] = max(max(a, b), max(c, d))
            if half_state[j, i] == OUTSIDE:
                continue
            for n in range(3):
                half_across[n, j, i] = F32(0.25) * (
                    across[n, y0, x0] + across[n, y1, x0] + across[n, y0, x2] + across[n, y1, x2]
                ) + F32(0.5) * (across[n, y0, x1] + across[n, y1, x1])
                half_down[n, j, i] = F32(0.25) * (
                    down[n, y0, x0] + down[n, y0, x1] + down[n, y2, x0] + down[n, y2, x1]
                ) + F32(0.5) * (down[n, y1, x0] + down[n, y1, x1])


@jit
def enlarge_free(half: NDArray[np.float32], state: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    """Start a finer grid from the one before: (3, h / 2, w / 2) to (3, h, w), where it is FREE."""
    for y in range(U64(out.shape[1])):
        for x in range(U64(out.shape[2])):
            if state[y, x] == FREE:
                for n in range(3):
                    out[n, y, x] = half[n, y >> U64(1), x >> U64(1)]


@jit
def relax_steps(
    state: NDArray[np.uint8],
    across: NDArray[np.float32],
    down: NDArray[np.float32],
    sweeps: int,
    out: NDArray[np.float32],
) -> None:
    """Corrections whose differences come ever nearer the wanted steps, in place (Gauss-Seidel, to and fro).

    Args:
        state: (h, w); only what is FREE changes.
        across, down: (3, h, w) wanted steps.
        sweeps: how often.
        out: (3, h, w) the corrections, 0 where not FREE.
    """
    height, width = U64(state.shape[0]), U64(state.shape[1])
    one = U64(1)
    for sweep in range(sweeps):
        for row in range(height):
            y = row if sweep % 2 == 0 else height - one - row
            for column in range(width):
                x = column if sweep % 2 == 0 else width - one - column
                if state[y, x] != FREE:
                    continue
                left = x > U64(0) and state[y, x - one] != OUTSIDE
                right = x + one < width and state[y, x + one] != OUTSIDE
                up = y > U64(0) and state[y - one, x] != OUTSIDE
                under = y + one < height and state[y + one, x] != OUTSIDE
                count = F32(left) + F32(right) + F32(up) + F32(under)
                if count == F32(0):
                    continue
                scale = F32(1) / count
                for n in range(3):
                    total = F32(0)
                    if left:
                        total += out[n, y, x - one] + across[n, y, x - one]
                    if right:
                        total += out[n, y, x + one] - across[n, y, x]
                    if up:
                        total += out[n, y - one, x] + down[n, y - one, x]
                    if under:
                        total += out[n, y + one, x] - down[n, y, x]
                    out[n, y, x] = total * scale
