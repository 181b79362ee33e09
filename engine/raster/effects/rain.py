"""Rain in three depths: streaks as long as a drop falls while the shutter is open, paler and finer far away."""

from dataclasses import dataclass
from math import tan

import numpy as np

from engine.raster.effects.hashing import key_of, uniform
from engine.raster.effects.particles import LINE, Particles, Sprites, Values, extent, joined, wrapped
from engine.raster.effects.step import LOOP

WATER = np.array([226.0, 234.0, 244.0])

SLANT = 0.13
"""Radians by which the wind leans the rain."""

SHUTTER = 1 / 50
"""Seconds; longer than that of slower things, because short streaks look like hail."""


@dataclass(frozen=True, slots=True)
class _Depth:
    """Drops at about one distance; radii in lines of 1080, speeds in units per second."""

    count: int
    radius: tuple[float, float]
    alpha: tuple[float, float]
    speed: tuple[float, float]


_DEPTHS = (
    _Depth(760, (1.0, 1.3), (0.12, 0.26), (1.3, 1.8)),
    _Depth(340, (1.3, 2.0), (0.18, 0.36), (2.0, 2.8)),
    _Depth(60, (2.2, 3.6), (0.10, 0.18), (3.2, 4.2)),
)
"""Counts at amount 1."""


def rain(amount: float, size: tuple[int, int], seed: int) -> Particles:
    """Rain for a layer of ``size`` pixels; ``amount`` is how dense it is."""
    wide, tall = extent(size)
    depths = [
        _Drops(depth, round(depth.count * amount), wide, tall, key_of("rain", seed, number))
        for number, depth in enumerate(_DEPTHS)
    ]
    return Particles(size, lambda phase: joined([depth.at(phase) for depth in depths]), light=False)


class _Drops:
    def __init__(self, depth: _Depth, count: int, wide: float, tall: float, key: int) -> None:
        self.number = np.arange(count)
        self.key, self.wide, self.tall = key, wide, tall

        def spread(salt: int, low: float, high: float) -> Values:
            return low + (high - low) * uniform(key, self.number, salt)

        self.radius = LINE * spread(1, *depth.radius)
        self.alpha = spread(2, *depth.alpha)
        speed = spread(3, *depth.speed)
        self.margin = speed * SHUTTER + spread(4, 0.0, 0.4)
        # Whole numbers of falls in a loop, so that it closes.
        self.falls = np.maximum(np.round(speed * float(LOOP) / (tall + 2 * self.margin)), 1)
        self.start = spread(5, 0.0, 1.0)
        self.slant = tan(SLANT) + spread(6, -0.012, 0.012)

    def at(self, phase: float) -> Sprites:
        turns = self.start + self.falls * phase
        fall = np.floor(turns) % self.falls  # each fall begins at a place of its own
        reach = self.tall + 2 * self.margin
        side = uniform(self.key, (self.number * 512 + fall).astype(np.int64), 7)
        y = wrapped(turns, self.margin, self.tall)
        x = side * (self.wide + 0.4) - 0.2 - self.slant * (y - self.tall / 2)
        move = self.falls * reach / float(LOOP) * SHUTTER
        return Sprites(x, y, self.radius, self.alpha, np.tile(WATER, (len(x), 1)), -self.slant * move, move)
