"""The JSON Schema of a draft (version 2 of the draft, JSON Schema draft 2020-12), made from the reader's own tables.

It is published as ``docs/draft.schema.json``: the text of :func:`schema_text`. It describes what we write and what we
like to read; the reader takes more: a draft packed as text, ``null`` for a missing member, older versions. It cannot
say that clips of a track must not overlap, nor that ids are unique: ``engine.timeline.validate_draft`` does.
"""

import json
from typing import Any

from engine.core.time import FRAME_RATES, RATE_TOLERANCE
from engine.timeline.canvas import MAX_SIDE, MIN_SIDE
from engine.timeline.draft import AUDIO, CAPTION_MODES, TEXT, VIDEO
from engine.timeline.effects import EFFECTS, LUT, SIGNED_LOOKS
from engine.timeline.fields import MAX_MILLISECONDS
from engine.timeline.kinds import TIME, Schema
from engine.timeline.members import EFFECT, FIT, KEYFRAME, PLACEMENT, PLAYBACK, SOUND, TRANSITION
from engine.timeline.motion_json import MOTION
from engine.timeline.playback import SOUND_ROLES
from engine.timeline.style_json import style_schema
from engine.timeline.table import Table, table_properties, table_schema

SCHEMA_VERSION = 2

_TEXT: Schema = {"type": "string"}
_META: Schema = {"type": "object"}
_LENGTH = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_MILLISECONDS}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _about(schema: Schema, about: str) -> Schema:
    return schema | {"description": about}


_COMMON: Schema = {
    "id": _about(_TEXT, "unique among all tracks and segments of the draft"),
    "s": _about(TIME.schema, "milliseconds on the timeline where it starts; without it, after the previous segment"),
    "d": _about(_LENGTH, "milliseconds that it lasts; without it, as long as its medium"),
    "src": _about(_TEXT, "the medium: a file, an address, a file of a pack, or a card such as color:#000000"),
    "m": _about(_META, "metadata"),
}

_PICTURE: Schema = {
    "mo": _ref("motion"),
    "tr": _ref("transition"),
    **table_properties(FIT),
    "pl": _ref("placement"),
    "kf": _about({"type": "array", "items": _ref("keyframe")}, "keyframes of the placement"),
    "ef": _about({"anyOf": [{"type": "array", "items": _ref("effect")}, _ref("effect_name")]}, "looks and overlays"),
}

# Nothing in the metadata is refused: a role that is none of these counts as not given.
_ROLE = _about({}, f"what a sound is: {', '.join(SOUND_ROLES)}")

_HEARD: Schema = (
    table_properties(PLAYBACK)
    | table_properties(SOUND)
    | {"m": _about(_META | {"properties": {"role": _ROLE}}, "metadata")}
)

_WRITTEN: Schema = {
    "tx": _about(_TEXT, "what is written; without it, m.text"),
    "st": _ref("style"),
}

_TRACK: Schema = {
    "id": _COMMON["id"],
    "tt": _about({"type": "integer"}, f"{VIDEO} video, {AUDIO} audio, {TEXT} text; others are kept"),
    "m": _about(_META, "metadata; name is the track's name, lang the language of captions"),
    "sg": {"type": "array", "items": {"type": "object"}},
}

_CAPTIONS = _about({"enum": list(CAPTION_MODES)}, "what becomes of the texts: painted, a subtitle track, or both")

_SIDE: Schema = {"type": "integer", "minimum": MIN_SIDE, "maximum": MAX_SIDE, "multipleOf": 2}

_RATE: Schema = {
    "anyOf": [
        {"type": "string", "enum": sorted({*FRAME_RATES, *map(str, FRAME_RATES.values())})},
        *(
            {
                "type": "number",
                "exclusiveMinimum": float(rate - RATE_TOLERANCE),
                "exclusiveMaximum": float(rate + RATE_TOLERANCE),
            }
            for rate in FRAME_RATES.values()
        ),
    ]
}

_DRAFT: Schema = {
    "v": _about({"type": "integer", "const": SCHEMA_VERSION}, "version of this schema"),
    "d": _about(
        TIME.schema, "milliseconds that the whole lasts; without it, or with 0, to the end of the last segment"
    ),
    "w": _about(_SIDE, "width of the canvas in pixels"),
    "h": _about(_SIDE, "height of the canvas in pixels"),
    "fps": _about(_RATE, f"frames per second: {', '.join(FRAME_RATES)}"),
    "m": _about(_META, "metadata; title is the video's title"),
    "t": _about({"type": "array", "items": _ref("track")}, "tracks; later ones paint above earlier ones"),
}

_EFFECT_RULES: list[Schema] = [
    {
        "if": {"properties": {"fx": {"enum": list(SIGNED_LOOKS)}}},
        "else": {"properties": {"amount": {"minimum": 0}}},
    },
    {
        "if": {"properties": {"fx": {"const": LUT}}},
        "then": {"required": ["src"], "properties": {"src": {"minLength": 1}}},
    },
]

DRAFT_KEYS = frozenset(_DRAFT)
TRACK_KEYS = frozenset(_TRACK) | {"captions"}
SEGMENT_KEYS = frozenset(_COMMON) | frozenset(_PICTURE) | frozenset(_HEARD) | frozenset(_WRITTEN)
"""The members that this version knows."""


def draft_schema() -> Schema:
    """The JSON Schema of a draft."""
    segments = {"video_segment": _COMMON | _PICTURE | _HEARD, "audio_segment": _COMMON | _HEARD}
    segments["text_segment"] = _COMMON | _WRITTEN
    defs: Schema = {
        "track": _track_schema(),
        **{name: _segment_schema(properties) for name, properties in segments.items()},
        "motion": {"anyOf": [table_schema(MOTION), *_moves()]},
        "transition": {"anyOf": [table_schema(TRANSITION), _names(TRANSITION, "ty")]},
        "placement": table_schema(PLACEMENT),
        "keyframe": table_schema(KEYFRAME),
        "effect": {"anyOf": [table_schema(EFFECT) | {"allOf": _EFFECT_RULES}, _ref("effect_name")]},
        "effect_name": {"enum": [name for name in EFFECTS if name != LUT]},
        "style": style_schema(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:multiplane:draft:{SCHEMA_VERSION}",
        "title": "Multiplane draft",
        "description": "A timeline of tracks and segments. Times are in milliseconds; unknown members are kept.",
        "type": "object",
        "properties": _DRAFT,
        "dependentRequired": {"w": ["h"], "h": ["w"]},
        "$defs": defs,
    }


def schema_text() -> str:
    """The published file."""
    return json.dumps(draft_schema(), indent=2, ensure_ascii=False) + "\n"


def _moves() -> list[Any]:
    moves: list[Any] = table_properties(MOTION)["move"]["anyOf"]
    return moves


def _names(table: Table[Any], key: str) -> Schema:
    """The schema of a text that stands for an object: what its member ``key`` may be."""
    return {"enum": table_properties(table)[key]["enum"]}


def _segment_schema(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _track_schema() -> Schema:
    def of_kind(kind: int, segment: str, more: Schema) -> Schema:
        condition: Schema = {"properties": {"tt": {"const": kind}}}
        if kind != VIDEO:  # a track without a type is a video track
            condition["required"] = ["tt"]
        then = {"properties": {"sg": {"items": _ref(segment)}} | more}
        return {"if": condition, "then": then}

    kinds = [
        of_kind(VIDEO, "video_segment", {}),
        of_kind(AUDIO, "audio_segment", {}),
        of_kind(TEXT, "text_segment", {"captions": _CAPTIONS}),
    ]
    return {"type": "object", "properties": _TRACK, "allOf": kinds}
