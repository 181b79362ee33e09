"""From a view to the affine map between a frame's plane and a level's plane.

Conventions: frame and photo as in :mod:`engine.core.view`; levels as in :mod:`engine.raster.levels`; chroma siting as
in :mod:`engine.core.frames`. All positions are continuous plane samples, sample i centred at i + 0.5.
"""

from dataclasses import dataclass
from math import cos, sin

from engine.core.view import View


@dataclass(frozen=True, slots=True)
class PlaneMap:
    """Plane sample (i, j) of the frame reads the level's plane around (u, v):

        u = a i + b j + u0        v = c i + d j + v0

    Attributes:
        a, b, c, d: level samples per frame sample.
        u0, v0: position of frame sample (0, 0), border included.
    """

    a: float
    b: float
    c: float
    d: float
    u0: float
    v0: float

    @property
    def rotated(self) -> bool:
        """Whether the axes mix."""
        return self.b != 0.0 or self.c != 0.0


def plane_map(view: View, frame_size: tuple[int, int], ratio: float, pad: int, *, chroma: bool) -> PlaneMap:
    """The map of the luma plane, or of the chroma planes, for one view.

    Args:
        view: what the camera sees.
        frame_size: (width, height) of the frame in luma pixels.
        ratio: level pixels per photo pixel.
        pad: border of the level's planes in samples.
        chroma: for the half-size planes: frame sample (i, j) lies at luma position (2i + 0.5, 2j + 1).
    """
    width, height = frame_size
    per_sample = 2.0 if chroma else 1.0
    first_x, first_y = (0.5, 1.0) if chroma else (0.5, 0.5)
    # Frame position -> level luma pixels -> samples of this plane; the factor 2 of chroma cancels in the steps.
    scale = view.scale * ratio
    a, b = scale * cos(view.angle), -scale * sin(view.angle)
    c, d = -b, a
    qx, qy = first_x - width / 2, first_y - height / 2
    u0 = (view.x * ratio + a * qx + b * qy) / per_sample + pad
    v0 = (view.y * ratio + c * qx + d * qy) / per_sample + pad
    return PlaneMap(a, b, c, d, u0, v0)
