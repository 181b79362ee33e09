"""March rays into a height field: which photo point does each sample of a frame show?

A sample that lies on the lens plane at p' is hit by whatever stands on its ray. By :mod:`engine.core.camera` the photo
point on that ray at disparity q is

    p(q) = p' + q (W (x, y) - z (p' - c))

a straight line in the photo, walked from the nearest disparity to the farthest: the first q at which the field is at
least as near as the ray is what the camera sees. Such a walk is called *steep parallax mapping* (M. McGuire & M.
McGuire, Steep Parallax Mapping, I3D 2005), with a bisection at its end *relief mapping* (F. Policarpo, M. M. Oliveira &
J. L. D. Comba, Real-Time Relief Mapping on Arbitrary Polygonal Surfaces, I3D 2005).
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32

MAX_STEPS = 256
"""Of a walk, however far it goes; then steps are longer, and what is thinner than one can be missed."""

PRECISION = 1 / 64
"""Share of a stride to which the hit is narrowed down by halving the last step; at rest there is nothing to halve."""


@jit
def _field_at(field: NDArray[np.float32], u: np.float32, v: np.float32) -> np.float32:
    """Bilinear at a continuous position, sample (i, j) centred at (i + 0.5, j + 0.5); beyond the edges repeated."""
    height, width = field.shape
    u = min(max(u - F32(0.5), F32(0)), F32(width - 1))
    v = min(max(v - F32(0.5), F32(0)), F32(height - 1))
    i, j = np.int64(u), np.int64(v)
    fu, fv = u - F32(i), v - F32(j)
    i1, j1 = U64(min(i + 1, width - 1)), U64(min(j + 1, height - 1))
    top = field[U64(j), U64(i)] + fu * (field[U64(j), i1] - field[U64(j), U64(i)])
    bottom = field[j1, U64(i)] + fu * (field[j1, i1] - field[j1, U64(i)])
    return F32(top + fv * (bottom - top))


@jit
def march(
    field: NDArray[np.float32],
    bounds: tuple[float, float],
    per_pixel: tuple[float, float],
    lens: tuple[float, float, float, float, float, float],
    middle: tuple[float, float],
    travel: tuple[float, float, float],
    stride: float,
    points: NDArray[np.float32],
) -> None:
    """Find the photo point under each sample of a plane.

    Args:
        field: (h, w) float32 disparity, row by row, over the whole photo.
        bounds: the field's largest and least value: no ray needs to be walked outside of them.
        per_pixel: field samples per photo pixel, along x and y.
        lens: a, b, x0, c, d, y0 in photo pixels: sample (i, j) lies on the lens plane at (a i + b j + x0,
            c i + d j + y0).
        middle: c, the middle of the photo.
        travel: W x, W y in photo pixels, and z.
        stride: photo pixels that a step should go.
        points: (height, width, 2) to fill: x and y in photo pixels, maybe beyond the photo's edges.
    """
    near, far = F32(bounds[0]), F32(bounds[1])
    across, down = F32(per_pixel[0]), F32(per_pixel[1])
    for j in range(points.shape[0]):
        for i in range(points.shape[1]):
            x = lens[0] * i + lens[1] * j + lens[2]
            y = lens[3] * i + lens[4] * j + lens[5]
            dx = travel[0] - travel[2] * (x - middle[0])
            dy = travel[1] - travel[2] * (y - middle[1])
            # In field samples and single precision from here: the walk itself.
            u, v = F32(x) * across, F32(y) * down
            du, dv = F32(dx) * across, F32(dy) * down
            length = np.sqrt(dx * dx + dy * dy) * (bounds[0] - bounds[1])
            steps = np.int64(min(max(np.ceil(length / stride), 1.0), MAX_STEPS))
            step = (near - far) / F32(steps)
            q = near
            for k in range(1, steps + 1):
                q = near - F32(k) * step
                if _field_at(field, u + q * du, v + q * dv) >= q:
                    break
            behind, before = q, q + step
            left = length / steps
            while left > PRECISION * stride:
                left *= 0.5
                half = F32(0.5) * (behind + before)
                if _field_at(field, u + half * du, v + half * dv) >= half:
                    behind = half
                else:
                    before = half
            points[j, i, 0] = F32(x + behind * dx)
            points[j, i, 1] = F32(y + behind * dy)
