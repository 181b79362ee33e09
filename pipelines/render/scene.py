"""A draft made ready for rendering: captions read, every shot placed in time, the grid of GOPs laid over it."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from engine.core.errors import DraftError
from engine.core.time import frame_count
from engine.media.encoders import gop_frames
from engine.media.subtitle_track import SubtitleTrack
from engine.timeline import BURN, SOFT, TEXT, Draft, Segment, Shot, TextStyle, Track, on_grid, shots

UNKNOWN_LANGUAGE = "und"
"""ISO 639-2 for captions whose track does not say in what language they are."""


@dataclass(frozen=True, slots=True)
class Gop:
    """A closed group of pictures: the unit that is rendered, encoded and kept on its own.

    Attributes:
        index: counted from 0.
        first: number of its first frame.
        frames: how many.
    """

    index: int
    first: int
    frames: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to render.

    Attributes:
        draft: its text tracks hold no caption files any more, and only what is painted.
        shots: what is visible, lower tracks first.
        frames: of the whole.
        gops: in order; the same for the same number of frames and rate, whoever renders them.
        soft: the tracks of captions that the file shall carry.
    """

    draft: Draft
    shots: tuple[Shot, ...]
    frames: int
    gops: tuple[Gop, ...]
    soft: tuple[SubtitleTrack, ...]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the canvas in pixels."""
        return self.draft.canvas.width, self.draft.canvas.height

    def time(self, frame: int) -> Fraction:
        """Seconds on the timeline that frame number ``frame`` shows."""
        return frame / self.draft.frame_rate


def prepare(draft: Draft, base: Path) -> Scene:
    """Read what belongs to the draft itself and lay it out.

    Args:
        draft: what to render.
        base: folder that relative sources count from.

    Raises:
        DraftError: the draft shows nothing.
        MediaError: a caption file cannot be read.
    """
    tracks: list[Track] = []
    soft: list[SubtitleTrack] = []
    for track in draft.tracks:
        if track.kind != TEXT:
            tracks.append(track)
            continue
        written = replace(track, segments=tuple(_written(track, base)))
        if track.captions != BURN and written.segments:
            soft.append(_subtitles(written))
        if track.captions != SOFT:
            tracks.append(replace(written, segments=_apart(written.segments)))
    draft = replace(draft, tracks=tuple(tracks))
    visible = shots(draft)
    if not visible:
        raise DraftError("The draft shows nothing: add at least one photo, clip, card or title.")
    frames = frame_count(draft.duration, draft.frame_rate)
    return Scene(draft, visible, frames, gop_grid(frames, draft.frame_rate), tuple(soft))


def _subtitles(track: Track) -> SubtitleTrack:
    language, name = track.meta.get("lang"), track.meta.get("name")
    return SubtitleTrack(
        language if isinstance(language, str) and language else UNKNOWN_LANGUAGE,
        tuple((segment.start, segment.end, segment.text or "") for segment in track.segments),
        name=name if isinstance(name, str) else "",
    )


def gop_grid(frames: int, rate: Fraction) -> tuple[Gop, ...]:
    """The GOPs of a video of this many frames."""
    length = gop_frames(rate)
    return tuple(Gop(index, first, min(length, frames - first)) for index, first in enumerate(range(0, frames, length)))


def seed_of(segment: Segment, seed: int) -> int:
    """The seed of a segment's random moves: its own, whatever stands before it on the timeline."""
    return seed + zlib.crc32(segment.id.encode())


def _written(track: Track, base: Path) -> Iterator[Segment]:
    """The texts of a track, those of caption files among them, each with what it says."""
    for segment in track.segments:
        if segment.src is None:
            if (segment.text or "").strip():
                yield segment
            continue
        yield from _cues(segment, base)


def _apart(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The texts of caption files without overlaps: what is up at the same time is one text of several lines."""
    from engine.text import Cue, without_overlaps

    if all(one.end <= other.start for one, other in pairwise(segments)):
        return segments
    looks: list[tuple[Segment, list[Segment]]] = []
    for each in segments:
        group = next((group for first, group in looks if first.style == each.style), None)
        if group is None:
            looks.append((each, group := []))
        group.append(each)
    apart = [
        replace(first, id=f"{first.id}/{number}", start=cue.start, duration=cue.end - cue.start, text=cue.text)
        for first, group in looks
        for number, cue in enumerate(without_overlaps([Cue(each.start, each.end, each.text or "") for each in group]))
    ]
    return tuple(sorted(apart, key=lambda segment: segment.start))


def _placed(style: TextStyle, anchor: str | None) -> TextStyle:
    """A style at the place that a cue asks for; one that has a place of its own keeps it."""
    own = style.anchor is not None or style.x is not None or style.y is not None
    return style if anchor is None or own else replace(style, anchor=anchor)


def _cues(segment: Segment, base: Path) -> Iterator[Segment]:
    """The cues of a caption file that fall into its segment, as texts of their own."""
    from engine.text.captions import read_captions

    playback = segment.playback
    style = segment.style or TextStyle(role="caption")
    for number, cue in enumerate(read_captions(base / (segment.src or ""))):
        start = segment.start + (cue.start - playback.start) / playback.speed
        end = min(segment.end, segment.start + (cue.end - playback.start) / playback.speed)
        start = max(start, segment.start)
        begin, finish = on_grid(start), on_grid(end)
        if finish > begin:
            yield replace(
                segment,
                id=f"{segment.id}/{number}",
                start=begin,
                duration=finish - begin,
                src=None,
                text=cue.text,
                style=_placed(style, cue.anchor),
            )
