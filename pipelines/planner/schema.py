"""The JSON Schema that a model's answer is constrained to, made from the tables that read operations."""

from typing import Any

from engine.timeline.canvas import MAX_SIDE, MIN_SIDE
from engine.timeline.draft import FIT_MODES
from engine.timeline.members import EFFECT, KEYFRAME, PLACEMENT, PLAYBACK, SOUND
from engine.timeline.motion_json import MOTION
from engine.timeline.operation_tables import EXPLICIT, TABLES
from engine.timeline.schema import draft_schema
from engine.timeline.style_json import STYLE
from engine.timeline.table import Table, table_properties

MAX_OPERATIONS = 60
"""Operations of one answer."""

MAX_SAID = 600
"""Characters of the sentence for the user."""

MAX_NOT_DONE = 20
"""Things that one answer may say it did not do."""

KINDS = ("edit", "ask", "outside", "answer")
"""Kinds of answers that a model may give; the others are the rules' own."""

NESTED: dict[str, Table[Any]] = {
    "mo": MOTION, "st": STYLE, "pl": PLACEMENT, "playback": PLAYBACK, "sound": SOUND, "ef": EFFECT,
}  # fmt: skip
"""Members that are objects with members of their own; in lists they stand for the items."""

LISTS = {"kf": KEYFRAME}


def operation_names() -> tuple[str, ...]:
    """The operations that a model may use: all but those that put back or bring in whole pieces of a draft."""
    return ("set_canvas", "set_frame_rate", "set_fit", *TABLES)


def plan_schema() -> dict[str, Any]:
    """An object with ``operations``, ``said``, ``not_understood`` and ``kind``.

    Only plain keywords are used (``type``, ``properties``, ``required``, ``additionalProperties``, ``enum``, ``anyOf``,
    ``items``, bounds), which servers that constrain what a model writes have in common.
    """
    return {
        "type": "object",
        "properties": {
            "operations": {"type": "array", "items": {"anyOf": _operations()}, "maxItems": MAX_OPERATIONS},
            "said": {"type": "string"},
            "not_understood": {"type": "array", "items": {"type": "string"}, "maxItems": MAX_NOT_DONE},
            "kind": {"enum": list(KINDS)},
        },
        "required": ["operations", "said", "not_understood", "kind"],
        "additionalProperties": False,
    }


def _operations() -> list[dict[str, Any]]:
    side = {"type": "integer", "minimum": MIN_SIDE, "maximum": MAX_SIDE, "multipleOf": 2}
    target = {"type": "array", "items": {"type": "string"}}
    written = [
        _object("set_canvas", {"w": side, "h": side}, ["w", "h"]),
        _object("set_frame_rate", {"fps": {"anyOf": [{"type": "number"}, {"type": "string"}]}}, ["fps"]),
        _object("set_fit", {"fit": {"enum": list(FIT_MODES)}, "bg": {"type": "string"}, "target": target}, ["fit"]),
    ]
    for name, table in TABLES.items():
        properties = {key: _member(key, schema) for key, schema in table_properties(table).items()}
        required = [member.key for member in table.members if member.required]
        explicit = EXPLICIT.get(name)
        if explicit is not None:
            # No motion, and a cut, are orders too.
            properties[explicit] = {"anyOf": [properties[explicit], {"type": "null"}]}
            required += [explicit] if explicit not in required else []
        written.append(_object(name, properties, required))
    return written


def _object(name: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"op": {"enum": [name]}, **properties},
        "required": ["op", *required],
        "additionalProperties": False,
    }


def _member(key: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A member's schema, with the members of objects spelled out and without references."""
    about = {name: value for name, value in schema.items() if name == "description"}
    if key == "tr":
        return about | _resolved(draft_schema()["$defs"]["transition"])
    if key in NESTED and schema.get("type") == "object":
        return about | _spelled(NESTED[key])
    if key == "ef" and schema.get("type") == "array":
        return about | {"type": "array", "items": _spelled(EFFECT)}
    if key in LISTS:
        return about | {"type": "array", "items": _spelled(LISTS[key])}
    return _resolved(schema)


def _spelled(table: Table[Any]) -> dict[str, Any]:
    required = [member.key for member in table.members if member.required]
    properties = {key: _resolved(value) for key, value in table_properties(table).items()}
    out: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return out | ({"required": required} if required else {})


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its references replaced by what they refer to."""
    reference = schema.get("$ref")
    if reference is not None:
        return _resolved(draft_schema()["$defs"][str(reference).rpartition("/")[2]])
    return {key: _inside(value) for key, value in schema.items()}


def _inside(value: object) -> object:
    if isinstance(value, list):
        return [_inside(each) for each in value]
    return _resolved(value) if isinstance(value, dict) else value
