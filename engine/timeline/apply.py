"""Carrying out edit operations: pure functions from draft to draft."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from math import floor

from engine.core.errors import DraftError
from engine.core.time import frame_count
from engine.timeline.draft import MAX_DURATION, VIDEO, Draft, Segment, Track, Transition, default_motion, on_grid
from engine.timeline.operations import (
    AddPhotos,
    Operation,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetMotion,
    SetSegmentDuration,
    SetTitle,
    SetTransition,
    Target,
)

SINGLE_PHOTO_DURATION = Fraction(10)
"""Seconds: a photo alone."""

PHOTO_DURATION = Fraction(4)
"""Seconds: each photo of a slideshow."""


def apply(draft: Draft, operation: Operation) -> Draft:
    """The draft after one operation.

    Raises:
        DraftError: the operation does not fit the draft.
    """
    match operation:
        case AddPhotos():
            return _add_photos(draft, operation)
        case SetMotion(motion, target):
            return _edit(draft, target, lambda segment: replace(segment, motion=motion))
        case SetDuration(duration):
            return _spread(draft, on_grid(duration))
        case SetSegmentDuration(duration, target):
            return _set_segment_duration(draft, on_grid(duration), target)
        case SetCanvas(canvas):
            return replace(draft, canvas=canvas)
        case SetFrameRate(rate):
            return replace(draft, frame_rate=rate)
        case SetFit(fit, target):
            return _edit(draft, target, lambda segment: replace(segment, fit=fit))
        case SetTransition(transition, target):
            return _set_transition(draft, transition, target)
        case SetTitle(title):
            return replace(draft, meta=dict(draft.meta) | {"title": title})


def apply_all(draft: Draft, operations: Iterable[Operation]) -> Draft:
    """The draft after all operations, in their order."""
    for operation in operations:
        draft = apply(draft, operation)
    return draft


def _add_photos(draft: Draft, operation: AddPhotos) -> Draft:
    index, draft = _first_video_track(draft)
    track = draft.tracks[index]
    alone = len(operation.sources) == 1 and not track.segments
    each = operation.duration or (SINGLE_PHOTO_DURATION if alone else PHOTO_DURATION)
    segments = list(track.segments)
    used = {name for other in draft.tracks for name in (other.id, *(segment.id for segment in other.segments))}
    for source in operation.sources:
        if segments and segments[-1].transition is None:
            segments[-1] = replace(segments[-1], transition=Transition())
        start = segments[-1].end if segments else Fraction(0)
        name = _free_name("p", used)
        used.add(name)
        segments.append(Segment(name, start, on_grid(each), source, default_motion(len(segments))))
    return _with_track(draft, index, segments)


def _first_video_track(draft: Draft) -> tuple[int, Draft]:
    for index, track in enumerate(draft.tracks):
        if track.kind == VIDEO:
            return index, draft
    used = {name for other in draft.tracks for name in (other.id, *(segment.id for segment in other.segments))}
    track = Track(_free_name("t", used), VIDEO, meta={"name": "Video"})
    return 0, replace(draft, tracks=(track, *draft.tracks))


def _free_name(prefix: str, used: set[str]) -> str:
    number = 1
    while f"{prefix}{number}" in used:
        number += 1
    return f"{prefix}{number}"


def _with_track(draft: Draft, index: int, segments: Iterable[Segment]) -> Draft:
    """The draft with a track's segments replaced; a timeline that ends with its clips still does."""
    followed_clips = draft.duration == _end(draft)
    track = replace(draft.tracks[index], segments=tuple(segments))
    changed = replace(draft, tracks=(*draft.tracks[:index], track, *draft.tracks[index + 1 :]))
    end = _end(changed)
    if end > MAX_DURATION:
        raise DraftError("The timeline would be longer than a day: make the clips shorter.")
    return replace(changed, duration=end if followed_clips else max(draft.duration, end))


def _end(draft: Draft) -> Fraction:
    return max((segment.end for track in draft.tracks for segment in track.segments), default=Fraction(0))


def _is_target(draft: Draft, target: Target) -> Callable[[Segment], bool]:
    if target is None:
        return lambda segment: True
    known = {segment.id for segment in draft.photos}
    for name in target:
        if name not in known:
            raise DraftError(f"There is no clip {name!r} on the video tracks of this draft.")
    return lambda segment: segment.id in target


def _edit(draft: Draft, target: Target, change: Callable[[Segment], Segment]) -> Draft:
    chosen = _is_target(draft, target)
    tracks = (
        replace(track, segments=tuple(change(segment) if chosen(segment) else segment for segment in track.segments))
        if track.kind == VIDEO
        else track
        for track in draft.tracks
    )
    return replace(draft, tracks=tuple(tracks))


def _set_transition(draft: Draft, transition: Transition | None, target: Target) -> Draft:
    # The last clip of a track has no next one: a transition there would only confuse whoever reads the draft.
    last = {track.segments[-1].id for track in draft.tracks if track.segments}
    return _edit(
        draft,
        target,
        lambda segment: segment if segment.id in last else replace(segment, transition=transition),
    )


def _set_segment_duration(draft: Draft, duration: Fraction, target: Target) -> Draft:
    chosen = _is_target(draft, target)
    for index, track in enumerate(draft.tracks):
        if track.kind != VIDEO:
            continue
        segments: list[Segment] = []
        shift = Fraction(0)
        for segment in track.segments:
            length = duration if chosen(segment) else segment.duration
            segments.append(replace(segment, start=segment.start + shift, duration=length))
            shift += length - segment.duration
        draft = _with_track(draft, index, segments)
    return draft


def _spread(draft: Draft, duration: Fraction) -> Draft:
    if not draft.photos:
        raise DraftError("There is no photo on the timeline yet: add one before you set a duration.")
    tracks = tuple(
        replace(track, segments=tuple(_scale(track.segments, draft, duration)))
        if track.kind == VIDEO and track.segments
        else track
        for track in draft.tracks
    )
    return replace(draft, tracks=tracks, duration=duration)


def _scale(segments: tuple[Segment, ...], draft: Draft, duration: Fraction) -> Iterable[Segment]:
    """The clips of a track stretched from the draft's old duration to the new one, cuts on frame boundaries."""
    rate, frames = draft.frame_rate, frame_count(duration, draft.frame_rate)
    if len(segments) > frames:
        raise DraftError(
            f"{len(segments)} photos do not fit in {float(duration):g} s: "
            f"each needs at least one frame, {float(len(segments) / rate):.3g} s in all."
        )
    old = max(draft.duration, segments[-1].end)
    # Every clip gives two boundaries; where clips abut they are the same one.
    times = sorted({time for segment in segments for time in (segment.start, segment.end)})
    marks = [floor(time / old * duration * rate + Fraction(1, 2)) for time in times]
    for index in range(1, len(marks)):
        marks[index] = max(marks[index], marks[index - 1] + 1)
    marks[-1] = min(marks[-1], frames)
    for index in range(len(marks) - 2, -1, -1):
        marks[index] = min(marks[index], marks[index + 1] - 1)
    # A millisecond at or just before frame n's time makes n the first frame of the clip that starts there.
    moved = {
        time: duration if time == old else Fraction(floor(1000 * mark / rate), 1000)
        for time, mark in zip(times, marks, strict=True)
    }
    return [
        replace(segment, start=moved[segment.start], duration=moved[segment.end] - moved[segment.start])
        for segment in segments
    ]
