"""Times of a draft as OpenTimelineIO's, and back without a loss.

A draft's times are whole milliseconds; other tools count frames. A time is written as the first frame that stands at it
or after it, n / rate >= t, which is where our renderer shows what begins there: the same cut to the frame. Where that
would give two times of a track one frame, the timeline is written in milliseconds (rate 1000). What was written is a
function of the milliseconds alone, so a reader who has both sees whether anybody has changed it.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, isfinite
from typing import Any

from engine.core.errors import DraftError
from engine.core.time import FRAME_RATES, RATE_TOLERANCE, milliseconds
from engine.timeline.draft import Draft
from engine.timeline.otio.library import library

MILLISECONDS = Fraction(1000)
"""The rate of a timeline that does not keep to frames."""

MAX_RATE = 1_000_000.0
"""Counts per second: finer than any medium."""


def rate_for(draft: Draft) -> Fraction:
    """The rate at which a draft is written: its own, or :data:`MILLISECONDS`."""
    for track in draft.tracks:
        times = {time for segment in track.segments for time in (segment.start, segment.end)}
        if len({frame_of(time, draft.frame_rate) for time in times}) < len(times):
            return MILLISECONDS
    return draft.frame_rate


def frame_of(seconds: Fraction, rate: Fraction) -> int:
    """The first frame at or after a time of the timeline."""
    return ceil(seconds * rate)


def nearest(seconds: Fraction, rate: Fraction) -> int:
    """The frame whose time is nearest: of times within media, and of lengths."""
    return round(seconds * rate)


def rational_time(frames: int, rate: Fraction) -> Any:  # noqa: ANN401 - of the library
    """A ``RationalTime``."""
    return library().opentime.RationalTime(frames, float(rate))


def time_range(start: int, duration: int, rate: Fraction) -> Any:  # noqa: ANN401 - of the library
    """A ``TimeRange`` of frames."""
    return library().opentime.TimeRange(rational_time(start, rate), rational_time(duration, rate))


def exact_rate(rate: float) -> Fraction:
    """A rate as a fraction: 29.97 is 30000/1001; 0 for one that means nothing."""
    if not 0 < rate <= MAX_RATE:
        return Fraction(0)
    for known in FRAME_RATES.values():
        if abs(known - Fraction(rate)) < RATE_TOLERANCE:
            return known
    return Fraction(rate).limit_denominator(1001)


def seconds_of(time: Any) -> Fraction:  # noqa: ANN401 - of the library
    """Seconds of a ``RationalTime``; 0 for one without a rate.

    Raises:
        DraftError: it is not a finite number.
    """
    rate = exact_rate(time.rate)
    if not isfinite(time.value):
        raise DraftError("The OpenTimelineIO file holds a time that is not a number: export it anew.")
    return Fraction(time.value) / rate if rate > 0 else Fraction(0)


class TrackClock:
    """Turns times of a track that was read into whole milliseconds of the draft.

    Args:
        written: the (start, end) in seconds that our clips on it had when they were written.
        rate: at which they were written; None for a timeline of another tool.
    """

    def __init__(self, written: Iterable[tuple[Fraction, Fraction]], rate: Fraction | None) -> None:
        self._known: dict[Fraction, int] = {}
        if rate is not None:
            for pair in written:
                for time in pair:
                    self._known.setdefault(frame_of(time, rate) / rate, milliseconds(time))

    def milliseconds(self, time: Fraction) -> int:
        """Whole milliseconds of a time in seconds."""
        return self._known.get(time, milliseconds(time))
