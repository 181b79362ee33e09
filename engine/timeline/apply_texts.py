"""Carrying out the operations on titles and captions."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from engine.core.errors import DraftError
from engine.timeline.arrange import (
    chosen_id,
    content_end,
    edit_segments,
    find_segment,
    find_track,
    free_id,
    free_ids,
    insert,
    is_caption_file,
    picture_end,
    with_segments,
    with_tracks,
)
from engine.timeline.draft import TEXT, Draft, Segment, Track, on_grid
from engine.timeline.target import Target
from engine.timeline.text_operations import AddCaptions, AddText, Caption
from engine.timeline.text_style import TextStyle

TEXT_DURATION = Fraction(3)
"""Seconds: a title or a lower third."""

CAPTION_ROLE = "caption"


def add_text(draft: Draft, operation: AddText) -> Draft:
    """See :class:`engine.timeline.AddText`."""
    start = on_grid(operation.start)
    name = chosen_id(operation.id, "x", draft)
    segment = Segment(name, start, _text_duration(draft, operation, start), text=operation.text, style=operation.style)
    if operation.track is not None:
        index = find_track(draft, operation.track)
        if draft.tracks[index].kind != TEXT:
            raise DraftError(f"The track {operation.track!r} takes no text: name a text track, or none.")
    else:
        index = _highest_with_room(draft, segment)
    if index == len(draft.tracks):
        role = "Title" if operation.style is None or operation.style.role == "title" else "Text"
        track = Track(free_id("t", draft, [name]), TEXT, meta={"name": role})
        draft = replace(draft, tracks=(*draft.tracks, track))
    return with_segments(draft, index, insert(draft.tracks[index].segments, segment, ripple=False))


def _text_duration(draft: Draft, operation: AddText, start: Fraction) -> Fraction:
    if operation.duration is not None:
        return on_grid(operation.duration)
    rest = picture_end(draft.tracks) - start
    return min(TEXT_DURATION, rest) if rest > 0 else TEXT_DURATION


def _highest_with_room(draft: Draft, new: Segment) -> int:
    for index in range(len(draft.tracks) - 1, -1, -1):
        track = draft.tracks[index]
        has_room = all(old.end <= new.start or new.end <= old.start for old in track.segments)
        if track.kind == TEXT and has_room and not is_caption_track(track):
            return index
    return len(draft.tracks)


def set_text(draft: Draft, name: str, text: str) -> Draft:
    """See :class:`engine.timeline.SetText`."""
    index, place = find_segment(draft, name)
    track = draft.tracks[index]
    if track.kind != TEXT or is_caption_file(track, track.segments[place]):
        raise DraftError(f"{name!r} is not a text: name a segment of a text track.")

    def change(segment: Segment) -> Segment:
        # Some clients look for the text in the metadata: where it is repeated there, it must not contradict.
        meta = dict(segment.meta) | ({"text": text} if "text" in segment.meta else {})
        return replace(segment, text=text, meta=meta)

    return edit_segments(draft, (name,), change, (TEXT,))


def set_text_style(draft: Draft, style: TextStyle | None, target: Target) -> Draft:
    """See :class:`engine.timeline.SetTextStyle`."""
    if target is None:
        target = tuple(
            segment.id
            for track in draft.tracks
            if track.kind == TEXT and not is_caption_track(track)
            for segment in track.segments
        )
    return edit_segments(draft, target, lambda segment: replace(segment, style=style), (TEXT,))


def add_captions(draft: Draft, operation: AddCaptions) -> Draft:
    """See :class:`engine.timeline.AddCaptions`."""
    style = operation.style or TextStyle(role=CAPTION_ROLE)
    track_id = chosen_id(operation.id, "t", draft)
    meta = {"name": "Captions"} | ({"lang": operation.language} if operation.language else {})
    if operation.src:
        end = picture_end(draft.tracks) or content_end(draft.tracks)
        if not end:
            raise DraftError("There is nothing on the timeline yet: add a clip before its captions.")
        name = free_id("x", draft, [track_id])
        segments = [Segment(name, Fraction(0), end, operation.src, style=style)]
    else:
        names = free_ids("x", draft, [track_id])
        segments = [
            Segment(next(names), start, end - start, text=cue.text, style=style)
            for start, end, cue in _cue_times(operation.cues)
        ]
    track = Track(track_id, TEXT, tuple(segments), operation.mode, meta)
    return with_tracks(draft, (*draft.tracks, track))


def _cue_times(cues: tuple[Caption, ...]) -> Iterator[tuple[Fraction, Fraction, Caption]]:
    starts = [on_grid(cue.start) for cue in cues]
    for cue, start, following in zip(cues, starts, [*starts[1:], None], strict=True):
        end = max(on_grid(cue.end), start + Fraction(1, 1000))
        yield start, end if following is None else min(end, following), cue


def set_caption_mode(draft: Draft, mode: str, name: str | None) -> Draft:
    """See :class:`engine.timeline.SetCaptionMode`."""
    if name is not None and draft.tracks[find_track(draft, name)].kind != TEXT:
        raise DraftError(f"The track {name!r} takes no text, and so has no captions.")
    tracks = [
        replace(track, captions=mode)
        if track.id == name or (name is None and track.kind == TEXT and is_caption_track(track))
        else track
        for track in draft.tracks
    ]
    if name is None and not any(track.kind == TEXT and is_caption_track(track) for track in draft.tracks):
        raise DraftError("There are no captions in this draft: add them first.")
    return replace(draft, tracks=tuple(tracks))


def is_caption_track(track: Track) -> bool:
    """Whether a text track holds captions: a file of them, or texts in their role."""
    return any(
        segment.src is not None or (segment.style is not None and segment.style.role == CAPTION_ROLE)
        for segment in track.segments
    )
