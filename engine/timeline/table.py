"""A data class as a JSON object: one table of its members reads it, writes it and gives its JSON Schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from engine.core.errors import InputError
from engine.timeline.fields import Fields
from engine.timeline.kinds import Kind, Schema

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a JSON object.

    Attributes:
        key: its name in JSON.
        name: the attribute of the data class.
        kind: the kind of value.
        about: what it is, for the schema.
        required: whether the object means nothing without it.
        always: whether it is written even where it has its default value.
    """

    key: str
    name: str
    kind: Kind
    about: str
    required: bool = False
    always: bool = False


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """The members of a data class.

    Attributes:
        make: the data class; its other attributes keep their defaults.
        members: in the order in which they are written.
        about: what the object is, for the schema.
    """

    make: type[T]
    members: tuple[Member, ...]
    about: str


def read_table(table: Table[T], fields: Fields, *, whole: bool = True) -> T | None:
    """The data class that an object's members give.

    Args:
        table: its members.
        fields: the object; what is wrong is reported there, at the member's own path where one member is to blame.
        whole: the object belongs to the data class alone, which keeps its unknown members in ``extra``.

    Returns:
        None where something was wrong.
    """
    if not fields.is_object:
        return None
    values: dict[str, Any] = {}
    sound = True
    for member in table.members:
        missing = fields.peek(member.key) is None
        value = member.kind.read(fields, member.key)
        if value is not None:
            values[member.name] = value
        elif not missing or member.required:
            sound = False
        if missing and member.required:
            fields.report(member.key, f"is missing: {member.about}.")
    if any(member.required and member.name not in values for member in table.members):
        return None
    rest = {"extra": fields.rest()} if whole else {}
    try:
        made = table.make(**values, **rest)
    except InputError as error:
        _blame(table, fields, values, error)
        return None
    return made if sound else None


def _blame(table: Table[Any], fields: Fields, values: Mapping[str, Any], error: InputError) -> None:
    """Report a data class's refusal at the members that it also refuses alone; what then remains, at the object."""
    required = [member for member in table.members if member.required]
    base = {member.name: values[member.name] for member in required}
    base_refusal = _refusal(table, base)
    if base_refusal == error.message:
        return fields.report(required[0].key if len(required) == 1 else "", base_refusal)
    good = dict(values)
    for member in table.members:
        if member.name in values and not member.required:
            refusal = _refusal(table, base | {member.name: values[member.name]})
            if refusal is not None and refusal != base_refusal:
                fields.report(member.key, refusal)
                del good[member.name]
    remaining = _refusal(table, good)
    return None if remaining is None else fields.report("", remaining)


def _refusal(table: Table[Any], values: Mapping[str, Any]) -> str | None:
    try:
        table.make(**values)
    except InputError as error:
        return error.message
    return None


def write_table(table: Table[T], value: T) -> dict[str, Any]:
    """The JSON members of a data class that differ from its defaults, and its unknown members."""
    defaults = table.make.__dataclass_fields__  # type: ignore[attr-defined]
    out = {
        member.key: member.kind.write(given)
        for member in table.members
        if (given := getattr(value, member.name)) is not None
        and (member.required or member.always or given != defaults[member.name].default)
    }
    return with_extra(out, getattr(value, "extra", {}))


def with_extra(known: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Known members and the unknown ones that were kept; a known one wins."""
    return known | {key: value for key, value in extra.items() if key not in known}


def table_properties(table: Table[Any]) -> Schema:
    """The ``properties`` of the JSON Schema of a table."""
    return {member.key: member.kind.schema | {"description": member.about} for member in table.members}


def table_schema(table: Table[Any]) -> Schema:
    """The JSON Schema of an object that a table describes; unknown members are allowed."""
    required = [member.key for member in table.members if member.required]
    out = {"description": table.about, "type": "object", "properties": table_properties(table)}
    return out | ({"required": required} if required else {})
