"""Music that makes room for a voice before it begins.

The whole of the voice is known when the music is mixed, so nothing has to react: the voice's level decides where it is
heard, short pauses are bridged, and the music goes down ahead of each stretch and comes back after it on smooth ramps.
"""

from collections.abc import Sequence
from math import ceil, log10

import numpy as np
from numpy.typing import NDArray

from engine.audio.samples import SAMPLE_RATE, Curve, Samples

DEPTH = 12.0
"""dB that ducked music is lowered by."""

HOP = SAMPLE_RATE // 100
"""Samples of one value of the envelope: 10 ms."""

OPENS, CLOSES = -20.0, -28.0
"""dB relative to the voice's usual level: from which on it counts as heard, and below which it no longer does."""

LOWEST = -60.0
"""dBFS RMS: nothing softer opens, whatever the usual level."""

BRIDGE = 1.2
"""Seconds: the music stays down over a shorter pause than this; going up and down again would pump."""

SHORTEST = 0.05
"""Seconds: what is heard for less time is a click, not a voice."""

AHEAD = 0.05
"""Seconds before the voice at which the music is all the way down."""

ATTACK, HOLD, RELEASE = 0.35, 0.25, 0.9
"""Seconds: going down, staying down after the voice, coming back."""


class VoiceLevel:
    """Collects the level of the voices, block by block."""

    def __init__(self) -> None:
        self._powers: list[NDArray[np.float32]] = []
        self._rest = np.zeros(0)

    def add(self, samples: Samples) -> None:
        """Take the next samples of all voices together, shape (n, 2)."""
        power = np.concatenate([self._rest, (samples.astype(np.float64) ** 2).mean(axis=1)])
        whole = len(power) // HOP * HOP
        self._powers.append(power[:whole].reshape(-1, HOP).mean(axis=1).astype(np.float32))
        self._rest = power[whole:]

    def levels(self) -> NDArray[np.float64]:
        """dBFS RMS every 10 ms, shape (hops,), not below -120."""
        parts = [*self._powers, np.array([self._rest.mean()])] if len(self._rest) else self._powers
        power = np.concatenate([*parts, np.zeros(0)]).astype(np.float64)
        return 10 * np.log10(power + 1e-12)


def heard(levels: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Stretches [first, last) of hops in which the voice is heard, pauses shorter than :data:`BRIDGE` included.

    Args:
        levels: dBFS RMS of each hop.
    """
    loud = levels[levels > LOWEST]
    if not len(loud):
        return []
    usual = 10 * log10((10 ** (loud / 10)).mean())
    opens, closes = max(usual + OPENS, LOWEST), max(usual + CLOSES, LOWEST - 6)
    stretches: list[tuple[int, int]] = []
    # Hysteresis: every run above the lower threshold that reaches the upper one.
    above = np.concatenate([[False], levels > closes, [False]])
    edges = np.flatnonzero(np.diff(above.astype(np.int8)))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if levels[first:last].max() <= opens or (last - first) * HOP < SHORTEST * SAMPLE_RATE:
            continue
        if stretches and (first - stretches[-1][1]) * HOP < BRIDGE * SAMPLE_RATE:
            stretches[-1] = (stretches[-1][0], last)
        else:
            stretches.append((first, last))
    return stretches


class Ducking:
    """The gain of ducked music over time.

    Args:
        stretches: hops in which a voice is heard, in order.
        hops: how many hops there are.
        depth: dB.
    """

    def __init__(self, stretches: Sequence[tuple[int, int]], hops: int, depth: float = DEPTH) -> None:
        down = np.zeros(hops + 2, np.float32)  # 0 up .. 1 all the way down, at the start of each hop
        rate = SAMPLE_RATE / HOP
        for first, last in stretches:
            low, back = first - AHEAD * rate, last + HOLD * rate
            a = max(0, int(low - ATTACK * rate))
            b = min(len(down), ceil(back + RELEASE * rate) + 1)
            n = np.arange(a, b)
            fall = np.clip((n - (low - ATTACK * rate)) / (ATTACK * rate), 0, 1)
            rise = np.clip((n - back) / (RELEASE * rate), 0, 1)
            down[a:b] = np.maximum(down[a:b], _ease(fall) * (1 - _ease(rise)))
        self.decibels = -depth * down
        self._gain = 10 ** (self.decibels / 20)

    def gain(self, first: int, count: int) -> Curve:
        """Amplitude factors of ``count`` samples of the timeline from ``first`` on: (count,)."""
        low = max(0, first // HOP)
        high = min(len(self._gain), (first + count) // HOP + 2)
        knots = np.arange(low, high) * HOP
        curve: Curve = np.interp(np.arange(first, first + count), knots, self._gain[low:high])
        return curve


def _ease(way: NDArray[np.float64]) -> NDArray[np.float64]:
    """A raised cosine in dB: no corner at either end."""
    return 0.5 - 0.5 * np.cos(np.pi * way)
