"""Bokeh: lights far out of focus, as soft discs with a slightly brighter rim, that drift and breathe slowly."""

from math import pi

import numpy as np

from engine.raster.effects.hashing import key_of, uniform
from engine.raster.effects.particles import LINE, Particles, Sprites, Values, extent

COLORS = np.array(
    [[255.0, 196.0, 120.0], [255.0, 214.0, 156.0], [255.0, 176.0, 128.0], [255.0, 232.0, 200.0], [236.0, 190.0, 180.0]]
)
"""Lamps and candles."""

COUNT = 44
"""Discs at amount 1."""

RADII = (22.0, 84.0)
"""Lines of 1080."""

EDGE, RIM = 0.16, 0.22


def bokeh(amount: float, size: tuple[int, int], seed: int) -> Particles:
    """Discs of light for a layer of ``size`` pixels; ``amount`` is how many and how bright."""
    wide, tall = extent(size)
    key = key_of("bokeh", seed)
    number = np.arange(round(COUNT * (0.4 + 0.6 * amount)))

    def spread(salt: int, low: float, high: float) -> Values:
        return low + (high - low) * uniform(key, number, salt)

    radius = LINE * (RADII[0] + (RADII[1] - RADII[0]) * uniform(key, number, 1) ** 1.6)
    # Large discs are the same light on a larger area.
    alpha = amount * spread(2, 0.28, 0.7) * (LINE * RADII[0] / radius) ** 0.5
    x, y = spread(3, -0.05, wide + 0.05), spread(4, -0.05, tall + 0.05)
    reach = spread(5, 0.02, 0.07)
    rounds_x, rounds_y = np.floor(spread(6, 1, 3)), np.floor(spread(7, 1, 3))
    start_x, start_y, start = spread(8, 0, 1), spread(9, 0, 1), spread(10, 0, 1)
    breaths = np.floor(spread(11, 1, 4))
    color = COLORS[np.floor(spread(12, 0, len(COLORS))).astype(np.int64)]
    still = np.zeros(len(number))

    def make(phase: float) -> Sprites:
        breath = 0.5 + 0.5 * np.sin(2 * pi * (breaths * phase + start))
        return Sprites(
            x + reach * np.sin(2 * pi * (rounds_x * phase + start_x)),
            y + 0.6 * reach * np.sin(2 * pi * (rounds_y * phase + start_y)),
            radius,
            alpha * (0.3 + 0.7 * breath),
            color,
            still,
            still,
            EDGE,
            RIM,
        )

    return Particles(size, make, light=True)
