"""Rational time: seconds and frame rates are fractions, so that nothing drifts.

A frame rate is a ``Fraction`` of frames per second; 23.976 means 24000/1001 (SMPTE ST 12). Frame *n* of a clip stands
at the time n / rate from the clip's start; a clip of duration D has ceil(D * rate) frames.
"""

from fractions import Fraction
from math import ceil

from engine.core.errors import OptionError

FRAME_RATES: dict[str, Fraction] = {
    "23.976": Fraction(24000, 1001),
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": Fraction(30000, 1001),
    "30": Fraction(30),
    "50": Fraction(50),
    "60": Fraction(60),
}
"""The frame rates that we write, by the name a user types."""

DEFAULT_FRAME_RATE = FRAME_RATES["30"]

RATE_TOLERANCE = Fraction(1, 200)
"""Frames per second: a decimal number this close to a known rate means it (23.98, 29.97003)."""


def parse_frame_rate(text: str) -> Fraction:
    """Turn ``"30"``, ``"29.97"`` or ``"30000/1001"`` into a rational frame rate.

    Raises:
        OptionError: it is not one of :data:`FRAME_RATES`.
    """
    name = text.strip()
    if name in FRAME_RATES:
        return FRAME_RATES[name]
    try:
        rate = Fraction(name)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate in FRAME_RATES.values():
        return rate
    raise OptionError(f"{text!r} frames per second is not supported: use one of {', '.join(FRAME_RATES)}.")


def frame_rate_name(rate: Fraction) -> str:
    """The short name of a frame rate: ``"29.97"``, or the fraction where it has none."""
    return next((name for name, value in FRAME_RATES.items() if value == rate), str(rate))


def frame_count(duration: Fraction, rate: Fraction) -> int:
    """How many frames cover ``duration`` seconds at ``rate`` frames per second; at least one."""
    return max(1, ceil(duration * rate))


def milliseconds(duration: Fraction) -> int:
    """Seconds to whole milliseconds, rounded to nearest: what the draft's JSON carries."""
    return round(duration * 1000)
