"""The segments of a track in JSON: their ids, and when each begins and ends."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from engine.core.errors import Problem
from engine.timeline.canvas import Canvas
from engine.timeline.draft import AUDIO, MAX_DURATION, VIDEO, Segment, on_grid
from engine.timeline.fields import Fields, describe_value
from engine.timeline.playback import ENDLESS
from engine.timeline.segment_json import KNOWN_KINDS, read_playback, read_segment

DEFAULT_SHOT = Fraction(4)
"""Seconds: a photo of a draft that gives no better clue."""

MediaLength = Callable[[str], Fraction | None]
"""Seconds of the medium that a ``src`` names; None where it has no length of its own (a photo)."""


class Ids:
    """Gives segments and tracks without an id one, and reports an id that is used twice.

    Args:
        tracks: the draft's list of tracks, as JSON: no id that stands there is given to something else.
    """

    def __init__(self, tracks: list[Any]) -> None:
        self._used: set[str] = set()
        self._counts: dict[str, int] = {}
        self._stated: set[str] = set()
        for track in tracks:
            if isinstance(track, dict):
                segments = track.get("sg")
                for item in (track, *(segments if isinstance(segments, list) else ())):
                    if isinstance(item, dict) and isinstance(item.get("id"), str):
                        self._stated.add(item["id"])

    def take(self, fields: Fields, prefix: str) -> str:
        """The id of a track or a segment; ``prefix`` is the beginning of one that is made up."""
        value = fields.text("id")
        if value is None:
            return self._free(prefix)
        if value in self._used:
            fields.report("id", f"{describe_value(value)} is already the id of another track or segment.")
        self._used.add(value)
        return value

    def _free(self, prefix: str) -> str:
        while True:
            self._counts[prefix] = self._counts.get(prefix, 0) + 1
            name = f"{prefix}{self._counts[prefix]}"
            if name not in self._stated:
                return name


def read_segments(
    track: Fields,
    kind: int,
    draft_duration: Fraction | None,
    canvas: Canvas,
    ids: Ids,
    media_length: MediaLength | None,
) -> tuple[Segment, ...]:
    """The segments of a track in order of time; see ``engine.timeline.codec.read_draft`` for those without times."""
    items = [track.below(f"sg[{index}]", item) for index, item in enumerate(track.items("sg"))]
    before = len(track.problems or ())
    starts = [item.seconds("s") for item in items]
    durations = [item.seconds("d") for item in items]
    # A bad time reads as missing, and what follows from that would only hide the cause.
    judged = kind in KNOWN_KINDS and len(track.problems or ()) == before
    segments = []
    cursor = Fraction(0)
    for index, item in enumerate(items):
        start, duration = starts[index], durations[index]
        start = cursor if start is None else start
        if duration is None:
            following = starts[index + 1] if index + 1 < len(items) else draft_duration
            room = following - start if following is not None and following > start else None
            duration = _length_without_d(item, kind, room, media_length)
        # The ends are rounded, not the durations, so that clips that abut still do.
        begin, end = on_grid(start), on_grid(start + duration)
        if end <= begin:
            item.report("d", "must be at least one millisecond.")
        if end > MAX_DURATION:
            item.report("d", f"ends at {float(end):g} s: a draft can last {MAX_DURATION} s, a day.")
        if judged and begin < on_grid(cursor):
            text = f"starts at {float(begin):g} s, before the previous clip ends at {float(on_grid(cursor)):g} s."
            item.report("s", text)
        segments.append(read_segment(item, kind, ids.take(item, "s"), begin, end - begin, canvas.height))
        cursor = start + duration
    return tuple(segments)


def _length_without_d(item: Fields, kind: int, room: Fraction | None, media_length: MediaLength | None) -> Fraction:
    played = _played(item, media_length) if media_length is not None and kind in (VIDEO, AUDIO) else None
    if played is None:
        return DEFAULT_SHOT if room is None else room
    return played if room is None else min(played, room)


def _played(item: Fields, media_length: MediaLength) -> Fraction | None:
    """Seconds that a segment's medium plays; None for one without a length, or without an end."""
    src = item.peek("src")
    unheard: list[Problem] = []  # the members are read for good, and their problems reported, with the segment
    playback = read_playback(item.again(unheard))
    if not isinstance(src, str) or playback.freeze is not None or playback.plays == ENDLESS:
        return None
    end = media_length(src)
    if playback.end is not None:
        end = playback.end if end is None else min(end, playback.end)
    if end is None or end <= playback.start:
        return None
    return (end - playback.start) / playback.speed * playback.plays
