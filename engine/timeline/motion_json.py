"""The ``mo`` object of a segment: a camera motion in JSON."""

from collections.abc import Mapping
from typing import Any

from engine.core.errors import Problem
from engine.motion import EASES, EXTENDS, FAMILIES, METHODS, MOVES, PROMPT_LENGTH, QUALITIES, SPEEDS, Motion
from engine.motion.vocabulary import FOCUS_WORDS
from engine.timeline.fields import Fields, describe_value, is_number
from engine.timeline.kinds import TEXT, Kind, number, same, word
from engine.timeline.table import Member, Table, read_table, with_extra, write_table


def _read_moves(fields: Fields, key: str) -> tuple[str, ...] | None:
    value = fields.take(key)
    names = [value] if isinstance(value, str) else value
    if value is None:
        return None
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        fields.report(key, f"must be the name of a move or a list of names, not {describe_value(value)}.")
        return None
    return tuple(names)


def _write_moves(moves: tuple[str, ...]) -> str | list[str]:
    return moves[0] if len(moves) == 1 else list(moves)


def _read_amount(fields: Fields, key: str) -> float | tuple[float | None, ...] | None:
    value = fields.take(key)
    if value is None or is_number(value):
        return None if value is None else float(value)
    if isinstance(value, list | tuple) and all(item is None or is_number(item) for item in value):
        return tuple(None if item is None else float(item) for item in value)
    fields.report(key, f"must be a number, or a list with one for each move, not {describe_value(value)}.")
    return None


def _read_focus(fields: Fields, key: str) -> tuple[float, float] | str | None:
    value = fields.take(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and len(value) == 2 and all(is_number(item) for item in value):
        return float(value[0]), float(value[1])
    fields.report(key, f"must be [x, y] or a word, not {describe_value(value)}.")
    return None


def _plain(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    return list(value) if isinstance(value, tuple) else value


_NAME = word(sorted(MOVES)).schema
_MOVES = Kind(_read_moves, _write_moves, {"anyOf": [_NAME, {"type": "array", "items": _NAME, "minItems": 1}]})
_AMOUNT = Kind(
    _read_amount, _plain, {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": ["number", "null"]}}]}
)
_POINT = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 2, "maxItems": 2}
_FOCUS = Kind(_read_focus, _plain, {"anyOf": [_POINT, {"enum": list(FOCUS_WORDS)}]})
_PROMPT = Kind(Fields.text, same, {"type": "string", "minLength": 1, "maxLength": PROMPT_LENGTH})

MOTION = Table(
    Motion,
    (
        Member("move", "moves", _MOVES, "name of a camera move, or a list of names", required=True),
        Member(
            "amount",
            "amount",
            _AMOUNT,
            "zoom: end over start scale; pan: share of the free room; turn: degrees; in space: share of the way, 0..1",
        ),
        Member("speed", "speed", word(SPEEDS), "how fast, where no amount says how far"),
        Member("focus", "focus", _FOCUS, "[x, y] in 0..1 of the photo from its top left, or what to look for"),
        Member("ease", "ease", word(EASES), "easing of the whole move", always=True),
        Member("with", "method", word(METHODS), "what makes the picture move"),
        Member("strength", "strength", number(0, 1), "of generated motion"),
        Member("depth", "depth", TEXT, "the photo's depth map: a file, or a file of a pack"),
        Member("prompt", "prompt", _PROMPT, "what moves, in words, for generated motion by a model that takes text"),
        Member("extend", "extend", word(EXTENDS), "how a shot longer than one generated clip is filled"),
        Member("quality", "quality", word(QUALITIES), "of generated motion: exact, or with shortcuts"),
        Member("model", "model", word(FAMILIES), "who generates the motion"),
    ),
    "What the camera does over a photo.",
)


def read_motion(value: object, path: str, problems: list[Problem] | None = None) -> tuple[Motion, dict[str, Any]]:
    """Read a ``mo`` object; a bare text or list of texts names the moves.

    Args:
        value: the JSON value.
        path: where it stands.
        problems: takes what is wrong, see ``engine.timeline.fields.Fields``; the motion is then a default one.

    Returns:
        The motion, and the members that it has no place for.

    Raises:
        DraftError: without ``problems``: a member is not valid; its path is in the sentence.
    """
    fields = Fields(value, path, problems, short="move")
    motion = read_table(MOTION, fields, whole=False)
    return motion or Motion(), fields.rest()


def write_motion(motion: Motion, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The ``mo`` object of a motion: a single move as a text, members without a value left out."""
    return with_extra(write_table(MOTION, motion), extra)
