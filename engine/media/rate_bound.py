"""The leaky bucket that an encoder is held to, so that the stream keeps its level's promise.

ITU-T H.264 Annex C: bits arrive at a rate R in a buffer of B bits and each picture takes its own out at once. A level
bounds R and B; x264's VBV keeps to them.

**Groups that are encoded apart.** Each encoder begins with a buffer that it believes filled with I bits and knows
nothing of the group before. If it were given R and B themselves, two heavy groups could both spend I at the seam. So a
group of T seconds is held to a narrower bucket::

    rate  R' = R - I / T        buffer  B' = B - I        filled at the start with I

Then every run of groups of that length keeps to R and B. In t seconds inside one group come at most B' + R' t bits. In
an interval that begins t0 before the end of a group, spans m whole groups and ends t1 inside a last one, at most
(B' + R' t0) + m (I + R' T) + (I + R' t1) = B + R' (t0 + t1) + m R T bits, which is no more than B + R (t0 + m T + t1).
A last group that is shorter changes nothing, because no group follows it.
"""

from dataclasses import dataclass
from fractions import Fraction

from engine.media.h264_levels import Level

GROUP_START_SHARE = Fraction(3, 10)
"""I / B: what a group may spend at once for its key frame; 9.4 Mbit at 1080p30, where a key frame of the ``high``
preset takes 1 to 4. It costs the group 19 to 15 % of the rate and 30 % of the buffer, which ordinary pictures are far
from."""

WHOLE_START = Fraction(9, 10)
"""The filling that a single stream starts with: x264's own default."""


@dataclass(frozen=True, slots=True)
class RateBound:
    """A leaky bucket.

    Attributes:
        rate: bits per second that arrive.
        buffer: its size in bits.
        start: how full it is at first, 0..1.
    """

    rate: int
    buffer: int
    start: Fraction


def whole_bound(level: Level) -> RateBound:
    """The bucket of a stream that one encoder writes: the level's own."""
    return RateBound(level.max_bit_rate, level.max_buffer_size, WHOLE_START)


def group_bound(level: Level, seconds: Fraction) -> RateBound:
    """The bucket of one closed group among others of the same length; see the module.

    Args:
        level: what the whole stream is held to.
        seconds: the length of a group.
    """
    credit = level.max_buffer_size * GROUP_START_SHARE
    buffer = level.max_buffer_size - credit
    return RateBound(int(level.max_bit_rate - credit / seconds), int(buffer), credit / buffer)
