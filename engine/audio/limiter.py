"""A limiter for true peaks, with look-ahead: it lowers the sound before a peak arrives and lets go slowly after it."""

from math import exp

import numpy as np

from engine.audio.samples import SAMPLE_RATE, Curve

LOOK_AHEAD = SAMPLE_RATE * 5 // 1000
"""Samples, even: 5 ms in which the gain goes down."""

RELEASE = 0.12
"""Seconds in which the gain returns by 1 - 1/e."""


class LimiterGain:
    """Turns a stream of peaks into a stream of gains.

    The gains come :data:`LOOK_AHEAD` samples late: the first that many belong to samples before the first.

    Args:
        gain: amplitude factor for everything.
        ceiling: largest magnitude that may pass, amplitude.

    Attributes:
        least: the smallest factor so far, without ``gain``; 1 means that nothing was limited.
    """

    def __init__(self, gain: float, ceiling: float) -> None:
        self._gain, self._ceiling = gain, ceiling
        self._release = 1 - exp(-1 / (RELEASE * SAMPLE_RATE))
        self._ring = np.ones(LOOK_AHEAD + 1)
        self._times = np.zeros(LOOK_AHEAD + 1, np.int64)
        half = LOOK_AHEAD // 2
        self._lanes = np.ones((2, half))
        self._state = np.array([0.0, 0.0, 1.0, half, half, 0.0, 0.0])
        self.least = 1.0

    def push(self, peaks: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Curve:
        """The gains that the next peaks, shape (n,), make known: shape (n,)."""
        from engine.audio.kernels.limiting import limiter_gain

        out = np.empty(len(peaks))
        least = limiter_gain(
            peaks, self._gain, self._ceiling, self._release, self._ring, self._times, self._lanes, self._state, out
        )
        self.least = min(self.least, float(least))
        return out
