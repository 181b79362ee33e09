"""How segments stand on tracks: finding them, making room, closing up, and what the whole timeline makes of it.

An edit that changes where the picture ends takes along what ran to its end: music, and files of captions. Other sounds
and titles keep their times. A draft that ends with its last segment still does after an edit; one that was stated to be
longer stays that long, and one that was stated to be shorter does while its last segment ends where it did.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import count
from typing import NoReturn

from engine.core.errors import DraftError
from engine.timeline.draft import AUDIO, MAX_DURATION, TEXT, VIDEO, Draft, Segment, Track
from engine.timeline.playback import SOUND_ROLES, sound_role
from engine.timeline.target import Target

TRACK_KINDS = {VIDEO: "video", AUDIO: "audio", TEXT: "text"}
"""What the tracks of a kind are called in a sentence."""

MUSIC_NAMES = ("bgm", "music")
"""How the name of a track of music begins, in small letters."""


def free_id(prefix: str, draft: Draft, taken: Iterable[str] = ()) -> str:
    """The first of ``p1``, ``p2``, ... that is neither in the draft nor in ``taken``."""
    return next(free_ids(prefix, draft, taken))


def free_ids(prefix: str, draft: Draft, taken: Iterable[str] = ()) -> Iterator[str]:
    """All of ``p1``, ``p2``, ... that are neither in the draft nor in ``taken``, one after the other."""
    used = {name for track in draft.tracks for name in (track.id, *(segment.id for segment in track.segments))}
    used.update(taken)
    return (name for number in count(1) if (name := f"{prefix}{number}") not in used)


def chosen_id(name: str | None, prefix: str, draft: Draft) -> str:
    """The id that an operation asks for, or a free one.

    Raises:
        DraftError: it is in use.
    """
    if name is None:
        return free_id(prefix, draft)
    for track in draft.tracks:
        if name == track.id or any(segment.id == name for segment in track.segments):
            raise DraftError(f"{name!r} is already the id of another track or segment: choose a new one.")
    return name


def main_track(draft: Draft) -> int | None:
    """The index of the first video track; None where there is none."""
    return next((index for index, track in enumerate(draft.tracks) if track.kind == VIDEO), None)


def find_segment(draft: Draft, name: str) -> tuple[int, int]:
    """Where a segment is: the index of its track, and its index there.

    Raises:
        DraftError: it is not in the draft.
    """
    for index, track in enumerate(draft.tracks):
        for place, segment in enumerate(track.segments):
            if segment.id == name:
                return index, place
    raise DraftError(f"There is no clip {name!r} in this draft.")


def find_track(draft: Draft, name: str) -> int:
    """The index of a track.

    Raises:
        DraftError: it is not in the draft.
    """
    for index, track in enumerate(draft.tracks):
        if track.id == name:
            return index
    raise DraftError(f"There is no track {name!r} in this draft.")


def ripples(draft: Draft, index: int, ripple: bool | None) -> bool:
    """Whether what follows on a track moves along: as asked, else on the main track only."""
    return index == main_track(draft) if ripple is None else ripple


def is_target(draft: Draft, target: Target, kinds: Sequence[int] = (VIDEO,)) -> Callable[[Segment], bool]:
    """A test whether a segment of the tracks of ``kinds`` is meant.

    Raises:
        DraftError: a name is not on these tracks.
    """
    if target is None:
        return lambda segment: True
    known = {segment.id for track in draft.tracks if track.kind in kinds for segment in track.segments}
    for name in target:
        if name not in known:
            where = " and ".join(TRACK_KINDS[kind] for kind in kinds)
            raise DraftError(f"There is no clip {name!r} on the {where} tracks of this draft.")
    return lambda segment: segment.id in target


def edit_segments(
    draft: Draft,
    target: Target,
    change: Callable[[Segment], Segment],
    kinds: Sequence[int] = (VIDEO,),
    default_kinds: Sequence[int] | None = None,
) -> Draft:
    """The draft with segments changed that stay where they are.

    Args:
        draft: what is edited.
        target: which segments.
        change: from the old segment to the new one, at the same time.
        kinds: the tracks on which a target may be.
        default_kinds: the tracks that a target of None means; None is ``kinds``.
    """
    chosen = is_target(draft, target, kinds)
    meant = kinds if target is not None or default_kinds is None else default_kinds
    tracks = (
        replace(track, segments=tuple(change(segment) if chosen(segment) else segment for segment in track.segments))
        if track.kind in meant
        else track
        for track in draft.tracks
    )
    return replace(draft, tracks=tuple(tracks))


def insert(segments: Sequence[Segment], new: Segment, ripple: bool) -> tuple[Segment, ...]:
    """The segments of a track with one more, at its start.

    Where it has no room there, with ``ripple`` it stands at the nearest cut and what follows moves along. Without
    a transition of its own it takes over that of the clip before it, or of the first; at the end, the clip before it
    gets the transition of the cut before.

    Raises:
        DraftError: there is no room, and no ``ripple``.
    """
    hit = next((old for old in segments if old.start < new.end and new.start < old.end), None)
    if hit is not None:
        if not ripple:
            raise DraftError(
                f"There is no room for {float(new.duration):g} s at {float(new.start):g} s: {hit.id!r} is there "
                f"from {float(hit.start):g} to {float(hit.end):g} s: choose another time or another track."
            )
        cuts = [Fraction(0), *(old.end for old in segments)]
        cut = min(cuts, key=lambda time: (abs(time - new.start), time))
        following = next((old.start for old in segments if old.start >= cut), None)
        shift = Fraction(0) if following is None else max(Fraction(0), cut + new.duration - following)
        segments = [replace(old, start=old.start + shift) if old.start >= cut else old for old in segments]
        new = replace(new, start=cut)
    before = [old for old in segments if old.start < new.start]
    after = list(segments[len(before) :])
    if after and new.transition is None:
        new = replace(new, transition=(before[-1] if before else after[0]).transition)
    elif len(before) > 1 and not after and before[-1].transition is None:
        before[-1] = replace(before[-1], transition=before[-2].transition)
    return (*before, new, *after)


def close_up(segments: Sequence[Segment], gone: Callable[[Segment], bool], ripple: bool) -> tuple[Segment, ...]:
    """The segments of a track without those that are ``gone``; with ``ripple`` what follows moves up."""
    left: list[Segment] = []
    shift = Fraction(0)
    for segment in segments:
        if gone(segment):
            shift += segment.duration if ripple else 0
        else:
            left.append(replace(segment, start=segment.start - shift) if shift else segment)
    if left and len(left) < len(segments) and gone(segments[-1]):
        # The last clip of a track has no next one to give way to.
        left[-1] = replace(left[-1], transition=None)
    return tuple(left)


def resized(segments: Sequence[Segment], changed: Segment, ripple: bool) -> tuple[Segment, ...]:
    """The segments of a track with one that has another length now; with ``ripple`` what follows moves along.

    Raises:
        DraftError: it would overlap a neighbour.
    """
    place = next(place for place, old in enumerate(segments) if old.id == changed.id)
    shift = changed.end - segments[place].end if ripple else Fraction(0)
    after = [replace(old, start=old.start + shift) if shift else old for old in segments[place + 1 :]]
    if place and segments[place - 1].end > changed.start:
        refuse_overlap(changed, segments[place - 1])
    if after and after[0].start < changed.end:
        refuse_overlap(changed, after[0])
    return (*segments[:place], changed, *after)


def refuse_overlap(changed: Segment, neighbour: Segment) -> NoReturn:
    """Say that a clip that has another length now does not fit.

    Raises:
        DraftError: always.
    """
    raise DraftError(
        f"The clip {changed.id!r} would last from {float(changed.start):g} to {float(changed.end):g} s and overlap the "
        f"clip {neighbour.id!r}: make it shorter, or let the clips that follow move along (ripple)."
    )


def with_segments(draft: Draft, index: int, segments: Iterable[Segment]) -> Draft:
    """The draft with the segments of one track replaced; see :func:`with_tracks`."""
    tracks = list(draft.tracks)
    tracks[index] = replace(tracks[index], segments=tuple(segments))
    return with_tracks(draft, tracks)


def with_tracks(draft: Draft, tracks: Sequence[Track]) -> Draft:
    """The draft with other tracks, and with what follows from them for its end; see the module.

    Raises:
        DraftError: it would be longer than a day.
    """
    old, new = picture_end(draft.tracks), picture_end(tracks)
    if old != new and old and new:
        tracks = [follow_picture(track, old, new) for track in tracks]
    end = content_end(tracks)
    if end > MAX_DURATION:
        raise DraftError("The timeline would be longer than a day: make the clips shorter.")
    before = content_end(draft.tracks)
    duration = draft.duration if end == before else end if draft.duration == before else max(draft.duration, end)
    return replace(draft, tracks=tuple(tracks), duration=duration)


def without_empty(draft: Draft, before: Draft) -> Draft:
    """The draft without the tracks that an edit has left empty; the main track stays."""
    full = {track.id for track in before.tracks if track.segments}
    main = main_track(draft)
    tracks = tuple(
        track for index, track in enumerate(draft.tracks) if track.segments or track.id not in full or index == main
    )
    return draft if len(tracks) == len(draft.tracks) else replace(draft, tracks=tracks)


def follow_picture(track: Track, old: Fraction, new: Fraction) -> Track:
    """A track whose last segment ends at ``new`` instead of ``old`` seconds, if it is one that follows the picture."""
    last = track.segments[-1] if track.segments else None
    if (
        last is None
        or last.end != old
        or last.start >= new
        or not (is_music(track, last) or is_caption_file(track, last))
    ):
        return track
    return replace(track, segments=(*track.segments[:-1], replace(last, duration=new - last.start)))


def is_music(track: Track, segment: Segment) -> bool:
    """Whether a segment is music: by its role, or where it states none by its track's name."""
    if track.kind != AUDIO:
        return False
    if segment.meta.get("role") in SOUND_ROLES:
        return bool(segment.meta["role"] == "music")
    name = track.meta.get("name")
    named = isinstance(name, str) and name.casefold().startswith(MUSIC_NAMES)
    return named or sound_role(segment.sound, segment.meta) == "music"


def is_caption_file(track: Track, segment: Segment) -> bool:
    """Whether a segment shows a file of captions."""
    return track.kind == TEXT and segment.src is not None


def picture_end(tracks: Iterable[Track]) -> Fraction:
    """Seconds: the end of the last segment of the video tracks; 0 without one."""
    return content_end(track for track in tracks if track.kind == VIDEO)


def content_end(tracks: Iterable[Track]) -> Fraction:
    """Seconds: the end of the last segment of all tracks; 0 without one."""
    return max((segment.end for track in tracks for segment in track.segments), default=Fraction(0))
