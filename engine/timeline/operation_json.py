"""Operations in JSON: an object with the stable name of the operation in ``op`` and the keys of the draft."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from engine.core.time import milliseconds
from engine.timeline.canvas import Canvas
from engine.timeline.codec import (
    read_fit,
    read_frame_rate,
    read_transition,
    write_fit,
    write_frame_rate,
    write_transition,
)
from engine.timeline.fields import Fields, describe_value
from engine.timeline.motion_json import read_motion, write_motion
from engine.timeline.operations import (
    AddPhotos,
    Operation,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetMotion,
    SetSegmentDuration,
    SetTitle,
    SetTransition,
    Target,
)


def write_operation(operation: Operation) -> dict[str, Any]:
    """The JSON object of an operation."""
    match operation:
        case AddPhotos(sources, duration):
            return {"op": "add_photos", "src": list(sources)} | ({} if duration is None else {"d": _ms(duration)})
        case SetMotion(motion, target):
            return {"op": "set_motion", "mo": None if motion is None else write_motion(motion, {})} | _target(target)
        case SetDuration(duration):
            return {"op": "set_duration", "d": _ms(duration)}
        case SetSegmentDuration(duration, target):
            return {"op": "set_segment_duration", "d": _ms(duration)} | _target(target)
        case SetCanvas(canvas):
            return {"op": "set_canvas", "w": canvas.width, "h": canvas.height}
        case SetFrameRate(rate):
            return {"op": "set_frame_rate", "fps": write_frame_rate(rate)}
        case SetFit(fit, target):
            return {"op": "set_fit", "fit": fit.mode} | write_fit(fit) | _target(target)
        case SetTransition(transition, target):
            value = None if transition is None else write_transition(transition)
            return {"op": "set_transition", "tr": value} | _target(target)
        case SetTitle(title):
            return {"op": "set_title", "title": title}


def read_operation(value: Mapping[str, Any]) -> Operation:
    """Read an operation.

    Raises:
        DraftError: the name is unknown, or a member is missing, unknown or not valid.
    """
    fields = Fields(value, "")
    name = fields.text("op")
    if name not in _READERS:
        fields.fail("op", f"{describe_value(name)} is not an operation: use one of {', '.join(_READERS)}.")
    operation = _READERS[name](fields)
    if unknown := fields.rest():
        # Unlike a draft, an operation is an order: a part that we do not know may not be passed over.
        fields.fail(min(unknown), f"is not a member of {name!r}.")
    return operation


def _ms(duration: Fraction) -> int:
    return milliseconds(duration)


def _target(target: Target) -> dict[str, Any]:
    return {} if target is None else {"target": list(target)}


def _read_target(fields: Fields) -> Target:
    value = fields.take("target")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        fields.fail("target", f"must be a list of ids, not {describe_value(value)}.")
    return tuple(value)


def _duration(fields: Fields) -> Fraction:
    value = fields.seconds("d")
    if value is None:
        fields.fail("d", "is missing: give the duration in milliseconds.")
    return value


def _read_add_photos(fields: Fields) -> Operation:
    sources = fields.items("src")
    if not all(isinstance(source, str) for source in sources):
        fields.fail("src", "must be a list of files or addresses.")
    return AddPhotos(tuple(sources), fields.seconds("d"))


def _read_set_motion(fields: Fields) -> Operation:
    value = fields.take("mo")
    if value is None:
        return SetMotion(None, _read_target(fields))
    motion, unknown = read_motion(value, "mo")
    if unknown:
        fields.fail(f"mo.{min(unknown)}", "is not a member of a motion.")
    return SetMotion(motion, _read_target(fields))


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


def _read_set_title(fields: Fields) -> Operation:
    title = fields.text("title")
    if title is None:
        fields.fail("title", "is missing.")
    return SetTitle(title)


_READERS: dict[str, Callable[[Fields], Operation]] = {
    "add_photos": _read_add_photos,
    "set_motion": _read_set_motion,
    "set_duration": lambda fields: SetDuration(_duration(fields)),
    "set_segment_duration": lambda fields: SetSegmentDuration(_duration(fields), _read_target(fields)),
    "set_canvas": _read_set_canvas,
    "set_frame_rate": _read_set_frame_rate,
    "set_fit": lambda fields: SetFit(read_fit(fields), _read_target(fields)),
    "set_transition": lambda fields: SetTransition(read_transition(fields), _read_target(fields)),
    "set_title": _read_set_title,
}
