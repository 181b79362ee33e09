"""Reading the members of a JSON object one by one, and saying where a bad one stands."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NoReturn

from engine.core.errors import DraftError
from engine.timeline.draft import MAX_DURATION

MAX_NUMBER = 1e18
"""No number of a draft is larger."""


def describe_value(value: object) -> str:
    """A JSON value in a sentence: short, whatever it holds."""
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return "a huge number" if isinstance(value, int) and abs(value) >= 10**20 else str(value)


def _fits_float(value: int | float) -> bool:
    # Comparing, unlike isfinite, also works for whole numbers beyond the range of floats.
    return abs(value) <= MAX_NUMBER


class Fields:
    """The members of one JSON object; each is taken once, and what is left over is ``rest()``.

    A member that is ``null`` counts as missing.

    Args:
        value: the JSON value that must be an object.
        path: where it stands in the draft, such as ``t[0].sg[2]``; empty for the draft itself.

    Raises:
        DraftError: from every method, with the member's path in the sentence.
    """

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise DraftError(f"{path or 'The draft'} must be a JSON object, not {describe_value(value)}.")
        self._members: Mapping[str, Any] = value
        self.at = path
        self._taken: set[str] = set()

    def path(self, key: str) -> str:
        """The path of a member."""
        return f"{self.at}.{key}" if self.at else key

    def fail(self, key: str, problem: str) -> NoReturn:
        """Refuse a member."""
        raise DraftError(f"{self.path(key)}: {problem}")

    def take(self, key: str) -> object:
        """A member's value, None where it is missing."""
        self._taken.add(key)
        return self._members.get(key)

    def rest(self) -> dict[str, Any]:
        """The members that nobody took."""
        return {key: value for key, value in self._members.items() if key not in self._taken}

    def text(self, key: str) -> str | None:
        """A string."""
        value = self.take(key)
        if value is not None and not isinstance(value, str):
            self.fail(key, f"must be a text, not {describe_value(value)}.")
        return value

    def number(self, key: str) -> int | float | None:
        """A finite number."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not _fits_float(value):
            self.fail(key, f"must be a number, not {describe_value(value)}.")
        return value

    def whole(self, key: str) -> int | None:
        """A whole number."""
        value = self.number(key)
        if value is not None and value != int(value):
            self.fail(key, f"must be a whole number, not {value}.")
        return None if value is None else int(value)

    def seconds(self, key: str) -> Fraction | None:
        """A time in milliseconds, 0 .. a day, as exact seconds."""
        value = self.take(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 <= value <= 1000 * MAX_DURATION  # false for NaN too
        ):
            self.fail(
                key, f"must be milliseconds from 0 to {1000 * MAX_DURATION} (a day), not {describe_value(value)}."
            )
        return Fraction(value) / 1000

    def mapping(self, key: str) -> dict[str, Any]:
        """An object, empty where it is missing."""
        value = self.take(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fail(key, f"must be a JSON object, not {describe_value(value)}.")
        return dict(value)

    def items(self, key: str) -> list[Any]:
        """A list, empty where it is missing."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(key, f"must be a list, not {describe_value(value)}.")
        return value
