"""The ``mo`` object of a segment: a camera motion in JSON."""

from collections.abc import Mapping
from typing import Any

from engine.core.errors import DraftError, OptionError
from engine.motion import Motion
from engine.timeline.fields import Fields, describe_value


def read_motion(value: object, path: str) -> tuple[Motion, dict[str, Any]]:
    """Read a ``mo`` object; a bare text or list of texts names the moves.

    Returns:
        The motion, and the members that it has no place for (``with``, ``strength``).

    Raises:
        DraftError: a member is not valid; its path is in the sentence.
    """
    fields = Fields(value if isinstance(value, Mapping) else {"move": value}, path)
    moves = _moves(fields)
    amount = _amount(fields)
    focus = _focus(fields)
    speed, ease = fields.text("speed"), fields.text("ease")
    try:
        motion = Motion(moves, amount, speed, focus) if ease is None else Motion(moves, amount, speed, focus, ease)
    except OptionError as error:
        raise DraftError(f"{path}: {error.message}", detail=error.detail) from error
    return motion, fields.rest()


def write_motion(motion: Motion, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The ``mo`` object of a motion: a single move as a text, members without a value left out."""
    out: dict[str, Any] = {"move": motion.moves[0] if len(motion.moves) == 1 else list(motion.moves)}
    if motion.amount is not None:
        out["amount"] = list(motion.amount) if isinstance(motion.amount, tuple) else motion.amount
    if motion.speed is not None:
        out["speed"] = motion.speed
    if motion.focus is not None:
        out["focus"] = motion.focus if isinstance(motion.focus, str) else list(motion.focus)
    out["ease"] = motion.ease
    return out | {key: value for key, value in extra.items() if key not in out}


def _moves(fields: Fields) -> tuple[str, ...]:
    value = fields.take("move")
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        fields.fail("move", f"must be the name of a move or a list of names, not {describe_value(value)}.")
    return tuple(names)


def _amount(fields: Fields) -> float | tuple[float | None, ...] | None:
    value = fields.take("amount")
    if not isinstance(value, list | tuple):
        return None if value is None else _float(fields, "amount", value)
    return tuple(None if item is None else _float(fields, "amount", item) for item in value)


def _focus(fields: Fields) -> tuple[float, float] | str | None:
    value = fields.take("focus")
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, list | tuple) or len(value) != 2:
        fields.fail("focus", f"must be [x, y] or a word, not {describe_value(value)}.")
    return _float(fields, "focus", value[0]), _float(fields, "focus", value[1])


def _float(fields: Fields, key: str, value: object) -> float:
    number = Fields({key: value}, fields.at).number(key)
    if number is None:
        fields.fail(key, "must hold numbers, not null.")
    return float(number)
