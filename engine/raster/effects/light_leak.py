"""Light leak: warm light that falls into the camera past a worn seal, from the edges, and wanders along them."""

from math import pi

import numpy as np

from engine.raster.effects.hashing import key_of, uniform
from engine.raster.effects.particles import Particles, Sprites, Values, extent

COLORS = np.array([[255.0, 96.0, 28.0], [255.0, 150.0, 56.0], [255.0, 62.0, 40.0], [255.0, 200.0, 110.0]])

COUNT = 5


def light_leak(amount: float, size: tuple[int, int], seed: int) -> Particles:
    """Light leaks for a layer of ``size`` pixels; ``amount`` is how bright."""
    wide, tall = extent(size)
    key = key_of("light_leak", seed)
    number = np.arange(COUNT)

    def spread(salt: int, low: float, high: float) -> Values:
        return low + (high - low) * uniform(key, number, salt)

    # One side of the picture leaks; a single fainter patch comes from the other.
    side = np.where(uniform(key, np.array([999]), 1)[0] < 0.5, 0.0, 1.0)
    from_right = np.where(number == COUNT - 1, 1 - side, side)
    x = np.where(from_right > 0, wide + spread(2, -0.02, 0.22), -spread(2, -0.02, 0.22))
    y = spread(3, -0.1, tall + 0.1)
    radius = spread(4, 0.55, 1.05)
    alpha = amount * spread(5, 0.4, 0.85) * np.where(number == COUNT - 1, 0.45, 1.0)
    rounds, start = np.floor(spread(6, 1, 3)), spread(7, 0, 1)
    swells, swell_start = np.floor(spread(8, 1, 4)), spread(9, 0, 1)
    still = np.zeros(COUNT)
    color = COLORS[number % len(COLORS)]

    def make(phase: float) -> Sprites:
        swell = 0.5 + 0.5 * np.sin(2 * pi * (swells * phase + swell_start))
        angle = 2 * pi * (rounds * phase + start)
        return Sprites(
            x + 0.12 * np.sin(angle),
            y + 0.3 * np.cos(angle),
            radius,
            alpha * (0.45 + 0.55 * swell),
            color,
            still,
            still,
        )

    return Particles(size, make, light=True)
