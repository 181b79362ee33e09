"""Where the vertices of a frame's mesh lie in a layer of a scene."""

# mypy: disable-error-code="arg-type, assignment, return-value, no-any-return"
# Inside these functions numbers are numba's, whose min, max and conversions Python's types do not describe.

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

F64 = np.float64
I64 = np.int64

STEEPEST = 0.8
"""Largest change of displacement, in samples a sample, that a layer may have under the farthest camera of its volume.
Below 1, a ray meets the layer in one point (Banach), and nothing folds. Gentler would stretch less at a step that is no
cut between layers, and put what is beside it further from its place."""

ROUNDS = 8
"""Steps of the search for a vertex's disparity. A layer's disparity is so smooth (``engine.raster.scene.smooth``) that
the function whose root is sought has a slope between 1 - STEEPEST and 1 + STEEPEST: secant steps whose slope is held to
that converge from anywhere, and eight leave less than 0.02 pixels."""


CLOSE = 1e-5
"""A step of disparity that is not worth another: 0.003 pixels of 1920 at the largest reach."""


@jit
def _disparity(field: NDArray[np.float32], x: float, y: float) -> float:
    """Bilinear, x and y in samples of the field (centres at +0.5), replicated beyond its border."""
    height, width = field.shape
    u = min(max(x - 0.5, 0.0), width - 1.001)
    v = min(max(y - 0.5, 0.0), height - 1.001)
    i, j = I64(max(u, 0.0)), I64(max(v, 0.0))
    i1, j1 = min(i + 1, width - 1), min(j + 1, height - 1)
    fu, fv = max(u, 0.0) - i, max(v, 0.0) - j
    top = field[j, i] * (1 - fu) + field[j, i1] * fu
    low = field[j1, i] * (1 - fu) + field[j1, i1] * fu
    return top * (1 - fv) + low * fv


@jit
def mesh_of_layer(
    field: NDArray[np.float32],
    camera: NDArray[np.float64],
    photo: NDArray[np.float64],
    texture: NDArray[np.float64],
    step: int,
    mesh: NDArray[np.float32],
) -> None:
    """Fill a mesh with texel positions.

    A frame point q = (step i, step j) is looked at through the lens, p' = (x, y) + scale R (q - (w / 2, h / 2)), and
    shows the photo point p = p' + s e, e = W (cx, cy) - (p' - c) cz, where s is the layer's disparity at p itself: the
    root of s - disparity(p' + s e), which rises with s because the disparity is smooth.

    Args:
        field: (h, w) the layer's disparity, over the whole photo.
        camera: view x, y, scale * cos, scale * sin, travel x, y, z, half the frame's width and height.
        photo: full width and height in pixels.
        texture: left, top of the layer's texture in photo pixels, texels per photo pixel along x and y.
        step: frame pixels between vertices.
        mesh: (rows, columns, 2) float32, texel positions minus one half: whole numbers are the centres of texels.
    """
    rows, columns = mesh.shape[0], mesh.shape[1]
    height, width = field.shape
    view_x, view_y, along, across = camera[0], camera[1], camera[2], camera[3]
    go_x, go_y, go_z, half_w, half_h = camera[4], camera[5], camera[6], camera[7], camera[8]
    centre_x, centre_y = photo[0] / 2, photo[1] / 2
    to_x, to_y = width / photo[0], height / photo[1]
    for j in range(rows):
        for i in range(columns):
            qx, qy = step * i - half_w, step * j - half_h
            x = view_x + along * qx - across * qy
            y = view_y + across * qx + along * qy
            ex = photo[0] * go_x - (x - centre_x) * go_z
            ey = photo[0] * go_y - (y - centre_y) * go_z
            s = _disparity(field, x * to_x, y * to_y)
            slope, step_s, before = 1.0, 0.0, 0.0
            for round_ in range(ROUNDS):
                f = s - _disparity(field, (x + s * ex) * to_x, (y + s * ey) * to_y)
                if round_ > 0 and abs(step_s) > 1e-9:
                    slope = min(max((f - before) / step_s, 1 - STEEPEST), 1 + STEEPEST)
                before, step_s = f, -f / slope
                s += step_s
                if abs(step_s) < CLOSE:
                    break
            mesh[j, i, 0] = np.float32((x + s * ex - texture[0]) * texture[2] - 0.5)
            mesh[j, i, 1] = np.float32((y + s * ey - texture[1]) * texture[3] - 0.5)
