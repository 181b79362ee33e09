"""From the time of a segment to the time of its medium."""

from fractions import Fraction

from engine.timeline.playback import ENDLESS, Playback

INSTANT = Fraction(1, 1_000_000)
"""Seconds, less than any picture lasts: the part that is played does not include the picture that begins at its end."""


def played_range(playback: Playback, media_duration: Fraction) -> tuple[Fraction, Fraction]:
    """The part [start, end) of the medium that is played, seconds; never empty, always within the medium."""
    end = media_duration if playback.end is None else min(playback.end, media_duration)
    start = min(playback.start, media_duration)
    if start >= end:
        # It begins where the medium has ended: the last picture stands.
        return max(media_duration - INSTANT, Fraction(0)), media_duration
    return start, end


def source_time(playback: Playback, media_duration: Fraction, segment_time: Fraction) -> Fraction:
    """Which moment of a medium is shown at a moment of its segment.

    A reversed medium is the mirror of the same medium played forward: each picture is shown as long, in the other
    order. After the last play its last picture stands. Before the segment begins (in a transition's handle) the medium
    is played from before ``start``, or in reverse from beyond ``end``, where it has so much, else its outermost picture
    stands.

    Args:
        playback: which part, how fast, which way, how often.
        media_duration: seconds, >= 0.
        segment_time: seconds since the segment began; negative in a handle.

    Returns:
        Seconds in the medium, 0 <= time <= media_duration.
    """
    last = max(media_duration - INSTANT, Fraction(0))

    def inside(time: Fraction) -> Fraction:
        return min(max(time, Fraction(0)), last)

    if playback.freeze is not None:
        return inside(playback.freeze)
    start, end = played_range(playback, media_duration)
    length = end - start
    played = segment_time * playback.speed
    if length > 0 and played >= 0:
        if playback.plays != ENDLESS and played >= length * playback.plays:
            played = length if playback.reverse else length - INSTANT
        elif played >= length:
            played %= length
    if playback.reverse:
        return inside(max(end - played - INSTANT, start) if played >= 0 else end - played - INSTANT)
    return inside(start + played)
