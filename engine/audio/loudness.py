"""Loudness and true peak of a stereo stream (ITU-R BS.1770-5).

The two K-weighting sections and their coefficients at 48 kHz are those of Annex 1; blocks of 400 ms overlap by three
quarters; blocks below -70 LUFS and then those 10 LU below the mean of the rest do not count. True peaks are taken from
the signal at four times its rate (Annex 2), interpolated by a longer filter than the annex's example: 24 taps a phase.
"""

from math import log10

import numpy as np
from numpy.typing import NDArray

from engine.audio.samples import SAMPLE_RATE, Samples

HOP = SAMPLE_RATE // 10
"""Samples of a quarter of a block: 100 ms."""

_BLOCK_HOPS = 4

ABSOLUTE_GATE = -70.0
"""LUFS: what is below does not count."""

RELATIVE_GATE = -10.0
"""LU below the mean of what passed the absolute gate."""

_OFFSET = -0.691
"""dB: makes a 997 Hz sine of 0 dBFS in one channel read -3.01 LUFS (Annex 1)."""

_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)
"""b0, b1, b2, a1, a2: the shelf of the head, then the high-pass (Annex 1, Tables 1 and 2)."""

OVERSAMPLING = 4
PEAK_TAPS = 24
"""Taps of each interpolating filter, even: each point is made of 12 samples before and 12 after."""

_PEAK_KAISER = 7.0
"""Shape of the window: within 0.06 dB up to 20 kHz (tested)."""


def interpolators() -> NDArray[np.float32]:
    """Filters for the points 1/4, 2/4 and 3/4 of the way to the next sample: (3, :data:`PEAK_TAPS`), float32."""
    half = PEAK_TAPS // 2
    fractions = np.arange(1, OVERSAMPLING)[:, None] / OVERSAMPLING
    distance = np.arange(PEAK_TAPS)[None, :] - (half - 1) - fractions
    window = np.i0(_PEAK_KAISER * np.sqrt(1 - (distance / half) ** 2)) / np.i0(_PEAK_KAISER)
    filters = np.sinc(distance) * window
    filters /= filters.sum(axis=1, keepdims=True)
    return np.asarray(filters, np.float32)


class LoudnessMeter:
    """Measures a stream that is given block by block. Memory: 80 bytes a second of sound."""

    def __init__(self) -> None:
        self._state = np.zeros((2, 2, 2))
        self._sums: list[NDArray[np.float64]] = []
        self._open = 0.0
        self._filled = 0
        self._count = 0

    def add(self, samples: Samples) -> None:
        """Take the next samples, shape (n, 2)."""
        from engine.audio.kernels.metering import k_weighted_energy

        sums = np.zeros((self._filled + len(samples)) // HOP + 1)
        sums[0] = self._open
        self._filled = k_weighted_energy(samples, _K_WEIGHTING, self._state, HOP, self._filled, sums)
        self._open = float(sums[-1])
        self._sums.append(sums[:-1])
        self._count += len(samples)

    def integrated(self) -> float | None:
        """LUFS of everything so far; None when no block is louder than :data:`ABSOLUTE_GATE`.

        What is shorter than one block is measured as one block of its own length, which the recommendation leaves open.
        """
        hops = np.concatenate([*self._sums, np.zeros(0)])
        if len(hops) < _BLOCK_HOPS:
            if self._count == 0:
                return None
            power = np.array([(hops.sum() + self._open) / self._count])
        else:
            total = np.concatenate([np.zeros(1), np.cumsum(hops)])
            power = (total[_BLOCK_HOPS:] - total[:-_BLOCK_HOPS]) / (_BLOCK_HOPS * HOP)
        power = power[power > _power(ABSOLUTE_GATE)]
        if not len(power):
            return None
        power = power[power > power.mean() * 10 ** (RELATIVE_GATE / 10)]
        return _OFFSET + 10 * log10(power.mean())


class PeakMeter:
    """Peaks between the samples of a stream, as a stream: see :meth:`add`."""

    def __init__(self) -> None:
        self._filters = interpolators()
        self._tail = np.zeros((2, PEAK_TAPS // 2 - 1), np.float32)
        self.peak = 0.0

    def add(self, samples: Samples) -> NDArray[np.float32]:
        """Take the next samples, shape (n, 2).

        Returns:
            The magnitudes of samples that now have all their neighbours, shape (m,), float32: each the largest of both
            channels at the sample and on the way to the next one. :meth:`finish` gives the last ones.
        """
        from engine.audio.kernels.metering import peaks_between

        planar = np.concatenate([self._tail, samples.T], axis=1)
        ready = max(0, planar.shape[1] - PEAK_TAPS + 1)
        out = np.empty(ready, np.float32)
        if ready:
            peaks_between(np.ascontiguousarray(planar), self._filters, out)
            self.peak = max(self.peak, float(out.max()))
        self._tail = planar[:, ready:]
        return out

    def finish(self) -> NDArray[np.float32]:
        """The magnitudes of the last samples, as if silence followed."""
        return self.add(np.zeros((PEAK_TAPS // 2, 2), np.float32))

    @property
    def decibels(self) -> float | None:
        """dBTP so far; None for digital silence."""
        return 20 * log10(self.peak) if self.peak > 0 else None


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))
