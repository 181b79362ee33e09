"""Operations in JSON: an object with the stable name of the operation in ``op`` and the keys of the draft."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.core.errors import DraftError
from engine.timeline.canvas import Canvas
from engine.timeline.clip_operations import AddSegment
from engine.timeline.codec import read_frame_rate, write_frame_rate
from engine.timeline.draft import VIDEO
from engine.timeline.fields import Fields, describe_value
from engine.timeline.operation_tables import EXPLICIT, TABLES
from engine.timeline.operations import Operation, SetCanvas, SetFit, SetFrameRate
from engine.timeline.restore_json import read_restore, read_whole_segment, write_restore
from engine.timeline.segment_json import read_fit, write_fit, write_segment
from engine.timeline.table import read_table, write_table
from engine.timeline.target import Target
from engine.timeline.track_operations import Restore


def write_operation(operation: Operation) -> dict[str, Any]:
    """The JSON object of an operation."""
    match operation:
        case SetCanvas(canvas):
            return {"op": "set_canvas", "w": canvas.width, "h": canvas.height}
        case SetFrameRate(rate):
            return {"op": "set_frame_rate", "fps": write_frame_rate(rate)}
        case SetFit(fit, target):
            return {"op": "set_fit", "fit": fit.mode} | write_fit(fit) | _target(target)
        case AddSegment(track, segment, kind, ripple):
            written = {"op": "add_segment", "track": track, "tt": kind, "segment": write_segment(segment)}
            return written | ({} if ripple is None else {"ripple": ripple})
        case Restore():
            return {"op": "restore"} | write_restore(operation)
        case _:
            name, table = next((name, table) for name, table in TABLES.items() if table.make is type(operation))
            written = {"op": name} | write_table(table, operation)
            return written | ({EXPLICIT[name]: None} if EXPLICIT.get(name, "op") not in written else {})


def read_operation(value: object, path: str = "") -> Operation:
    """Read an operation.

    Args:
        value: the JSON object.
        path: where it stands, such as ``done[3].do[0]``; what is wrong is named from there.

    Raises:
        DraftError: the name is unknown, or a member is missing, unknown or not valid.
    """
    if not isinstance(value, Mapping):
        problem = f"must be a JSON object, not {describe_value(value)}."
        raise DraftError(f"{path}: {problem}" if path else f"An operation {problem}")
    fields = Fields(value, path)
    name = fields.text("op")
    operation: Operation | None = None
    needed = EXPLICIT.get(name or "")
    if needed is not None and needed not in value:
        # null is an order too (no motion, a cut), which nobody gives by leaving the member out.
        fields.fail(needed, "is missing: give it, or null for none.")
    if name in _READERS:
        operation = _READERS[name](fields)
    elif name in TABLES:
        operation = read_table(TABLES[name], fields, whole=False)
    if name is None or operation is None:
        known = ", ".join([*TABLES, *_READERS])
        fields.fail("op", f"{describe_value(name)} is not an operation: use one of {known}.")
    if unknown := fields.rest():
        # Unlike a draft, an operation is an order: a part that we do not know may not be passed over.
        fields.fail(min(unknown), f"is not a member of {name!r}.")
    return operation


def _target(target: Target) -> dict[str, Any]:
    return {} if target is None else {"target": list(target)}


def _read_target(fields: Fields) -> Target:
    value = fields.take("target")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        fields.fail("target", f"must be a list of ids, not {describe_value(value)}.")
    return tuple(value)


def _read_set_canvas(fields: Fields) -> Operation:
    width, height = fields.whole("w"), fields.whole("h")
    if width is None or height is None:
        fields.fail("w" if width is None else "h", "is missing: a canvas needs both a width and a height.")
    return SetCanvas(Canvas(width, height))


def _read_set_frame_rate(fields: Fields) -> Operation:
    rate = read_frame_rate(fields)
    if rate is None:
        fields.fail("fps", "is missing: give the frames per second.")
    return SetFrameRate(rate)


def _read_set_fit(fields: Fields) -> Operation:
    if fields.peek("fit") is None:
        fields.fail("fit", "is missing: say how the picture fills the canvas.")
    return SetFit(read_fit(fields), _read_target(fields))


def _read_add_segment(fields: Fields) -> Operation:
    track, kind = fields.text("track"), fields.whole("tt")
    if track is None:
        fields.fail("track", "is missing: give the id of the track.")
    kind = VIDEO if kind is None else kind
    value = fields.take("segment")
    if value is None:
        fields.fail("segment", "is missing: give the whole segment.")
    return AddSegment(track, read_whole_segment(fields.below("segment", value), kind), kind, fields.flag("ripple"))


_READERS: dict[str, Callable[[Fields], Operation]] = {
    "set_canvas": _read_set_canvas,
    "set_frame_rate": _read_set_frame_rate,
    "set_fit": _read_set_fit,
    "add_segment": _read_add_segment,
    "restore": read_restore,
}
