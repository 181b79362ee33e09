"""Where each segment is visible, and how transitions mix neighbours.

Clips abut at the cut c; a transition of length L is centred on it and takes its material from beyond the clips' ends
(handles), so the outgoing clip is visible until c + L/2 and the incoming one from c - L/2. The total duration does not
depend on transitions. Photos have endless handles.

A transition is never longer than either of its two clips: then the two transitions of a clip cannot overlap, and at
most two clips are visible at a time. A transition without a duration takes :data:`DEFAULT_TRANSITION` seconds, or
:data:`DEFAULT_TRANSITION_SHARE` of the shorter clip where that is less. A transition with no abutting successor is
ignored.

The progress of a transition grows linearly with time from 0 to 1; what a transition makes of it is its own affair.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.timeline.draft import CUT, TEXT, VIDEO, Draft, Segment, Track

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
        fade_in, fade_out: seconds of the transition at either end, inside [start, end); 0 is a cut.
        level: the index of the track; higher levels are painted over lower ones.
        kind: the type of the track, VIDEO or TEXT.
    """

    segment: Segment
    start: Fraction
    end: Fraction
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    level: int = 0
    kind: int = VIDEO

    @property
    def duration(self) -> Fraction:
        """Seconds on screen."""
        return self.end - self.start

    @property
    def handle(self) -> Fraction:
        """Seconds on screen before the segment itself begins."""
        return self.segment.start - self.start


@dataclass(frozen=True, slots=True)
class Layer:
    """One shot at one time.

    Attributes:
        shot: what is shown.
        local_time: seconds since the shot came on screen, >= 0.
    """

    shot: Shot
    local_time: Fraction


@dataclass(frozen=True, slots=True)
class Tier:
    """What one track shows at one time: one layer, or two in a transition.

    Attributes:
        layers: one layer; in a transition the outgoing and the incoming one. Of a text track, all that are up: captions
            may overlap.
        transition: its kind; ``"cut"`` for one layer.
        progress: 0 < progress < 1 of the transition; 0 for one layer.
    """

    layers: tuple[Layer, ...]
    transition: str = CUT
    progress: Fraction = Fraction(0)


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
    """The shots of the video and text tracks, lower tracks first, each track in order of time."""
    return tuple(
        shot
        for level, track in enumerate(draft.tracks)
        if track.kind in (VIDEO, TEXT)
        for shot in _track_shots(track, level)
    )


def tiers_at(visible: Sequence[Shot], time: Fraction) -> tuple[Tier, ...]:
    """What a frame shows.

    Args:
        visible: the shots of a draft, see :func:`shots`.
        time: seconds on the timeline.

    Returns:
        One tier for each track that shows something, lower tracks first; none where the timeline is empty.
    """
    here = [shot for shot in visible if shot.start <= time < shot.end]
    levels = sorted({shot.level for shot in here})
    return tuple(_tier([shot for shot in here if shot.level == level], time) for level in levels)


def _tier(here: list[Shot], time: Fraction) -> Tier:
    layers = tuple(Layer(shot, time - shot.start) for shot in sorted(here, key=lambda shot: shot.start))
    if here[0].kind == TEXT:
        return Tier(layers)
    transition = layers[0].shot.segment.transition
    if len(layers) < 2 or transition is None:
        return Tier(layers[:1])
    progress = (time - layers[1].shot.start) / layers[1].shot.fade_in
    return Tier(layers, transition.kind, progress) if progress > 0 else Tier(layers[:1])


def _track_shots(track: Track, level: int) -> Iterator[Shot]:
    segments = track.segments
    fade_in = Fraction(0)
    for index, segment in enumerate(segments):
        is_last = index + 1 == len(segments)
        fade_out = Fraction(0) if is_last or track.kind == TEXT else transition_length(segment, segments[index + 1])
        start, end = segment.start - fade_in / 2, segment.end + fade_out / 2
        yield Shot(segment, start, end, fade_in, fade_out, level, track.kind)
        fade_in = fade_out
