"""Film grain: silver that is a little larger than a pixel, strongest in the lower middle tones, new in every frame.

One tile of noise is made from the seed; each frame takes it from another place, which a hash of the seed and the time
chooses. So a frame's grain is a function of seed and time, and costs one pass over luma.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.effects.hashing import key_of, uniform
from engine.raster.effects.step import LOOP
from engine.raster.kernels.looks import grain_rows

TILE = 1024
"""Pixels along a side of the tile."""

SIZE = 0.62
"""Standard deviation of a grain, lines of 1080; MIN_SIZE pixels at least."""

MIN_SIZE = 0.35

AMPLITUDE = 22.0
"""Code values of luma (standard deviation) at amount 1, where grain is strongest about a third less."""


@dataclass(frozen=True)
class Grain:
    """See :class:`engine.raster.effects.step.Step`.

    Attributes:
        amount: 0..1.
        unit: of the layer, pixels (``engine.raster.unit``).
        seed: of the noise.
    """

    amount: float
    unit: float
    seed: int

    def apply(self, frame: YuvFrame, time: Fraction, lens: View) -> None:
        """Add grain to luma; it is that of the film, so a lens does not enlarge it."""
        moment = time % LOOP
        key = key_of("grain", self.seed, moment.numerator, moment.denominator)
        sigma = max(SIZE * self.unit / 1080, MIN_SIZE)
        # Small pictures average over grains that they cannot show.
        amplitude = AMPLITUDE * self.amount * min(1.0, SIZE * self.unit / 1080 / MIN_SIZE)
        grain_rows(frame.y, _tile(self.seed, sigma), key % TILE, key // TILE % TILE, amplitude)


@lru_cache(maxsize=8)
def _tile(seed: int, sigma: float) -> NDArray[np.float32]:
    """(TILE, TILE) normal noise, smoothed by a Gaussian, standard deviation 1; opposite edges meet."""
    index = np.arange(TILE * TILE)
    key = key_of("grain tile", seed)
    # Box and Muller: two uniform numbers make a normal one.
    radius = np.sqrt(-2 * np.log1p(-uniform(key, index, 0)))
    noise = (radius * np.cos(2 * np.pi * uniform(key, index, 1))).reshape(TILE, TILE)
    reach = max(1, round(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    for axis in (0, 1):
        noise = sum(weight * np.roll(noise, step - reach, axis) for step, weight in enumerate(weights))
    return np.ascontiguousarray(noise / noise.std(), np.float32)
