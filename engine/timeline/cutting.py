"""What a cut does to the inside of a segment: played material, keyframes, fades and animations.

Times are seconds. ``head`` is how much of the segment's beginning goes away; negative, how much is added there.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import exp, log
from pathlib import PurePosixPath
from typing import Any, NoReturn

from engine.core.errors import DraftError
from engine.motion.easing import ease
from engine.timeline.arrange import is_caption_file
from engine.timeline.cards import COLOR_PREFIX, GRADIENT_PREFIX
from engine.timeline.draft import TEXT, Segment, Track, on_grid
from engine.timeline.placement import Keyframe
from engine.timeline.playback import ENDLESS, Playback
from engine.timeline.text_style import TextStyle

STILL_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif")
"""Names that end so are photos, which have no time of their own."""

GRID = Fraction(1, 1000)
"""Seconds: the grid of the timeline."""

_BEFORE_CUT = {"in_out": "in", "in": "in", "out": "linear", "linear": "linear"}
_AFTER_CUT = {"in_out": "out", "in": "linear", "out": "out", "linear": "linear"}
_VALUES = ("x", "y", "scale", "rotation", "opacity", "crop")


def split(track: Track, segment: Segment, at: Fraction, right_id: str) -> tuple[Segment, Segment]:
    """The halves of a segment that is cut ``at`` seconds after its start.

    Raises:
        DraftError: the right half cannot go on where the left one ends; the sentence says why.
    """
    sound, style = segment.sound, segment.style
    left = replace(
        segment,
        duration=at,
        transition=None,
        keyframes=keyframes_until(segment.keyframes, at),
        sound=replace(sound, fade_out=Fraction(0)),
    )
    right = replace(
        without_head(track, segment, at),
        id=right_id,
        start=segment.start + at,
        sound=replace(sound, fade_in=Fraction(0)),
    )
    if track.kind == TEXT:
        # A text without a style is a title; either way the role's own animation must not run at the cut.
        given = style or TextStyle()
        left = replace(left, style=replace(given, leave="none", leave_time=None))
        right = replace(right, style=replace(given, enter="none", enter_time=None))
    return left, right


def without_head(track: Track, segment: Segment, head: Fraction) -> Segment:
    """A segment that begins ``head`` seconds later in its own time and ends when it did; the start is left alone.

    Raises:
        DraftError: the medium cannot be entered there.
    """
    if is_caption_file(track, segment):
        raise DraftError(
            f"The captions of {segment.id!r} stand at times of their own in a file, so their beginning cannot be cut: "
            "trim the end, or give the captions one by one."
        )
    return replace(
        segment,
        duration=segment.duration - head,
        keyframes=keyframes_from(segment.keyframes, head),
        playback=playback_from(segment, head) if track.kind != TEXT else segment.playback,
    )


def is_still(src: str | None) -> bool:
    """Whether a medium has no time of its own, as far as its name tells."""
    if src is None or src.startswith((COLOR_PREFIX, GRADIENT_PREFIX)):
        return True
    return PurePosixPath(src.partition("?")[0]).suffix.lower() in STILL_SUFFIXES


def playback_from(segment: Segment, head: Fraction) -> Playback:
    """The playback of a segment whose first ``head`` seconds on the timeline are gone.

    The source times land on the grid of a millisecond. Where the part played is over at the cut, what is left stands on
    its last frame.

    Raises:
        DraftError: a loop that is cut within a play, a reversed clip without a stated end, or no material before the
            beginning.
    """
    play = segment.playback
    if is_still(segment.src) or play.freeze is not None or not head:
        return play
    if play.plays != 1:
        return _loop_from(segment, head)
    passed = head * play.speed
    if play.reverse:
        if play.end is None:
            _refuse(segment, "is played backwards from an end that the draft does not state", "state its end first")
        return replace(play, end=max(on_grid(play.end - passed), play.start + GRID))
    start = on_grid(play.start + passed)
    if start < 0:
        _refuse(segment, f"has only {float(play.start / play.speed):g} s before its beginning", "extend it by no more")
    return replace(play, start=start if play.end is None else min(start, play.end - GRID))


def keyframes_from(keyframes: Sequence[Keyframe], head: Fraction) -> tuple[Keyframe, ...]:
    """The keyframes of a segment without its first ``head`` seconds.

    A way that the cut divides starts at the value reached there. Its rest is eased at the outer end alone: at the cut
    the layer is in motion.
    """
    moved = tuple(replace(frame, at=frame.at - head) for frame in keyframes if frame.at >= head)
    gone = [frame for frame in keyframes if frame.at < head]
    if not gone or (moved and moved[0].at == 0 and _complete(gone, moved[0])):
        return moved
    values = _values_at(keyframes, head)
    if moved and moved[0].at == 0:
        return (replace(moved[0], **{name: value for name, value in values.items() if value is not None}), *moved[1:])
    return (Keyframe(Fraction(0), **values, ease=_AFTER_CUT[gone[-1].ease]), *moved)


def keyframes_until(keyframes: Sequence[Keyframe], end: Fraction) -> tuple[Keyframe, ...]:
    """The keyframes of a segment that ends ``end`` seconds after its start; see :func:`keyframes_from`."""
    kept = [frame for frame in keyframes if frame.at <= end]
    if len(kept) == len(keyframes):
        return tuple(keyframes)
    values = _values_at(keyframes, end)
    if kept and kept[-1].at == end:
        given = {name: value for name, value in values.items() if value is not None}
        return (*kept[:-1], replace(kept[-1], **given))
    if kept:
        kept[-1] = replace(kept[-1], ease=_BEFORE_CUT[kept[-1].ease])
    return (*kept, Keyframe(end, **values))


def stretched_keyframes(keyframes: Sequence[Keyframe], factor: Fraction) -> tuple[Keyframe, ...]:
    """Keyframes at ``factor`` times their times, on the grid."""
    return tuple(replace(frame, at=on_grid(frame.at * factor)) for frame in keyframes)


def _loop_from(segment: Segment, head: Fraction) -> Playback:
    play = segment.playback
    if play.end is None:
        _refuse(segment, "is played in a loop whose end the draft does not state", "state its end first")
    period = (play.end - play.start) / play.speed
    plays = head / period
    if plays.denominator != 1:
        _refuse(segment, f"is played in a loop of {float(period):g} s", "cut it after a whole number of plays")
    if play.plays == ENDLESS:
        return play
    if plays < play.plays:
        return replace(play, plays=play.plays - int(plays))
    last = replace(play, plays=1)
    return replace(last, end=play.start + GRID) if play.reverse else replace(last, start=play.end - GRID)


def _refuse(segment: Segment, problem: str, remedy: str) -> NoReturn:
    raise DraftError(f"The clip {segment.id!r} {problem}, so it cannot be cut there: {remedy}.")


def _complete(gone: Sequence[Keyframe], frame: Keyframe) -> bool:
    """Whether a keyframe gives every value that those before it gave."""
    return all(
        getattr(frame, name) is not None for name in _VALUES if any(getattr(other, name) is not None for other in gone)
    )


def _values_at(keyframes: Sequence[Keyframe], time: Fraction) -> dict[str, Any]:
    """Each value at a time, None where no keyframe gives it; see :class:`engine.timeline.Keyframe`."""
    return {name: _value_at(keyframes, name, time) for name in _VALUES}


def _value_at(keyframes: Sequence[Keyframe], name: str, time: Fraction) -> float | tuple[float, ...] | None:
    given = [(frame, getattr(frame, name)) for frame in keyframes if getattr(frame, name) is not None]
    if not given:
        return None
    before = [pair for pair in given if pair[0].at <= time]
    after = [pair for pair in given if pair[0].at > time]
    (first, low), (last, high) = (before or after)[-1 if before else 0], (after or before)[0 if after else -1]
    way = 0.0 if first is last else ease(float((time - first.at) / (last.at - first.at)), first.ease)
    if name == "crop":
        return tuple(_between(a, b, way) for a, b in zip(low, high, strict=True))
    if name == "scale":
        # Scales are multiplied along the way.
        return _clamp(exp(log(low) + (log(high) - log(low)) * way), low, high)
    return _between(low, high, way)


def _between(low: float, high: float, way: float) -> float:
    return _clamp(low + (high - low) * way, low, high)


def _clamp(value: float, one: float, other: float) -> float:
    # Rounding may not take a value out of the range in which both ends are valid.
    return min(max(value, min(one, other)), max(one, other))
