"""Carrying out the operations on tracks, and taking operations back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.core.errors import DraftError
from engine.timeline.arrange import chosen_id, find_track, with_tracks
from engine.timeline.draft import Draft, Segment, Track
from engine.timeline.track_operations import AddTrack, Restore, RestoredTrack


def add_track(draft: Draft, operation: AddTrack) -> Draft:
    """See :class:`engine.timeline.AddTrack`."""
    meta = {"name": operation.name} if operation.name else {}
    track = Track(chosen_id(operation.id, "t", draft), operation.kind, meta=meta)
    index = len(draft.tracks) if operation.index is None else _place(operation.index, len(draft.tracks))
    return replace(draft, tracks=(*draft.tracks[:index], track, *draft.tracks[index:]))


def remove_track(draft: Draft, name: str) -> Draft:
    """See :class:`engine.timeline.RemoveTrack`."""
    index = find_track(draft, name)
    return with_tracks(draft, (*draft.tracks[:index], *draft.tracks[index + 1 :]))


def move_track(draft: Draft, name: str, index: int) -> Draft:
    """See :class:`engine.timeline.MoveTrack`."""
    old = find_track(draft, name)
    others = (*draft.tracks[:old], *draft.tracks[old + 1 :])
    index = _place(index, len(others))
    return replace(draft, tracks=(*others[:index], draft.tracks[old], *others[index:]))


def restore(draft: Draft, operation: Restore) -> Draft:
    """See :class:`engine.timeline.Restore`."""
    given = {
        name: value
        for name in ("canvas", "frame_rate", "duration", "meta", "extra")
        if (value := getattr(operation, name)) is not None
    }
    if operation.tracks is not None:
        tracks = {track.id: track for track in draft.tracks}
        segments = {segment.id: segment for track in draft.tracks for segment in track.segments}
        given["tracks"] = tuple(_restored(item, tracks, segments) for item in operation.tracks)
        _check_tracks(given["tracks"])
    return replace(draft, **given)


def restoring(before: Draft, after: Draft) -> Restore | None:
    """The operation that leads from the draft ``after`` to the draft ``before``; None where they are equal."""
    if before == after:
        return None
    return Restore(
        canvas=before.canvas if before.canvas != after.canvas else None,
        frame_rate=before.frame_rate if before.frame_rate != after.frame_rate else None,
        duration=before.duration if before.duration != after.duration else None,
        tracks=_differing(before, after) if before.tracks != after.tracks else None,
        meta=before.meta if before.meta != after.meta else None,
        extra=before.extra if before.extra != after.extra else None,
    )


def _differing(before: Draft, after: Draft) -> tuple[str | RestoredTrack, ...]:
    tracks = {track.id: track for track in after.tracks}
    segments = {segment.id: segment for track in after.tracks for segment in track.segments}

    def whole(track: Track) -> RestoredTrack:
        parts = tuple(old.id if segments.get(old.id) == old else old for old in track.segments)
        return RestoredTrack(track.id, track.kind, parts, track.captions, track.meta, track.extra)

    return tuple(track.id if tracks.get(track.id) == track else whole(track) for track in before.tracks)


def _restored(item: str | RestoredTrack, tracks: Mapping[str, Track], segments: Mapping[str, Segment]) -> Track:
    if isinstance(item, str):
        if item not in tracks:
            raise DraftError(f"There is no track {item!r} to restore: the draft is not the one that was edited.")
        return tracks[item]
    for part in item.segments:
        if isinstance(part, str) and part not in segments:
            raise DraftError(f"There is no clip {part!r} to restore: the draft is not the one that was edited.")
    parts = tuple(segments[part] if isinstance(part, str) else part for part in item.segments)
    return Track(item.id, item.kind, parts, item.captions, item.meta, item.extra)


def _check_tracks(tracks: Sequence[Track]) -> None:
    """Refuse what no draft is: a list of undoing may come from a file."""
    names = [name for track in tracks for name in (track.id, *(segment.id for segment in track.segments))]
    if len(set(names)) < len(names):
        raise DraftError("What is restored has an id twice: the draft is not the one that was edited.")
    for track in tracks:
        for left, right in pairwise(track.segments):
            if left.end > right.start:
                raise DraftError(
                    f"What is restored has {left.id!r} and {right.id!r} at one time: the draft is not the one that was "
                    "edited."
                )


def _place(index: int, count: int) -> int:
    if index > count:
        raise DraftError(f"There are only {count} tracks below which or above which a track can go.")
    return index
