"""The draft's JSON, schema version 2: milliseconds, short keys, unknown members kept.

The reader is tolerant: a draft may come as a text, ``s`` may be missing (the segment follows the previous one of its
track), ``d`` may be missing (see :func:`_read_segments`), ids may be missing. Times between milliseconds are rounded.
What cannot be understood is refused with the path of the bad value.

Keys of ours beside those attested for the protocol: ``fit`` of a segment is one of ``engine.timeline.draft.FIT_MODES``
and ``bg`` the colour of its bars and behind what is transparent in it. ``fps`` is a number; 29.97 and 23.976 stand for
30000/1001 and 24000/1001.
"""

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any

from engine.core.errors import DraftError, OptionError
from engine.core.time import DEFAULT_FRAME_RATE, FRAME_RATES, frame_rate_name, milliseconds, parse_frame_rate
from engine.timeline.canvas import DEFAULT_CANVAS, Canvas
from engine.timeline.draft import VIDEO, Draft, Fit, Segment, Track, Transition, on_grid
from engine.timeline.fields import Fields, describe_value
from engine.timeline.motion_json import read_motion, write_motion

SCHEMA_VERSION = 2

DEFAULT_SHOT = Fraction(4)
"""Seconds: a photo of a draft that gives no better clue."""

RATE_TOLERANCE = Fraction(1, 200)
"""Frames per second: a number this close to a known rate means it (23.98, 29.97003)."""


def read_draft(source: str | bytes | Mapping[str, Any]) -> Draft:
    """Read a draft from JSON text or from the object that it holds.

    Raises:
        DraftError: not JSON, not a draft, or a bad value; its path is in the sentence.
    """
    # An object in memory may hold what JSON cannot (infinity), and what is kept must be written back one day.
    value: object = json.dumps(source) if isinstance(source, Mapping) else source
    # Some clients encode twice: the JSON then holds one string.
    for _ in range(2):
        if isinstance(value, str | bytes):
            value = _parse(value)
    fields = Fields(value, "")
    version = fields.whole("v")
    if version is not None and version > SCHEMA_VERSION:
        fields.fail("v", f"this draft is of version {version}; the newest that we read is {SCHEMA_VERSION}.")
    meta = fields.mapping("m")
    canvas = _read_canvas(fields, meta)
    rate = read_frame_rate(fields) or DEFAULT_FRAME_RATE
    stated = fields.seconds("d")
    ids = _Ids()
    items = enumerate(fields.items("t"))
    tracks = tuple(_read_track(item, f"t[{index}]", stated, ids) for index, item in items)
    end = max((segment.end for track in tracks for segment in track.segments), default=Fraction(0))
    return Draft(canvas, rate, end if stated is None else on_grid(stated), tracks, meta, fields.rest())


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
        # Some clients look for the canvas here: where it is mirrored, it must not contradict.
        mirrored = {"width": draft.canvas.width, "height": draft.canvas.height}
        out["m"] = dict(draft.meta) | {key: value for key, value in mirrored.items() if key in draft.meta}
    out["t"] = [_write_track(track) for track in draft.tracks]
    return out | dict(draft.extra)


def draft_text(draft: Draft) -> str:
    """The JSON text of a draft, indented for reading."""
    return json.dumps(write_draft(draft), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def write_frame_rate(rate: Fraction) -> int | float:
    """A frame rate as a JSON number: 30, 29.97."""
    return int(rate) if rate.denominator == 1 else float(frame_rate_name(rate))


class _Ids:
    """Gives segments and tracks without an id one, and refuses an id that is used twice."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def take(self, fields: Fields, prefix: str) -> str:
        value = fields.text("id")
        if value is None:
            value = next(name for name in _names(prefix) if name not in self._used)
        elif value in self._used:
            fields.fail("id", f"{describe_value(value)} is already the id of another track or segment.")
        self._used.add(value)
        return value


def _names(prefix: str) -> Iterator[str]:
    number = 1
    while True:
        yield f"{prefix}{number}"
        number += 1


def _parse(text: str | bytes) -> object:
    def refuse(name: str) -> None:
        raise DraftError(f"The draft holds {name}, which is not a JSON number: write a finite number.")

    def finite(digits: str) -> float:
        number = float(digits)
        if not isfinite(number):
            raise DraftError(f"The draft holds {digits}, which is too large for a number: write a smaller one.")
        return number

    try:
        return json.loads(text, parse_constant=refuse, parse_float=finite)
    except UnicodeDecodeError as error:
        raise DraftError("The draft is not UTF-8 text: save it as UTF-8.", detail=str(error)) from error
    except ValueError as error:
        raise DraftError(f"The draft is not valid JSON: {error}.", detail=str(error)) from error
    except RecursionError as error:
        raise DraftError("The draft is nested too deeply to be read.", detail=str(error)) from error


def _read_canvas(fields: Fields, meta: Mapping[str, Any]) -> Canvas:
    width, height = fields.whole("w"), fields.whole("h")
    if width is None and height is None:
        mirrored = Fields(meta, "m")
        width, height = mirrored.whole("width"), mirrored.whole("height")
        if width is None and height is None:
            return DEFAULT_CANVAS
    if width is None or height is None:
        fields.fail("h" if height is None else "w", "is missing: a canvas needs both a width and a height.")
    try:
        return Canvas(width, height)
    except DraftError as error:
        fields.fail("w", error.message)


def read_frame_rate(fields: Fields) -> Fraction | None:
    """The member ``fps``: a number, or a text such as ``"30000/1001"``; None where it is missing."""
    value = fields.take("fps")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        fields.fail("fps", f"must be a number, not {describe_value(value)}.")
    if isinstance(value, float):
        for rate in FRAME_RATES.values():
            if abs(value - rate) < RATE_TOLERANCE:
                return rate
    try:
        return parse_frame_rate(str(value))
    except OptionError as error:
        fields.fail("fps", error.message)


def _read_track(value: object, path: str, draft_duration: Fraction | None, ids: _Ids) -> Track:
    fields = Fields(value, path)
    track_id = ids.take(fields, "t")
    kind = fields.whole("tt") or VIDEO
    segments = tuple(_read_segments(fields, kind, draft_duration, ids))
    return Track(track_id, kind, segments, fields.mapping("m"), fields.rest())


def _read_segments(track: Fields, kind: int, draft_duration: Fraction | None, ids: _Ids) -> Iterator[Segment]:
    """The segments of a track in order of time.

    A segment without ``d`` lasts until the next one that has an ``s``; the last one, until the end of the draft; and
    where that is not known either, :data:`DEFAULT_SHOT` seconds.
    """
    items = [Fields(item, f"{track.path('sg')}[{index}]") for index, item in enumerate(track.items("sg"))]
    starts = [item.seconds("s") for item in items]
    durations = [item.seconds("d") for item in items]
    cursor = Fraction(0)
    for index, item in enumerate(items):
        start, duration = starts[index], durations[index]
        start = cursor if start is None else start
        if duration is None:
            following = starts[index + 1] if index + 1 < len(items) else draft_duration
            duration = following - start if following is not None and following > start else DEFAULT_SHOT
        # The ends are rounded, not the durations, so that clips that abut still do.
        begin, end = on_grid(start), on_grid(start + duration)
        if end <= begin:
            item.fail("d", "must be at least one millisecond.")
        if begin < on_grid(cursor):
            item.fail(
                "s", f"starts at {float(begin):g} s, before the previous clip ends at {float(on_grid(cursor)):g} s."
            )
        yield _read_segment(item, kind, begin, end - begin, ids)
        cursor = start + duration


def _read_segment(fields: Fields, kind: int, start: Fraction, duration: Fraction, ids: _Ids) -> Segment:
    segment_id = ids.take(fields, "s")
    src = fields.text("src")
    meta = fields.mapping("m")
    if kind != VIDEO:
        return Segment(segment_id, start, duration, src, meta=meta, extra=fields.rest())
    motion_value = fields.take("mo")
    motion, motion_extra = (None, {}) if motion_value is None else read_motion(motion_value, fields.path("mo"))
    transition = read_transition(fields)
    fit = read_fit(fields)
    return Segment(segment_id, start, duration, src, motion, transition, fit, meta, motion_extra, fields.rest())


def read_transition(segment: Fields) -> Transition | None:
    """The member ``tr`` of a segment; a bare text names the kind."""
    value = segment.take("tr")
    if value is None:
        return None
    fields = Fields({"ty": value} if isinstance(value, str) else value, segment.path("tr"))
    kind, duration = fields.text("ty"), fields.seconds("d")
    try:
        return Transition(kind or Transition().kind, None if duration is None else on_grid(duration), fields.rest())
    except DraftError as error:
        fields.fail("ty", error.message)


def read_fit(segment: Fields) -> Fit:
    """The members ``fit`` and ``bg`` of a segment."""
    mode, color = segment.text("fit"), segment.text("bg")
    default = Fit()
    try:
        return Fit(mode or default.mode, color or default.color)
    except DraftError as error:
        segment.fail("fit", error.message)


def _write_track(track: Track) -> dict[str, Any]:
    out: dict[str, Any] = {"id": track.id, "tt": track.kind}
    if track.meta:
        out["m"] = dict(track.meta)
    out["sg"] = [_write_segment(segment) for segment in track.segments]
    return out | dict(track.extra)


def _write_segment(segment: Segment) -> dict[str, Any]:
    begin = milliseconds(segment.start)
    out: dict[str, Any] = {"id": segment.id, "s": begin, "d": milliseconds(segment.end) - begin}
    if segment.src is not None:
        out["src"] = segment.src
    if segment.motion is not None:
        out["mo"] = write_motion(segment.motion, segment.motion_extra)
    if segment.transition is not None:
        out["tr"] = write_transition(segment.transition)
    out |= write_fit(segment.fit)
    if segment.meta:
        out["m"] = dict(segment.meta)
    return out | dict(segment.extra)


def write_transition(transition: Transition) -> dict[str, Any]:
    """The ``tr`` object of a transition; without ``d`` where its length is left to the layout."""
    length = {} if transition.duration is None else {"d": milliseconds(transition.duration)}
    return {"ty": transition.kind} | length | dict(transition.extra)


def write_fit(fit: Fit) -> dict[str, Any]:
    """The members ``fit`` and ``bg`` of a segment; those with their default value are left out."""
    default = Fit()
    out = {}
    if fit.mode != default.mode:
        out["fit"] = fit.mode
    if fit.color != default.color:
        out["bg"] = fit.color
    return out
