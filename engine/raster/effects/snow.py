"""Snow in three depths: a haze of small flakes far away, clear ones, and a few large ones out of focus, close by.

Flakes sway as they fall, all in one wind that comes and goes; the closer, the faster.
"""

from dataclasses import dataclass
from math import pi, sin

import numpy as np

from engine.raster.effects.hashing import key_of, uniform
from engine.raster.effects.particles import LINE, SHUTTER, Particles, Sprites, Values, extent, joined, wrapped
from engine.raster.effects.step import LOOP

WHITE = np.array([246.0, 249.0, 255.0])


@dataclass(frozen=True, slots=True)
class _Depth:
    """Flakes at about one distance; sizes in lines of 1080, ``falls`` in rounds of a loop."""

    count: int
    radius: tuple[float, float]
    alpha: tuple[float, float]
    falls: tuple[int, int]
    sway: float


_DEPTHS = (
    _Depth(1300, (2.0, 3.4), (0.35, 0.85), (1, 2), 9),
    _Depth(620, (3.6, 8.0), (0.5, 0.95), (2, 4), 16),
    _Depth(70, (12.0, 30.0), (0.26, 0.5), (5, 8), 30),
)
"""Counts at amount 1."""


def snow(amount: float, size: tuple[int, int], seed: int) -> Particles:
    """Snow for a layer of ``size`` pixels; ``amount`` is how dense it is."""
    wide, tall = extent(size)
    depths = [
        _Flakes(depth, round(depth.count * amount), wide, tall, key_of("snow", seed, number))
        for number, depth in enumerate(_DEPTHS)
    ]
    return Particles(size, lambda phase: joined([depth.at(phase) for depth in depths]), light=False)


class _Flakes:
    def __init__(self, depth: _Depth, count: int, wide: float, tall: float, key: int) -> None:
        self.number = np.arange(count)
        self.key, self.wide, self.tall = key, wide, tall

        def spread(salt: int, low: float, high: float) -> Values:
            return low + (high - low) * uniform(key, self.number, salt)

        # Small ones are the most.
        self.radius = LINE * (depth.radius[0] + (depth.radius[1] - depth.radius[0]) * spread(1, 0, 1) ** 2)
        self.alpha = spread(2, *depth.alpha)
        self.margin = self.radius + spread(3, 0.0, 0.25)
        self.start = spread(4, 0.0, 1.0)
        self.falls = np.floor(spread(5, depth.falls[0], depth.falls[1] + 1))
        self.drift = spread(6, 0.05, 0.22)
        self.sway, self.sways = LINE * depth.sway * spread(7, 0.4, 1.0), np.floor(spread(8, 3, 9))
        self.sway_start = spread(9, 0.0, 1.0)

    def at(self, phase: float) -> Sprites:
        turns = self.start + self.falls * phase
        fall = np.floor(turns) % self.falls  # each fall of a loop begins at a place of its own
        side = uniform(self.key, (self.number * 64 + fall).astype(np.int64), 10)
        angle = 2 * pi * (self.sways * phase + self.sway_start)
        # The wind is the same for all, and stronger on what is close.
        gust = (0.02 * sin(2 * pi * phase) + 0.012 * sin(2 * pi * (3 * phase + 0.3))) * self.falls / 3
        x = side * (self.wide + 0.5) - 0.35 + self.drift * (turns % 1.0) + self.sway * np.sin(angle) + gust
        y = wrapped(turns, self.margin, self.tall)
        per_second = 1 / float(LOOP)
        down = self.falls * (self.tall + 2 * self.margin) * per_second
        aside = (self.drift * self.falls + self.sway * np.cos(angle) * 2 * pi * self.sways) * per_second
        return Sprites(x, y, self.radius, self.alpha, np.tile(WHITE, (len(x), 1)), aside * SHUTTER, down * SHUTTER)
