"""When each picture of a video is shown, and where decoding can begin.

A container's clock may be coarse: Matroska, WEBM and FLV count in milliseconds, so the pictures of 30 frames per second
are said to appear at 0, 33, 67, 100 ms. Taken at its word, such a video would show one picture in three twice and
another never on a timeline of its own rate: 66.67 ms is before 67. So times that are those of a constant rate, rounded,
are taken as that rate; others may be early by the clock's rounding.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray

VARIABLE_TICKS = 1
"""Presentation times may be rounded to the clock by so many ticks (Matroska counts in milliseconds) ..."""

VARIABLE_SHARE = 0.01
"""... or deviate by that share of a frame: beyond both the rate is called variable."""

MOST_SLACK = Fraction(1, 16)
"""Of the usual time between two pictures: how early one may be taken, however coarse the clock is."""


@dataclass(frozen=True, slots=True)
class PictureIndex:
    """The pictures of a video in order of presentation.

    Attributes:
        times: (n,) int64, ascending, in ticks: when each picture appears.
        end: ticks: when the last picture ends.
        time_base: seconds per tick.
        keys: (k,) int64, ascending, ticks: presentation times of the pictures where decoding can begin.
        key_positions: (k,) int64: what to seek to for each of them, ticks.
        rate: pictures per second, where the times are those of a constant rate, rounded to the clock; else None.
        slack: ticks by which a picture may be taken early, because its time was rounded.
    """

    times: NDArray[np.int64]
    end: int
    time_base: Fraction
    keys: NDArray[np.int64]
    key_positions: NDArray[np.int64]
    rate: Fraction | None = None
    slack: Fraction = Fraction(0)

    @property
    def count(self) -> int:
        """How many pictures."""
        return len(self.times)

    @property
    def duration(self) -> Fraction:
        """Seconds from the first picture's appearance to the last one's end."""
        span = (self.end - int(self.times[0])) * self.time_base
        if self.rate is not None and abs(span - self.count / self.rate) <= 2 * self.time_base:
            return self.count / self.rate
        return span

    def at(self, time: Fraction) -> int:
        """Number of the picture that is shown ``time`` seconds after the first one appeared; clamped at both ends."""
        if self.rate is not None:
            number = floor(time * self.rate)
        else:
            tick = int(self.times[0]) + floor(time / self.time_base + self.slack)
            number = int(np.searchsorted(self.times, tick, "right")) - 1
        return min(max(number, 0), self.count - 1)

    def time_of(self, number: int) -> Fraction:
        """Seconds from the first picture's appearance to that of picture ``number``."""
        return int(self.times[number] - self.times[0]) * self.time_base

    def key_before(self, number: int) -> int:
        """Which of ``keys`` to decode from for picture ``number``; 0 where none lies before it."""
        return max(int(np.searchsorted(self.keys, self.times[number], "right")) - 1, 0)

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, the mean over the video."""
        if self.count < 2:
            return 1 / self.duration if self.duration > 0 else Fraction(1)
        # Between the first and the last appearance: the last picture's own duration is often a guess.
        steps, span = self.count - 1, int(self.times[-1] - self.times[0]) * self.time_base
        mean = steps / span
        # A clock of milliseconds cannot say 30000/1001: take the simple rate that fits it.
        simple = (Fraction(round(mean)), Fraction(round(mean * Fraction(1001, 1000)) * 1000, 1001))
        off, rate = min((abs(steps / rate - span), rate) for rate in simple if rate > 0) if mean >= 1 else (span, mean)
        return rate if off <= 2 * self.time_base else mean.limit_denominator(1001)

    @property
    def variable(self) -> bool:
        """Whether pictures come at an uneven rate."""
        if self.count < 3:
            return False
        even = np.linspace(float(self.times[0]), float(self.times[-1]), self.count)
        step = float(even[1] - even[0])
        allowed = VARIABLE_TICKS + VARIABLE_SHARE * step
        return bool(np.abs(np.diff(self.times) - step).max() > allowed)


def make_index(
    shown: list[int], durations: list[int], keys: list[tuple[int, int]], time_base: Fraction
) -> PictureIndex:
    """Build the index.

    Args:
        shown: presentation times in ticks, in any order, at least one.
        durations: of the same pictures, ticks; 0 where the file does not say.
        keys: (presentation time, what to seek to) of the pictures where decoding can begin.
        time_base: seconds per tick.
    """
    times, first = np.unique(np.array(shown, np.int64), return_index=True)
    last = int(durations[int(first[-1])])
    if last <= 0:
        last = max(1, int(np.median(np.diff(times)))) if len(times) > 1 else max(1, round(Fraction(1, 25) / time_base))
    ordered = np.array(sorted(set(keys)) or [(int(times[0]), int(times[0]))], np.int64)
    index = PictureIndex(times, int(times[-1]) + last, time_base, ordered[:, 0].copy(), ordered[:, 1].copy())
    if index.count < 2:
        return index
    usual = Fraction(int(np.median(np.diff(times))))
    return replace(index, rate=_constant_rate(index), slack=min(Fraction(1), usual * MOST_SLACK))


def _constant_rate(index: PictureIndex) -> Fraction | None:
    """The rate whose times, rounded to the clock, are those of the index; the first one may be rounded too."""
    rate = index.frame_rate
    even = index.times[0] + np.arange(index.count) * float(1 / (rate * index.time_base))
    return rate if float(np.abs(index.times - even).max()) <= 1 + 1e-6 else None
