"""The steps of push-pull interpolation: see ``engine.raster.scene.push_pull``."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32


@jit
def pull(
    planes: NDArray[np.float32],
    weight: NDArray[np.float32],
    half: NDArray[np.float32],
    half_weight: NDArray[np.float32],
) -> None:
    """The weighted mean of every 2 x 2 samples; weights add up to 1 at most.

    Args:
        planes: (n, h, w), sides even.
        weight: (h, w) 0..1.
        half: (n, h / 2, w / 2) to fill; 0 where nothing is known.
        half_weight: (h / 2, w / 2) to fill.
    """
    for j in range(U64(half.shape[1])):
        top, bottom = U64(2) * j, U64(2) * j + U64(1)
        for i in range(U64(half.shape[2])):
            left, right = U64(2) * i, U64(2) * i + U64(1)
            wa, wb, wc, wd = weight[top, left], weight[top, right], weight[bottom, left], weight[bottom, right]
            total = wa + wb + wc + wd
            half_weight[j, i] = min(total, F32(1))
            scale = F32(1) / total if total > F32(0) else F32(0)
            for n in range(U64(planes.shape[0])):
                half[n, j, i] = scale * (
                    wa * planes[n, top, left]
                    + wb * planes[n, top, right]
                    + wc * planes[n, bottom, left]
                    + wd * planes[n, bottom, right]
                )


@jit
def push(half: NDArray[np.float32], planes: NDArray[np.float32], weight: NDArray[np.float32]) -> None:
    """Mix what is not fully known with a coarser picture, interpolated linearly.

    Args:
        half: (n, h / 2, w / 2).
        planes: (n, h, w), changed where the weight is below 1.
        weight: (h, w) 0..1.
    """
    rows, columns = U64(half.shape[1] - 1), U64(half.shape[2] - 1)
    for y in range(U64(planes.shape[1])):
        near_y = y >> U64(1)
        far_y = min(near_y + U64(1), rows) if y & U64(1) else max(near_y, U64(1)) - U64(1)
        for x in range(U64(planes.shape[2])):
            known = weight[y, x]
            if known >= F32(1):
                continue
            near_x = x >> U64(1)
            far_x = min(near_x + U64(1), columns) if x & U64(1) else max(near_x, U64(1)) - U64(1)
            for n in range(U64(planes.shape[0])):
                near = F32(0.75) * half[n, near_y, near_x] + F32(0.25) * half[n, near_y, far_x]
                far = F32(0.75) * half[n, far_y, near_x] + F32(0.25) * half[n, far_y, far_x]
                smooth = F32(0.75) * near + F32(0.25) * far
                planes[n, y, x] = smooth + known * (planes[n, y, x] - smooth)


@jit
def relax(planes: NDArray[np.float32], weight: NDArray[np.float32], sweeps: int) -> None:
    """Replace samples of weight 0 by the mean of their neighbours, in place (Gauss-Seidel, to and fro).

    Args:
        planes: (n, h, w).
        weight: (h, w).
        sweeps: how often.
    """
    height, width = U64(planes.shape[1]), U64(planes.shape[2])
    for sweep in range(sweeps):
        for row in range(height):
            y = row if sweep % 2 == 0 else height - U64(1) - row
            up, down = max(y, U64(1)) - U64(1), min(y + U64(1), height - U64(1))
            for column in range(width):
                x = column if sweep % 2 == 0 else width - U64(1) - column
                if weight[y, x] > F32(0):
                    continue
                left, right = max(x, U64(1)) - U64(1), min(x + U64(1), width - U64(1))
                for n in range(U64(planes.shape[0])):
                    planes[n, y, x] = F32(0.25) * (
                        planes[n, up, x] + planes[n, down, x] + planes[n, y, left] + planes[n, y, right]
                    )
