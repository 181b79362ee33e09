"""What a chain of effects is made of."""

from fractions import Fraction
from typing import Protocol

from engine.core.frames import YuvFrame
from engine.core.view import View

LOOP = Fraction(20)
"""Seconds after which everything that moves repeats itself."""


class Step(Protocol):
    """One pass over a frame. Safe to call from several threads at once."""

    def apply(self, frame: YuvFrame, time: Fraction, lens: View) -> None:
        """Change a frame in place.

        Args:
            frame: of any even size.
            time: seconds on the timeline.
            lens: which part of the layer the frame shows, in layer pixels.
        """
        ...


def loop_phase(time: Fraction) -> float:
    """Where a time stands in the loop, 0 <= phase < 1: exactly the same a loop later."""
    return float(time % LOOP / LOOP)
