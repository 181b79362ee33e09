"""Reading a table of a registry: every value has its type, and what is wrong is said with the place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from engine.core.errors import OptionError

_T = TypeVar("_T")


class Table:
    """A TOML table and where it stands.

    Args:
        data: the table.
        place: how sentences name it.
    """

    def __init__(self, data: Mapping[str, object], place: str) -> None:
        self._data = data
        self._place = place

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def named(self, place: str) -> "Table":
        """The same table under a better name."""
        return Table(self._data, f"{self._place.partition(',')[0]}, {place}")

    def only(self, *keys: str) -> None:
        """Refuse a key that is none of these: a slip of the pen would otherwise be overlooked."""
        for key in self._data:
            if key not in keys:
                raise self.wrong(key, f"is not known here; known are {', '.join(keys)}")

    def wrong(self, key: str, problem: str) -> OptionError:
        """The error about one key."""
        return OptionError(f"{self._place}: {key} {problem}.")

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required unless there is a default."""
        if default is not None and key not in self._data:
            return default
        value = self._value(key, str, "a text")
        if default is None and not value.strip():
            raise self.wrong(key, "must not be empty")
        return value

    def integer(self, key: str) -> int:
        """A whole number, 0 or more."""
        value = self._value(key, int, "a whole number")
        if isinstance(value, bool) or value < 0:
            raise self.wrong(key, "must be a whole number, 0 or more")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where it is left out."""
        return key in self._data and self._value(key, bool, "true or false")

    def matching(self, key: str, pattern: re.Pattern[str], meant: str) -> str:
        """A text of a given form."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.wrong(key, f"must be {meant}, not {value!r}")
        return value

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        """One of several words."""
        value = self.text(key)
        if value not in choices:
            raise self.wrong(key, f"must be one of {', '.join(choices)}, not {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self._value(key, list, "a list of texts")
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "must be a list of texts")
        return tuple(values)

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        value = self._value(key, dict, "a table")
        return Table(value, f"{self._place}, {key}")

    def tables(self, key: str) -> tuple["Table", ...]:
        """A list of tables."""
        values = self._value(key, list, "a list of tables")
        if not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, "must be a list of tables")
        return tuple(Table(value, f"{self._place}, {key} {number}") for number, value in enumerate(values, start=1))

    def _value(self, key: str, kind: type[_T], meant: str) -> _T:
        if key not in self._data:
            raise self.wrong(key, "is missing")
        value = self._data[key]
        if not isinstance(value, kind):
            raise self.wrong(key, f"must be {meant}")
        return value
