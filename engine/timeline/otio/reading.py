"""An OpenTimelineIO timeline as a draft.

A timeline that we wrote comes back equal. Where another tool has edited it, what it wrote wins, and our metadata fills
in what OpenTimelineIO has no words for: order, places and lengths come from the tracks, sources from the references,
source offsets, speed and frozen frames from source ranges and time effects, transitions from those between the clips,
the words of a text from its generator, the title and the names of tracks from theirs. A value that stands as we wrote
it is taken exactly from the metadata, so rounding to frames never shows. A clip that was copied gets a new id.
Keyframes keep their times after the clip's start.

A timeline of another tool is read as far as the draft has words for it; the notes say what was left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

from engine.core.errors import DraftError
from engine.core.time import FRAME_RATES, milliseconds
from engine.timeline.codec import read_draft, write_frame_rate
from engine.timeline.draft import AUDIO, VIDEO, Draft
from engine.timeline.fields import is_number
from engine.timeline.otio.clips import clip_kind, read_clip
from engine.timeline.otio.clock import MILLISECONDS, TrackClock, exact_rate, nearest, seconds_of
from engine.timeline.otio.library import library
from engine.timeline.otio.metadata import attached
from engine.timeline.otio.nesting import flattened
from engine.timeline.otio.transitions import read_transition
from engine.timeline.otio.writing import read_markers, timeline_name, track_name

_OWN_KIND = re.compile(r"multiplane:([0-9]{1,9})")
"""The kind of a track that OpenTimelineIO has no word for."""


@dataclass(frozen=True, slots=True)
class OtioDraft:
    """What was read.

    Attributes:
        draft: the draft.
        notes: a sentence for each thing that was left out or had to be guessed; empty for an unedited draft of ours.
        base: the folder that relative sources of the draft counted from when we wrote it; None where it is not known.
    """

    draft: Draft
    notes: tuple[str, ...] = ()
    base: Path | None = None


@dataclass
class _Reading:
    """What is known while a timeline is read."""

    rate: Fraction | None
    notes: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def from_otio(timeline: Any, name: str = "The OpenTimelineIO file") -> OtioDraft:  # noqa: ANN401 - of the library
    """Read an ``opentimelineio.schema.Timeline``, or a collection of which the first is read.

    Args:
        timeline: what the library read.
        name: what it came from, as the subject of a sentence.

    Raises:
        DraftError: it is no timeline, or its metadata says that it is a draft and it is not a valid one.
    """
    otio = library()
    extra_note = None
    if isinstance(timeline, otio.schema.SerializableCollection):
        found = [item for item in timeline if isinstance(item, otio.schema.Timeline)]
        if len(found) > 1:
            extra_note = f"The file holds {len(found)} timelines: the first was read."
        timeline = found[0] if found else None
    if not isinstance(timeline, otio.schema.Timeline) or timeline.tracks is None:
        raise DraftError(f"{name} holds no timeline: export a timeline, not a clip or a bin.")
    own = attached(timeline)
    written = own.get("draft") if isinstance(own.get("draft"), dict) else None
    reading = _Reading(_rate(own.get("rate")))
    if extra_note:
        reading.note(extra_note)
    draft: dict[str, Any] = dict(written) if written is not None else _foreign_draft(timeline, reading)
    draft = _renamed(draft, timeline.name, "title", timeline_name(draft)) | {"t": []}
    for number, child in enumerate(timeline.tracks):
        draft["t"] += _read_track(child, f"track {number + 1}", reading)
    _name_all(draft["t"], reading)
    _set_duration(draft, own.get("end"))
    _set_markers(draft, timeline)
    base = own.get("base")
    return OtioDraft(read_draft(draft), tuple(reading.notes), Path(base) if isinstance(base, str) and base else None)


def _rate(text: object) -> Fraction | None:
    try:
        rate = Fraction(text) if isinstance(text, str) else Fraction(0)
    except (ValueError, ZeroDivisionError):
        return None
    return rate if 0 < rate <= MILLISECONDS else None


def _foreign_draft(timeline: Any, reading: _Reading) -> dict[str, Any]:  # noqa: ANN401 - of the library
    draft: dict[str, Any] = {}
    for clip in timeline.find_clips():
        rate = exact_rate(_duration(clip, reading).rate)
        if rate in FRAME_RATES.values():
            return draft | {"fps": write_frame_rate(rate)}
        break
    reading.note("The timeline has no frame rate that we write: 30 frames per second were assumed.")
    return draft


def _read_track(child: Any, label: str, reading: _Reading) -> list[dict[str, Any]]:  # noqa: ANN401 - of the library
    """The track, and above it one for each kind of clips that it cannot hold: elsewhere, titles lie among the clips."""
    schema = library().schema
    if not isinstance(child, schema.Track):
        # A clip or a stack that lies on the stack of tracks is a track of one.
        wrapped = schema.Track(name=child.name, kind=schema.TrackKind.Video)
        wrapped.append(child.deepcopy())
        child = wrapped
    own = attached(child).get("track")
    kind = _kind(child, own)
    if kind is None:
        reading.note(f"{label.capitalize()} ({child.name!r}) is of the kind {child.kind!r} and was left out.")
        return []
    found = _read_items(child, kind, reading)
    made = []
    if isinstance(own, dict) or kind in found or not found:
        written = own if isinstance(own, dict) else {"tt": kind}
        made = [_renamed(written, child.name, "name", track_name(written)) | {"sg": found.pop(kind, [])}]
    for other, segments in found.items():
        reading.note(
            f"{label.capitalize()} ({child.name!r}) has clips of another kind: they have a track of their own."
        )
        made.append({"tt": other, "sg": segments})
    return made


def _renamed(written: dict[str, Any], name: str, key: str, old: str) -> dict[str, Any]:
    """The JSON of a draft or a track with the name that another tool has given it in its metadata."""
    if not name or name == old:
        return written
    meta = written.get("m")
    return written | {"m": (meta if isinstance(meta, dict) else {}) | {key: name}}


def _kind(track: Any, own: object) -> int | None:  # noqa: ANN401 - of the library
    kinds = library().schema.TrackKind
    if isinstance(own, Mapping) and is_number(own.get("tt")):
        return int(own["tt"])
    for item in track:
        # Some tools lose the metadata of tracks, but keep those of clips.
        stated = attached(item).get("tt")
        if is_number(stated):
            return int(stated)
    if found := _OWN_KIND.fullmatch(track.kind):
        return int(found[1])
    return {kinds.Video: VIDEO, kinds.Audio: AUDIO}.get(track.kind)


def _read_items(track: Any, kind: int, reading: _Reading) -> dict[int, list[dict[str, Any]]]:  # noqa: ANN401 - of the library
    """The segments of a track by the kind of track that they belong on."""
    schema = library().schema
    items = list(flattened(track, reading.note))
    clock = TrackClock(_written_times(items), reading.rate)
    found: dict[int, list[dict[str, Any]]] = {}
    cursor, free = Fraction(0), 0
    for place, item in enumerate(items):
        if isinstance(item, schema.Transition):
            transition = read_transition(item, reading.rate)
            around = [items[near] for near in (place - 1, place + 1) if 0 <= near < len(items)]
            if len(around) < 2 or not all(
                isinstance(near, schema.Clip) and clip_kind(near, kind) == VIDEO for near in around
            ):
                reading.note("A fade at the end of a clip that has no neighbour was left out.")
            elif found.get(VIDEO):
                found[VIDEO][-1]["tr"] = transition.written
                if transition.note:
                    reading.note(transition.note)
            continue
        end = cursor + max(Fraction(0), seconds_of(_duration(item, reading)))
        if isinstance(item, schema.Clip) and not item.enabled:
            reading.note(f"The clip {item.name!r} is switched off and was left out.")
        elif isinstance(item, schema.Clip):
            start_ms, end_ms = max(free, clock.milliseconds(cursor)), clock.milliseconds(end)
            suited = clip_kind(item, kind)
            segment = read_clip(item, suited, reading.rate, reading.note) if end_ms > start_ms else None
            if segment is not None:
                found.setdefault(suited, []).append(segment | {"s": start_ms, "d": end_ms - start_ms})
                free = end_ms
        cursor = end
    return found


def _duration(item: Any, reading: _Reading) -> Any:  # noqa: ANN401 - of the library
    try:
        return item.duration()
    except (library().exceptions.OTIOError, NotImplementedError):
        reading.note(f"The clip {item.name!r} does not say how long it is and was left out.")
        return library().opentime.RationalTime()


def _written_times(items: list[Any]) -> list[tuple[Fraction, Fraction]]:
    found = []
    for item in items:
        segment = attached(item).get("segment")
        if isinstance(segment, dict) and is_number(segment.get("s")) and is_number(segment.get("d")):
            found.append((Fraction(segment["s"]) / 1000, Fraction(segment["s"] + segment["d"]) / 1000))
    return found


def _name_all(tracks: list[dict[str, Any]], reading: _Reading) -> None:
    """Give every track and segment an id of its own; the first that claims one keeps it."""
    items = [item for track in tracks for item in (track, *track["sg"])]
    claimed = {str(item["id"]) for item in items if isinstance(item.get("id"), str)}

    def free(prefix: str) -> Iterator[str]:
        return (made for number in count(1) if (made := f"{prefix}{number}") not in claimed)

    of_tracks, of_clips = free("t"), free("c")
    for item in items:
        name = item.get("id")
        if not isinstance(name, str) or name in reading.used:
            name = next(of_tracks if "sg" in item else of_clips)
        item["id"] = name
        reading.used.add(name)


def _set_duration(draft: dict[str, Any], written_end: object) -> None:
    end = max((segment["s"] + segment["d"] for track in draft["t"] for segment in track["sg"]), default=0)
    stated = draft.get("d")
    if not isinstance(stated, int) or (end != written_end and stated == written_end):
        draft["d"] = end
    elif end != written_end:
        draft["d"] = max(stated, end)


def _set_markers(draft: dict[str, Any], timeline: Any) -> None:  # noqa: ANN401 - of the library
    """Markers of the stack and of its tracks, in the draft's metadata; those that stand as we wrote them stay exact."""
    meta = draft.get("m") if isinstance(draft.get("m"), dict) else {}
    found = []
    for holder in (timeline.tracks, *(child for child in timeline.tracks if hasattr(child, "kind"))):
        found += [(seconds_of(marker.marked_range.start_time), str(marker.name)) for marker in holder.markers]
    rate = _rate(attached(timeline).get("rate"))
    old = read_markers(meta)
    if rate is not None and found == [(nearest(Fraction(m["s"], 1000), rate) / rate, m["name"]) for m in old]:
        return
    if found or old:
        markers = [{"s": milliseconds(time), "name": name} for time, name in found if time >= 0]
        draft["m"] = {**(meta or {}), "markers": markers}
