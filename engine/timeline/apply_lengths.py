"""Carrying out the operations that change how long segments last: the whole, each, or by their speed."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import floor

from engine.core.errors import DraftError
from engine.core.time import frame_count
from engine.timeline.arrange import (
    content_end,
    follow_picture,
    is_target,
    picture_end,
    refuse_overlap,
    ripples,
    with_tracks,
    without_empty,
)
from engine.timeline.cutting import GRID, stretched_keyframes
from engine.timeline.draft import AUDIO, TEXT, VIDEO, Draft, Segment, Track, on_grid
from engine.timeline.layer_operations import SetSpeed
from engine.timeline.target import Target


def spread(draft: Draft, duration: Fraction) -> Draft:
    """The draft made ``duration`` seconds long; see :class:`engine.timeline.SetDuration`."""
    if not draft.photos:
        raise DraftError("There is no photo on the timeline yet: add one before you set a duration.")
    duration = on_grid(duration)
    picture = picture_end(draft.tracks)
    # Black behind the picture was meant only where the draft states an end that nothing reaches.
    whole = draft.duration if draft.duration > content_end(draft.tracks) else picture
    times = sorted({time for segment in draft.photos for time in (segment.start, segment.end)})
    new_picture = _new_times(times[-1:], whole, duration, draft)[times[-1]] if times else Fraction(0)
    tracks = []
    for track in draft.tracks:
        if track.kind == VIDEO and track.segments:
            tracks.append(replace(track, segments=_scale(track.segments, whole, duration, draft)))
        elif track.kind in (AUDIO, TEXT):
            tracks.append(_cut_at(follow_picture(track, picture, new_picture), duration))
        else:
            tracks.append(track)
    return without_empty(replace(draft, tracks=tuple(tracks), duration=duration), draft)


def set_segment_duration(draft: Draft, duration: Fraction, target: Target) -> Draft:
    """The draft with clips of a given length; see :class:`engine.timeline.SetSegmentDuration`."""
    chosen, duration = is_target(draft, target), on_grid(duration)
    tracks = list(draft.tracks)
    for index, track in enumerate(draft.tracks):
        if track.kind != VIDEO:
            continue
        segments: list[Segment] = []
        shift = Fraction(0)
        for segment in track.segments:
            length = duration if chosen(segment) else segment.duration
            segments.append(_placed(segment, segment.start + shift, length))
            shift += length - segment.duration
        tracks[index] = replace(track, segments=tuple(segments))
    return with_tracks(draft, tracks)


def set_speed(draft: Draft, operation: SetSpeed) -> Draft:
    """The draft with clips that are played at another speed; see :class:`engine.timeline.SetSpeed`."""
    kinds = (VIDEO,) if operation.target is None else (VIDEO, AUDIO)
    chosen = is_target(draft, operation.target, kinds)
    tracks = list(draft.tracks)
    for index, track in enumerate(draft.tracks):
        if track.kind not in kinds:
            continue
        ripple = ripples(draft, index, operation.ripple)
        segments: list[Segment] = []
        shift = Fraction(0)
        for segment in track.segments:
            played, length = segment, segment.duration
            if chosen(segment):
                played = replace(segment, playback=replace(segment.playback, speed=operation.speed))
                length = max(GRID, on_grid(segment.duration * segment.playback.speed / operation.speed))
            segments.append(_placed(played, segment.start + shift, length))
            shift += length - segment.duration if ripple else 0
        for changed, following in pairwise(segments):
            if following.start < changed.end:
                refuse_overlap(changed, following)
        tracks[index] = replace(track, segments=tuple(segments))
    return with_tracks(draft, tracks)


def _placed(segment: Segment, start: Fraction, duration: Fraction) -> Segment:
    """A segment at another time, stretched with its keyframes."""
    if duration == segment.duration:
        return replace(segment, start=start)
    keyframes = stretched_keyframes(segment.keyframes, duration / segment.duration)
    return replace(segment, start=start, duration=duration, keyframes=keyframes)


def _scale(segments: Sequence[Segment], old: Fraction, duration: Fraction, draft: Draft) -> tuple[Segment, ...]:
    """The clips of a track stretched from ``old`` seconds of the draft to ``duration``, cuts on frame boundaries."""
    rate, frames = draft.frame_rate, frame_count(duration, draft.frame_rate)
    # Every clip gives two boundaries; where clips abut they are the same one.
    times = sorted({time for segment in segments for time in (segment.start, segment.end)})
    if len(times) - 1 > frames:
        raise DraftError(
            f"{len(segments)} photos do not fit in {float(duration):g} s: "
            f"each needs at least one frame, {float((len(times) - 1) / rate):.3g} s in all."
        )
    moved = _new_times(times, old, duration, draft)
    return tuple(
        _placed(segment, moved[segment.start], moved[segment.end] - moved[segment.start]) for segment in segments
    )


def _new_times(times: Sequence[Fraction], old: Fraction, duration: Fraction, draft: Draft) -> dict[Fraction, Fraction]:
    rate, frames = draft.frame_rate, frame_count(duration, draft.frame_rate)
    marks = [floor(time / old * duration * rate + Fraction(1, 2)) for time in times]
    for index in range(1, len(marks)):
        marks[index] = max(marks[index], marks[index - 1] + 1)
    marks[-1] = min(marks[-1], frames)
    for index in range(len(marks) - 2, -1, -1):
        marks[index] = min(marks[index], marks[index + 1] - 1)
    # A millisecond at or just before frame n's time makes n the first frame of the clip that starts there.
    return {
        time: duration if time == old else min(duration, Fraction(floor(1000 * mark / rate), 1000))
        for time, mark in zip(times, marks, strict=True)
    }


def _cut_at(track: Track, end: Fraction) -> Track:
    """A track without what lies beyond ``end`` seconds."""
    if not track.segments or track.segments[-1].end <= end:
        return track
    kept = [segment for segment in track.segments if segment.start < end]
    if kept and kept[-1].end > end:
        kept[-1] = replace(kept[-1], duration=end - kept[-1].start)
    return replace(track, segments=tuple(kept))
