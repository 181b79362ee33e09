"""The kinds of values in a draft's JSON: how each is read, how it is written, and its JSON Schema.

A kind judges the JSON type; whether the value makes sense is for the data class that takes it, whose refusal
``engine.timeline.table`` reports at the member's path. The ranges here are for the schema: those of the data classes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.core.time import milliseconds
from engine.timeline.draft import on_grid
from engine.timeline.fields import MAX_MILLISECONDS, Fields, describe_value, is_number

Schema = dict[str, Any]

COLOR_PATTERN = "^#[0-9a-fA-F]{6}$"

FRACTION = re.compile(r"[0-9]{1,9}(/[1-9][0-9]{0,8}|\.[0-9]{1,9})?")
"""A number that is given as a text: ``"30000/1001"``, ``"1/3"``, ``"1.5"``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Attributes:
        read: takes a member from its object; None where it is missing or was reported.
        write: the JSON value.
        schema: its JSON Schema.
    """

    read: Callable[[Fields, str], Any]
    write: Callable[[Any], Any]
    schema: Schema


def same(value: object) -> object:
    """The writer of values that JSON holds as they are."""
    return value


def number(low: float | None = None, high: float | None = None, *, above: float | None = None) -> Kind:
    """A number from ``low`` to ``high``, or above ``above``."""
    bounds = {"minimum": low, "exclusiveMinimum": above, "maximum": high}
    schema = {"type": "number"} | {key: bound for key, bound in bounds.items() if bound is not None}
    return Kind(_read_float, same, schema)


def whole(low: int, high: int) -> Kind:
    """A whole number from ``low`` to ``high``."""
    return Kind(Fields.whole, same, {"type": "integer", "minimum": low, "maximum": high})


def word(choices: Sequence[str]) -> Kind:
    """One of the texts ``choices``."""
    return Kind(Fields.text, same, {"enum": list(choices)})


def milliseconds_of(most: Fraction | None = None) -> Kind:
    """A time, milliseconds in JSON, seconds on the grid of a millisecond inside; at most ``most`` seconds, or a day."""
    high = MAX_MILLISECONDS if most is None else milliseconds(most)
    return Kind(_read_time, milliseconds, {"type": "number", "minimum": 0, "maximum": high})


def numbers(count: int, low: float, high: float) -> Kind:
    """A list of ``count`` numbers."""

    def read(fields: Fields, key: str) -> tuple[float, ...] | None:
        value = fields.take(key)
        if value is None:
            return None
        if isinstance(value, list | tuple) and len(value) == count and all(is_number(item) for item in value):
            return tuple(float(item) for item in value)
        given = "" if isinstance(value, list | tuple) else f", not {describe_value(value)}"
        fields.report(key, f"must be a list of {count} numbers{given}.")
        return None

    items = {"type": "number", "minimum": low, "maximum": high}
    return Kind(read, list, {"type": "array", "items": items, "minItems": count, "maxItems": count})


def named_whole(low: int, high: int, names: Mapping[str, int]) -> Kind:
    """A whole number, or a name for one (``"bold"``)."""

    def read(fields: Fields, key: str) -> int | None:
        value = fields.peek(key)
        if not isinstance(value, str):
            return fields.whole(key)
        fields.take(key)
        if value not in names:
            fields.report(key, f"{describe_value(value)} is not known: use {low} to {high}, or {', '.join(names)}.")
        return names.get(value)

    choices = [{"type": "integer", "minimum": low, "maximum": high}, {"enum": list(names)}]
    return Kind(read, same, {"anyOf": choices})


def rational(low: Fraction, high: Fraction) -> Kind:
    """An exact number: a JSON number where its decimals say it all, else a text such as ``"1/3"``."""

    def read(fields: Fields, key: str) -> Fraction | None:
        value = fields.peek(key)
        if not isinstance(value, str):
            plain = fields.number(key)
            return None if plain is None else Fraction(str(plain))
        fields.take(key)
        if not FRACTION.fullmatch(value):
            fields.report(key, f"must be a number, or a text such as '3/2', not {describe_value(value)}.")
            return None
        return Fraction(value)

    def write(value: Fraction) -> int | float | str:
        if value.denominator == 1:
            return int(value)
        decimal = float(value)
        return decimal if Fraction(str(decimal)) == value else str(value)

    bounds = {"minimum": float(low), "maximum": float(high)}
    text = {"type": "string", "pattern": f"^{FRACTION.pattern}$"}
    return Kind(read, write, {"anyOf": [{"type": "number"} | bounds, text]})


def _read_float(fields: Fields, key: str) -> float | None:
    value = fields.number(key)
    return None if value is None else float(value)


def _read_time(fields: Fields, key: str) -> Fraction | None:
    value = fields.seconds(key)
    return None if value is None else on_grid(value)


TEXT = Kind(Fields.text, same, {"type": "string"})
FLAG = Kind(Fields.flag, same, {"type": "boolean"})
COLOR = Kind(Fields.text, same, {"type": "string", "pattern": COLOR_PATTERN})
TIME = milliseconds_of()
