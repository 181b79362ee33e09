"""The operation that takes others back, in JSON: parts of a draft with the draft's own keys.

``t`` lists all tracks. A text is the id of a track that is still as it was; an object is a track as it was, and in its
``sg`` a text is the id of a segment that is still as it was. ``extra`` holds the unknown members of the draft.
"""

from typing import Any

from engine.core.time import milliseconds
from engine.timeline.canvas import DEFAULT_CANVAS, Canvas
from engine.timeline.codec import read_frame_rate, write_frame_rate
from engine.timeline.draft import CAPTION_MODES, VIDEO, Segment, on_grid
from engine.timeline.fields import Fields, describe_value
from engine.timeline.segment_json import read_segment, write_segment
from engine.timeline.track_operations import Restore, RestoredTrack


def write_restore(operation: Restore) -> dict[str, Any]:
    """The members of a :class:`Restore`, without its name."""
    out: dict[str, Any] = {}
    if operation.canvas is not None:
        out |= {"w": operation.canvas.width, "h": operation.canvas.height}
    if operation.frame_rate is not None:
        out["fps"] = write_frame_rate(operation.frame_rate)
    if operation.duration is not None:
        out["d"] = milliseconds(operation.duration)
    if operation.meta is not None:
        out["m"] = dict(operation.meta)
    if operation.tracks is not None:
        out["t"] = [track if isinstance(track, str) else _write_track(track) for track in operation.tracks]
    if operation.extra is not None:
        out["extra"] = dict(operation.extra)
    return out


def read_restore(fields: Fields) -> Restore:
    """Read what :func:`write_restore` writes.

    Raises:
        DraftError: a member is not valid.
    """
    width, height = fields.whole("w"), fields.whole("h")
    if (width is None) != (height is None):
        fields.fail("h" if height is None else "w", "is missing: a canvas needs both a width and a height.")
    duration = fields.seconds("d")
    has_tracks, has_meta, has_extra = (fields.peek(key) is not None for key in ("t", "m", "extra"))
    tracks = tuple(_read_track(fields, f"t[{index}]", item) for index, item in enumerate(fields.items("t")))
    meta, extra = fields.mapping("m"), fields.mapping("extra")
    return Restore(
        None if width is None or height is None else Canvas(width, height),
        read_frame_rate(fields),
        None if duration is None else on_grid(duration),
        tracks if has_tracks else None,
        meta if has_meta else None,
        extra if has_extra else None,
    )


def read_whole_segment(fields: Fields, kind: int) -> Segment:
    """A segment that states its id and its times.

    Raises:
        DraftError: a member is missing or not valid.
    """
    name, start, duration = fields.text("id"), fields.seconds("s"), fields.seconds("d")
    if name is None:
        fields.fail("id", "is missing: give the id of the segment.")
    if start is None:
        fields.fail("s", "is missing: give the start in milliseconds.")
    if duration is None or not on_grid(duration):
        fields.fail("d", "is missing or zero: give the duration in milliseconds.")
    return read_segment(fields, kind, name, on_grid(start), on_grid(duration), DEFAULT_CANVAS.height)


def _write_track(track: RestoredTrack) -> dict[str, Any]:
    out: dict[str, Any] = {"id": track.id, "tt": track.kind, "captions": track.captions, "m": dict(track.meta)}
    out["sg"] = [part if isinstance(part, str) else write_segment(part) for part in track.segments]
    out["extra"] = dict(track.extra)
    return out


def _read_track(restore: Fields, path: str, value: object) -> str | RestoredTrack:
    if isinstance(value, str):
        return value
    fields = restore.below(path, value)
    name, kind, captions = fields.text("id"), fields.whole("tt"), fields.text("captions")
    if name is None:
        fields.fail("id", "is missing: give the id of the track.")
    if captions is not None and captions not in CAPTION_MODES:
        fields.fail("captions", f"{describe_value(captions)} is not known: use one of {', '.join(CAPTION_MODES)}.")
    kind = VIDEO if kind is None else kind
    parts = tuple(
        item if isinstance(item, str) else read_whole_segment(fields.below(f"sg[{index}]", item), kind)
        for index, item in enumerate(fields.items("sg"))
    )
    track = RestoredTrack(name, kind, parts, captions or CAPTION_MODES[0], fields.mapping("m"), fields.mapping("extra"))
    if unknown := fields.rest():
        fields.fail(min(unknown), "is not a member of a track that is restored.")
    return track
