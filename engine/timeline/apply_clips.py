"""Carrying out the operations that put segments on tracks, cut them and move them about."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from engine.core.errors import DraftError
from engine.timeline.arrange import (
    TRACK_KINDS,
    chosen_id,
    close_up,
    find_segment,
    find_track,
    free_id,
    free_ids,
    insert,
    is_music,
    resized,
    ripples,
    with_segments,
    with_tracks,
    without_empty,
)
from engine.timeline.clip_operations import (
    AddClip,
    AddSegment,
    MoveSegment,
    ReplaceSource,
    SplitSegment,
    TrimSegment,
)
from engine.timeline.cutting import GRID, split, without_head
from engine.timeline.draft import AUDIO, TEXT, VIDEO, Draft, Segment, Track, Transition, default_motion, on_grid
from engine.timeline.operations import AddPhotos
from engine.timeline.playback import Playback

SINGLE_PHOTO_DURATION = Fraction(10)
"""Seconds: a photo alone."""

PHOTO_DURATION = Fraction(4)
"""Seconds: each photo of a slideshow."""

_NEW_TRACK_NAMES = {VIDEO: "Video", AUDIO: "Audio"}


def add_photos(draft: Draft, operation: AddPhotos) -> Draft:
    """See :class:`engine.timeline.AddPhotos`."""
    index, draft = first_track(draft, VIDEO)
    track = draft.tracks[index]
    alone = len(operation.sources) == 1 and not track.segments
    each = operation.duration or (SINGLE_PHOTO_DURATION if alone else PHOTO_DURATION)
    segments = list(track.segments)
    names = free_ids("p", draft)
    for source in operation.sources:
        if segments and segments[-1].transition is None:
            segments[-1] = replace(segments[-1], transition=Transition())
        start = segments[-1].end if segments else Fraction(0)
        segments.append(Segment(next(names), start, on_grid(each), source, default_motion(len(segments))))
    return with_segments(draft, index, segments)


def first_track(draft: Draft, kind: int) -> tuple[int, Draft]:
    """The index of the first track of a kind, and the draft, which gets one where there is none."""
    for index, track in enumerate(draft.tracks):
        if track.kind == kind:
            return index, draft
    return _with_track(draft, kind)


def _sound_track(draft: Draft, operation: AddClip) -> tuple[int, Draft]:
    """The index of the first audio track with room for a sound, and the draft, which gets one where there is none.

    A track of music is none of them: there, behind the music or in its way, a voice would pass for music.
    """
    for index, track in enumerate(draft.tracks):
        if track.kind != AUDIO or any(is_music(track, segment) for segment in track.segments):
            continue
        start, end = operation.start, (operation.start or Fraction(0)) + operation.duration
        if start is None or all(old.end <= start or end <= old.start for old in track.segments):
            return index, draft
    return _with_track(draft, AUDIO)


def _with_track(draft: Draft, kind: int) -> tuple[int, Draft]:
    track = Track(free_id("t", draft), kind, meta={"name": _NEW_TRACK_NAMES[kind]})
    if kind == VIDEO:
        return 0, replace(draft, tracks=(track, *draft.tracks))
    return len(draft.tracks), replace(draft, tracks=(*draft.tracks, track))


def add_clip(draft: Draft, operation: AddClip) -> Draft:
    """See :class:`engine.timeline.AddClip`."""
    if operation.track is None and operation.kind == AUDIO:
        index, changed = _sound_track(draft, operation)
    elif operation.track is None:
        index, changed = first_track(draft, operation.kind)
    else:
        index, changed = find_track(draft, operation.track), draft
    track = changed.tracks[index]
    if track.kind not in (VIDEO, AUDIO):
        what = TRACK_KINDS.get(track.kind, "unknown")
        raise DraftError(
            f"The track {track.id!r} is of the {what} kind and takes no clips: name a video or an audio track."
        )
    end = track.segments[-1].end if track.segments else Fraction(0)
    start = end if operation.start is None else on_grid(operation.start)
    clip = Segment(chosen_id(operation.id, "c", changed), start, on_grid(operation.duration), operation.src)
    return with_segments(changed, index, insert(track.segments, clip, ripples(changed, index, operation.ripple)))


def add_segment(draft: Draft, operation: AddSegment) -> Draft:
    """See :class:`engine.timeline.AddSegment`."""
    index = find_track(draft, operation.track)
    if draft.tracks[index].kind != operation.kind:
        raise DraftError(f"The track {operation.track!r} is of another kind than the segment: name one that suits it.")
    chosen_id(operation.segment.id, "c", draft)
    ripple = ripples(draft, index, operation.ripple)
    return with_segments(draft, index, insert(draft.tracks[index].segments, operation.segment, ripple))


def remove_segments(draft: Draft, target: Sequence[str], ripple: bool | None) -> Draft:
    """See :class:`engine.timeline.RemoveSegments`."""
    for name in target:
        find_segment(draft, name)
    gone = set(target)
    tracks = [
        replace(
            track, segments=close_up(track.segments, lambda segment: segment.id in gone, ripples(draft, index, ripple))
        )
        for index, track in enumerate(draft.tracks)
    ]
    return without_empty(with_tracks(draft, tracks), draft)


def replace_source(draft: Draft, operation: ReplaceSource) -> Draft:
    """See :class:`engine.timeline.ReplaceSource`."""
    index, place = _find(draft, operation.segment)
    track = draft.tracks[index]
    old = track.segments[place]
    if track.kind == TEXT and old.src is None:
        raise DraftError(f"{old.id!r} is a text, which has no file: set its text instead.")
    playback = old.playback if operation.keep_playback else Playback()
    new = replace(old, src=operation.src, playback=playback)
    segments = (*track.segments[:place], new, *track.segments[place + 1 :])
    return replace(draft, tracks=(*draft.tracks[:index], replace(track, segments=segments), *draft.tracks[index + 1 :]))


def move_segment(draft: Draft, operation: MoveSegment) -> Draft:
    """See :class:`engine.timeline.MoveSegment`."""
    index, place = _find(draft, operation.segment)
    segment = draft.tracks[index].segments[place]
    goal = index if operation.track is None else find_track(draft, operation.track)
    if draft.tracks[goal].kind != draft.tracks[index].kind:
        raise DraftError(f"The clip {segment.id!r} can only go to another track of the same kind.")
    start = segment.start if operation.start is None else on_grid(operation.start)
    closes = ripples(draft, index, operation.ripple)
    tracks = list(draft.tracks)
    left = close_up(tracks[index].segments, lambda other: other is segment, closes)
    tracks[index] = replace(tracks[index], segments=left)
    if closes and goal == index and start >= segment.end:
        # What stood behind the clip has moved up, and the time that was asked for with it.
        start -= segment.duration
    moved = replace(segment, start=start, transition=None)
    placed = insert(tracks[goal].segments, moved, ripples(draft, goal, operation.ripple))
    if goal == index:
        # As when clips are reordered, the transitions stay at the cuts.
        old = [other.transition for other in draft.tracks[index].segments]
        placed = tuple(replace(other, transition=kept) for other, kept in zip(placed, old, strict=True))
    tracks[goal] = replace(tracks[goal], segments=placed)
    return without_empty(with_tracks(draft, tracks), draft)


def trim_segment(draft: Draft, operation: TrimSegment) -> Draft:
    """See :class:`engine.timeline.TrimSegment`."""
    index, place = _find(draft, operation.segment)
    track = draft.tracks[index]
    segment = track.segments[place]
    start = segment.start if operation.start is None else on_grid(operation.start)
    end = segment.end if operation.end is None else on_grid(operation.end)
    if end - start < GRID:
        raise DraftError(f"Nothing would be left of the clip {segment.id!r}: it must last at least a millisecond.")
    ripple = ripples(draft, index, operation.ripple)
    changed = replace(segment, duration=end - segment.start)
    if start != segment.start:
        changed = without_head(track, changed, start - segment.start)
    changed = replace(changed, start=segment.start if ripple else start)
    return with_segments(draft, index, resized(track.segments, changed, ripple))


def split_segment(draft: Draft, operation: SplitSegment) -> Draft:
    """See :class:`engine.timeline.SplitSegment`."""
    index, place = _find(draft, operation.segment)
    track = draft.tracks[index]
    segment, at = track.segments[place], on_grid(operation.at)
    if not segment.start < at < segment.end:
        raise DraftError(
            f"The clip {segment.id!r} is there from {float(segment.start):g} to {float(segment.end):g} s: "
            f"it cannot be cut at {float(at):g} s."
        )
    right_id = chosen_id(operation.id, "c" if segment.src is not None else "x", draft)
    halves = split(track, segment, at - segment.start, right_id)
    return with_segments(draft, index, (*track.segments[:place], *halves, *track.segments[place + 1 :]))


def reorder_segments(draft: Draft, order: Sequence[str]) -> Draft:
    """See :class:`engine.timeline.ReorderSegments`."""
    index, _ = find_segment(draft, order[0])
    track = draft.tracks[index]
    by_id = {segment.id: segment for segment in track.segments}
    for name in order:
        if name not in by_id:
            find_segment(draft, name)
            raise DraftError(f"The clip {name!r} is on another track than {order[0]!r}: order one track at a time.")
    wanted = iter(order)
    start, before = Fraction(0), Fraction(0)
    segments = []
    for old in track.segments:
        new = by_id[next(wanted)] if old.id in order else old
        start += old.start - before
        before = old.end
        segments.append(replace(new, start=start, transition=old.transition))
        start += new.duration
    return with_segments(draft, index, segments)


def _find(draft: Draft, name: str) -> tuple[int, int]:
    """Like :func:`find_segment`, but only on tracks whose segments we understand."""
    index, place = find_segment(draft, name)
    if draft.tracks[index].kind not in TRACK_KINDS:
        raise DraftError(
            f"{name!r} is on a track of type {draft.tracks[index].kind}, which is only kept: edit another."
        )
    return index, place
