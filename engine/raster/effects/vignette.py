"""Vignette: the picture darkens towards its corners, as old lenses draw.

The gain falls by the fourth power of the distance from the middle, so that the middle stays as it is. It is a function
of the place in the layer: a lens that shows a part of it shows that part's share.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import cos, sin, sqrt

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.kernels.looks import vignette_plane

CORNER = 0.75
"""What the corners lose at amount 1."""


@dataclass(frozen=True)
class Vignette:
    """See :class:`engine.raster.effects.step.Step`.

    Attributes:
        amount: 0..1.
        size: (width, height) of the layer in pixels.
    """

    amount: float
    size: tuple[int, int]

    def apply(self, frame: YuvFrame, time: Fraction, lens: View) -> None:
        """Darken the corners. Chroma sample (i, j) lies at luma position (2i + 0.5, 2j + 1)."""
        strength = 1 / (1 - CORNER * self.amount) - 1
        c, s = cos(lens.angle) * lens.scale, sin(lens.angle) * lens.scale
        # Half the layer's diagonal is 1 in both axes' units: an ellipse that touches the corners.
        unit_x, unit_y = sqrt(2) / self.size[0], sqrt(2) / self.size[1]

        def place(qx: float, qy: float) -> tuple[float, float]:
            qx, qy = qx - frame.width / 2, qy - frame.height / 2
            x, y = lens.x + c * qx - s * qy, lens.y + s * qx + c * qy
            return (x - self.size[0] / 2) * unit_x, (y - self.size[1] / 2) * unit_y

        for plane, black, step, first in (
            (frame.y, 16.0, 1.0, place(0.5, 0.5)),
            (frame.u, 128.0, 2.0, place(0.5, 1.0)),
            (frame.v, 128.0, 2.0, place(0.5, 1.0)),
        ):
            vignette_plane(
                plane,
                black,
                *first,
                step * c * unit_x,
                step * s * unit_y,
                -step * s * unit_x,
                step * c * unit_y,
                strength,
            )
