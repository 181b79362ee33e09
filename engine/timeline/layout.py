"""Where each segment is visible, and how transitions mix neighbours.

Clips abut at the cut c; a transition of length L is centred on it and takes its material from beyond the clips' ends
(handles), so the outgoing clip is visible until c + L/2 and the incoming one from c - L/2. The total duration does not
depend on transitions. Photos have endless handles.

A transition is never longer than either of its two clips: then the two transitions of a clip cannot overlap, and at
most two clips are visible at a time. A transition without a duration takes :data:`DEFAULT_TRANSITION` seconds, or
:data:`DEFAULT_TRANSITION_SHARE` of the shorter clip where that is less. A transition with no abutting successor is
ignored.

During a cross-dissolve the weight of the incoming clip grows linearly with time from 0 to 1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.timeline.draft import CUT, VIDEO, Draft, Segment, Track

DEFAULT_TRANSITION = Fraction(8, 10)
"""Seconds."""

DEFAULT_TRANSITION_SHARE = Fraction(1, 3)
"""Of the shorter of the two clips."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The time during which a segment is on screen, its handles included.

    A camera path runs over the whole shot: its clock is the time since ``start``, its duration is ``duration``.

    Attributes:
        segment: what is shown.
        start, end: seconds on the timeline; visible in [start, end).
        fade_in, fade_out: seconds of the dissolve at either end, inside [start, end); 0 is a cut.
        level: the index of the track; the highest level that shows anything at a time covers the others.
    """

    segment: Segment
    start: Fraction
    end: Fraction
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    level: int = 0

    @property
    def duration(self) -> Fraction:
        """Seconds on screen."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Layer:
    """One shot's part in a frame.

    Attributes:
        shot: what is shown.
        local_time: seconds since the shot came on screen, >= 0.
        weight: its share of the frame, > 0; the weights of a frame sum to exactly 1.
    """

    shot: Shot
    local_time: Fraction
    weight: Fraction


def transition_length(outgoing: Segment, incoming: Segment) -> Fraction:
    """Seconds of the transition between two neighbours of a track; 0 is a cut."""
    transition = outgoing.transition
    if transition is None or transition.kind == CUT or outgoing.end != incoming.start:
        return Fraction(0)
    shorter = min(outgoing.duration, incoming.duration)
    if transition.duration is None:
        return min(DEFAULT_TRANSITION, shorter * DEFAULT_TRANSITION_SHARE)
    return min(transition.duration, shorter)


def shots(draft: Draft) -> tuple[Shot, ...]:
    """The shots of the video tracks, lower tracks first, each track in order of time."""
    return tuple(
        shot for level, track in enumerate(draft.tracks) if track.kind == VIDEO for shot in _track_shots(track, level)
    )


def layers_at(visible: Sequence[Shot], time: Fraction) -> tuple[Layer, ...]:
    """What a frame shows.

    Args:
        visible: the shots of a draft, see :func:`shots`.
        time: seconds on the timeline.

    Returns:
        The layers in order of time, outgoing before incoming, none with weight 0: one, two in a transition, or none
        where the timeline is empty.
    """
    here = [shot for shot in visible if shot.start <= time < shot.end]
    level = max((shot.level for shot in here), default=0)
    layers = (Layer(shot, time - shot.start, _weight(shot, time)) for shot in here if shot.level == level)
    return tuple(layer for layer in layers if layer.weight > 0)


def _track_shots(track: Track, level: int) -> Iterator[Shot]:
    segments = track.segments
    fade_in = Fraction(0)
    for index, segment in enumerate(segments):
        is_last = index + 1 == len(segments)
        fade_out = Fraction(0) if is_last else transition_length(segment, segments[index + 1])
        yield Shot(segment, segment.start - fade_in / 2, segment.end + fade_out / 2, fade_in, fade_out, level)
        fade_in = fade_out


def _weight(shot: Shot, time: Fraction) -> Fraction:
    if time < shot.start + shot.fade_in:
        return (time - shot.start) / shot.fade_in
    if time >= shot.end - shot.fade_out and shot.fade_out:
        return (shot.end - time) / shot.fade_out
    return Fraction(1)
