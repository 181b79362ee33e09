"""The draft's JSON, schema version 2: milliseconds, short keys, unknown members kept.

The reader is tolerant: a draft may come as a text, ``s`` may be missing (the segment follows the previous one of its
track), ``d`` may be missing (see :func:`read_draft`), ids may be missing, older versions are upgraded
(``engine.timeline.upgrade``). Times between milliseconds are rounded. What cannot be understood is a problem, with the
path of the bad value; one pass over the draft finds all of them, for reading and for :func:`validate_draft` alike.

Keys of ours beside those attested for the protocol are in the published schema, ``docs/draft.schema.json``. ``fps`` is
a number; 29.97 and 23.976 stand for 30000/1001 and 24000/1001.
"""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from engine.core.errors import DraftError, OptionError, Problem
from engine.core.time import (
    DEFAULT_FRAME_RATE,
    FRAME_RATES,
    RATE_TOLERANCE,
    frame_rate_name,
    milliseconds,
    parse_frame_rate,
)
from engine.timeline.canvas import DEFAULT_CANVAS, Canvas
from engine.timeline.draft import BURN, CAPTION_MODES, TEXT, VIDEO, Draft, Track, on_grid
from engine.timeline.fields import Fields, describe_value, is_number
from engine.timeline.json_text import parse_json
from engine.timeline.kinds import FRACTION
from engine.timeline.schema import SCHEMA_VERSION
from engine.timeline.segment_json import write_segment
from engine.timeline.sequence import Ids, MediaLength, read_segments
from engine.timeline.table import with_extra
from engine.timeline.upgrade import upgrade, version_of

UNREADABLE_KIND = -1
"""Stands for a track type that is not a whole number: what is in the track cannot be judged."""


def read_draft(source: str | bytes | Mapping[str, Any], media_length: MediaLength | None = None) -> Draft:
    """Read a draft from JSON text or from the object that it holds.

    A segment without ``d`` lasts as long as its medium plays, when ``media_length`` knows, but not beyond the next
    segment that has an ``s``, nor, for the last one, beyond the end of the draft; where the medium's length is not
    known, until then; and where that is not known either, ``engine.timeline.sequence.DEFAULT_SHOT`` seconds. A draft
    without ``d``, or with 0, lasts to the end of its last segment.

    Args:
        source: the draft; JSON in JSON is unpacked.
        media_length: seconds of the medium that a ``src`` names, None for one without a length of its own (a photo). It
            is asked only about segments without ``d``, and what it raises is not caught.

    Raises:
        DraftError: not JSON, not a draft, or a bad value; the sentence has the first problem's path and says how many
            more there are, ``problems`` holds them all.
    """
    problems: list[Problem] = []
    draft = _read(source, media_length, problems)
    if problems:
        more = len(problems) - 1
        rest = "" if not more else f" There {'is 1 more problem' if more == 1 else f'are {more} more problems'}."
        raise DraftError(f"{problems[0]}{rest}", problems=problems)
    return draft


def validate_draft(source: object) -> tuple[Problem, ...]:
    """Everything that keeps a draft from being read; empty for a draft that :func:`read_draft` takes.

    No medium is opened: files may still be missing when the draft is rendered.
    """
    problems: list[Problem] = []
    try:
        _read(source, None, problems)
    except DraftError as error:
        problems.extend(error.problems or (Problem("", error.message),))
    return tuple(problems)


def write_draft(draft: Draft) -> dict[str, Any]:
    """The JSON object of a draft."""
    out: dict[str, Any] = {
        "v": SCHEMA_VERSION,
        "d": milliseconds(draft.duration),
        "w": draft.canvas.width,
        "h": draft.canvas.height,
        "fps": write_frame_rate(draft.frame_rate),
    }
    if draft.meta:
        out["m"] = mirrored(draft.meta, draft.canvas, draft.frame_rate)
    out["t"] = [_write_track(track) for track in draft.tracks]
    return with_extra(out, draft.extra)


def draft_text(draft: Draft) -> str:
    """The JSON text of a draft, indented for reading."""
    return json.dumps(write_draft(draft), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_frame_rate(rate: Fraction) -> int | float:
    """A frame rate as a JSON number: 30, 29.97."""
    return int(rate) if rate.denominator == 1 else float(frame_rate_name(rate))


def mirrored(meta: Mapping[str, Any], canvas: Canvas, rate: Fraction) -> dict[str, Any]:
    """The metadata of a draft. Some clients look for the canvas there: where it is repeated, it must not contradict."""
    values = {"width": canvas.width, "height": canvas.height, "fps": write_frame_rate(rate)}
    return dict(meta) | {
        key: value for key, value in values.items() if key in meta and (key != "fps" or _has_rate(meta))
    }


def read_frame_rate(fields: Fields) -> Fraction | None:
    """The member ``fps``: a number, or a text such as ``"30000/1001"``; None where it is missing."""
    value = fields.take("fps")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        fields.report("fps", f"must be a number, not {describe_value(value)}.")
        return None
    if isinstance(value, float):
        for rate in FRAME_RATES.values():
            if abs(value - rate) < RATE_TOLERANCE:
                return rate
    # A text is looked at before it becomes a fraction: "1e999999999" would take all the memory there is.
    text = value.strip() if isinstance(value, str) else describe_value(value)
    try:
        if FRACTION.fullmatch(text):
            return parse_frame_rate(text)
    except OptionError:
        pass
    known = ", ".join(FRAME_RATES)
    fields.report("fps", f"{describe_value(value)} frames per second is not supported: use one of {known}.")
    return None


def _read(source: object, media_length: MediaLength | None, problems: list[Problem]) -> Draft:
    value = parse_json(source)
    if isinstance(value, dict):
        version = version_of(value)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            problems.append(Problem("v", f"must be a whole number from 1, not {describe_value(version)}."))
        elif version > SCHEMA_VERSION:
            # Nothing else that is said about it would be true.
            newer = Problem("v", f"this draft is of version {version}; the newest that we read is {SCHEMA_VERSION}.")
            raise DraftError(str(newer), problems=[newer])
        else:
            value = upgrade(value)
    return _read_draft(Fields(value, "", problems), media_length)


def _read_draft(fields: Fields, media_length: MediaLength | None) -> Draft:
    fields.take("v")
    meta = fields.mapping("m")
    canvas = _read_canvas(fields, meta)
    in_meta = fields.peek("fps") is None and _has_rate(meta)
    rate = read_frame_rate(fields.below("m", meta) if in_meta else fields) or DEFAULT_FRAME_RATE
    fields.take("fps")
    stated = fields.seconds("d")
    items = fields.items("t")
    ids = Ids(items)
    tracks = tuple(
        _read_track(fields.below(f"t[{index}]", item), stated, canvas, ids, media_length)
        for index, item in enumerate(items)
    )
    end = max((segment.end for track in tracks for segment in track.segments), default=Fraction(0))
    # An empty draft says 0, and whoever then puts a clip on it may leave that as it is.
    duration = on_grid(stated or Fraction(0)) or end
    return Draft(canvas, rate, duration, tracks, mirrored(meta, canvas, rate), fields.rest())


def _has_rate(meta: Mapping[str, Any]) -> bool:
    """Whether the metadata repeat the frame rate; what is no number is something else."""
    return is_number(meta.get("fps"))


def _read_canvas(fields: Fields, meta: Mapping[str, Any]) -> Canvas:
    stated = fields.peek("w") is not None or fields.peek("h") is not None
    names = ("w", "h") if stated else ("width", "height")
    source = fields if stated else fields.below("m", meta)
    for name in ("w", "h"):
        fields.take(name)
    if not stated and not any(meta.get(name) is not None for name in names):
        return DEFAULT_CANVAS
    sides = [source.whole(name) for name in names]
    for name in names:
        if source.peek(name) is None:
            source.report(name, "is missing: a canvas needs both a width and a height.")
    width, height = sides
    if width is None or height is None:
        return DEFAULT_CANVAS
    try:
        return Canvas(width, height)
    except DraftError as error:
        source.report(names[0] if not _is_side(width) else names[1], error.message)
        return DEFAULT_CANVAS


def _is_side(side: int) -> bool:
    try:
        Canvas(side, side)
    except DraftError:
        return False
    return True


def _read_track(
    fields: Fields, draft_duration: Fraction | None, canvas: Canvas, ids: Ids, media_length: MediaLength | None
) -> Track:
    track_id = ids.take(fields, "t")
    kind = fields.whole("tt")
    if kind is None:
        kind = VIDEO if fields.peek("tt") is None else UNREADABLE_KIND
    segments = read_segments(fields, kind, draft_duration, canvas, ids, media_length)
    captions = _read_captions(fields) if kind == TEXT else BURN
    return Track(track_id, kind, segments, captions, fields.mapping("m"), fields.rest())


def _read_captions(fields: Fields) -> str:
    mode = fields.text("captions")
    if mode is None or mode in CAPTION_MODES:
        return mode or BURN
    fields.report("captions", f"{describe_value(mode)} is not known: use one of {', '.join(CAPTION_MODES)}.")
    return BURN


def _write_track(track: Track) -> dict[str, Any]:
    out: dict[str, Any] = {"id": track.id, "tt": track.kind}
    if track.captions != BURN:
        out["captions"] = track.captions
    if track.meta:
        out["m"] = dict(track.meta)
    out["sg"] = [write_segment(segment) for segment in track.segments]
    return with_extra(out, track.extra)
