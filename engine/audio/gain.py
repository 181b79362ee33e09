"""How loud a sound is at each of its samples: volume, fades, crossfades, and edges that do not click."""

from dataclasses import dataclass
from math import pi

import numpy as np

from engine.audio.samples import SAMPLE_RATE, Curve

EDGE = SAMPLE_RATE * 3 // 1000
"""Samples of the ramp where a sound is cut in the middle of its material: 3 ms, too short to be heard as a fade."""

RAISED_COSINE, EQUAL_POWER, LINEAR = "raised_cosine", "equal_power", "linear"
"""Shapes of a ramp. Fades to and from silence are raised cosines; crossfades of two sounds keep the sum of powers;
crossfades of a sound with itself keep the sum of amplitudes."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """A rise from 0 at ``start`` to 1 at ``end``, in samples; a fall where ``end`` < ``start``.

    Sample n is taken at n + 0.5, so that a rise and the fall over the same samples mirror each other.
    """

    start: int
    end: int
    shape: str = RAISED_COSINE

    def gain(self, first: int, count: int) -> Curve | None:
        """The gain of ``count`` samples from ``first`` on: (count,); None where it is 1 throughout."""
        low, high = min(self.start, self.end), max(self.start, self.end)
        falls = self.end < self.start
        if (first + count <= low and falls) or (first >= high and not falls):
            return None
        way = (np.arange(first, first + count) + 0.5 - self.start) / ((self.end - self.start) or 1)
        way = np.clip(way, 0.0, 1.0)
        if self.shape == LINEAR:
            return way
        sine: Curve = np.sin(way * (pi / 2))
        return sine if self.shape == EQUAL_POWER else sine * sine


@dataclass(frozen=True, slots=True)
class ClipGain:
    """Everything that changes a clip's level.

    Attributes:
        volume: amplitude factor.
        ramps: they multiply.
    """

    volume: float
    ramps: tuple[Ramp, ...] = ()

    def over(self, first: int, count: int) -> Curve | float:
        """The gain of ``count`` samples of the clip from its sample ``first`` on."""
        gain: Curve | float = self.volume
        for ramp in self.ramps:
            curve = ramp.gain(first, count)
            if curve is not None:
                gain = gain * curve
        return gain
