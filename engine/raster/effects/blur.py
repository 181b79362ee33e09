"""Blur: the layer out of focus."""

from dataclasses import dataclass
from fractions import Fraction

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.gaussian import blur

MAX_SIGMA = 0.04
"""Standard deviation at amount 1, units of the layer."""


@dataclass(frozen=True)
class Blur:
    """See :class:`engine.raster.effects.step.Step`.

    Attributes:
        amount: 0..1; sigma grows with its power 1.5.
        unit: of the layer, pixels (``engine.raster.unit``).
    """

    amount: float
    unit: float

    def apply(self, frame: YuvFrame, time: Fraction, lens: View) -> None:
        """Blur in linear light; beyond the frame's edges the picture is repeated."""
        blur(frame, MAX_SIGMA * self.amount**1.5 * self.unit / lens.scale)
