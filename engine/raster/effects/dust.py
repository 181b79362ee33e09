"""Dust in the air: motes that hang in warm light, wander slowly, and glint as they turn."""

from math import pi

import numpy as np

from engine.raster.effects.hashing import key_of, uniform
from engine.raster.effects.particles import LINE, Particles, Sprites, Values, extent, joined

COLORS = np.array([[255.0, 236.0, 204.0], [255.0, 244.0, 226.0], [255.0, 250.0, 242.0]])

_DEPTHS = ((220, (2.2, 3.6), (0.4, 0.9)), (90, (4.0, 7.5), (0.35, 0.8)), (22, (12.0, 26.0), (0.10, 0.24)))
"""Counts at amount 1, radii in lines of 1080, alphas: from far to near."""


def dust(amount: float, size: tuple[int, int], seed: int) -> Particles:
    """Dust for a layer of ``size`` pixels; ``amount`` is how dense it is."""
    motes = [
        _Motes(round(count * amount), radius, alpha, extent(size), key_of("dust", seed, number))
        for number, (count, radius, alpha) in enumerate(_DEPTHS)
    ]
    return Particles(size, lambda phase: joined([depth.at(phase) for depth in motes]), light=True)


class _Motes:
    def __init__(
        self, count: int, radius: tuple[float, float], alpha: tuple[float, float], size: tuple[float, float], key: int
    ) -> None:
        number = np.arange(count)

        def spread(salt: int, low: float, high: float) -> Values:
            return low + (high - low) * uniform(key, number, salt)

        self.radius = LINE * spread(1, *radius)
        self.alpha = spread(2, *alpha)
        self.x, self.y = spread(3, -0.05, size[0] + 0.05), spread(4, -0.05, size[1] + 0.05)
        near = self.radius / (LINE * 4)
        self.reach_x, self.reach_y = spread(5, 0.015, 0.05) * near**0.5, spread(6, 0.01, 0.035) * near**0.5
        self.rounds = [np.floor(spread(7 + axis, 1, 3 + axis)) for axis in range(4)]
        self.starts = [spread(11 + axis, 0.0, 1.0) for axis in range(4)]
        self.glints, self.glint_start = np.floor(spread(15, 3, 9)), spread(16, 0.0, 1.0)
        self.color = COLORS[np.floor(spread(17, 0, len(COLORS))).astype(np.int64)]

    def at(self, phase: float) -> Sprites:
        wave = [
            np.sin(2 * pi * (rounds * phase + start)) for rounds, start in zip(self.rounds, self.starts, strict=True)
        ]
        x = self.x + self.reach_x * (wave[0] + 0.5 * wave[1])
        y = self.y + self.reach_y * (wave[2] + 0.5 * wave[3])
        glint = 0.5 + 0.5 * np.sin(2 * pi * (self.glints * phase + self.glint_start))
        still = np.zeros(len(x))
        return Sprites(x, y, self.radius, self.alpha * (0.25 + 0.75 * glint**2), self.color, still, still)
