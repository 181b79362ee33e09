"""Reading the members of a JSON object one by one, and saying where a bad one stands."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NoReturn, TypeGuard

from engine.core.errors import DraftError, Problem, quoted
from engine.timeline.draft import MAX_DURATION

MAX_NUMBER = 1e18
"""No number of a draft is larger."""

MAX_MILLISECONDS = int(1000 * MAX_DURATION)
"""The largest time: a day."""


def describe_value(value: object) -> str:
    """A JSON value in a sentence: short, whatever it holds."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return "a huge number" if isinstance(value, int) and abs(value) >= 10**20 else str(value)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a JSON value is a number that a draft may hold; true and false are none."""
    # Comparing, unlike isfinite, also works for whole numbers beyond the range of floats; it is false for NaN.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


class Fields:
    """The members of one JSON object; each is taken once, and what is left over is ``rest()``.

    A member that is ``null`` counts as missing. A bad member is reported: added to ``problems``, and then read as
    missing, so that one pass finds all; without ``problems``, it is refused at once.

    Args:
        value: the JSON value that must be an object.
        path: where it stands in the draft, such as ``t[0].sg[2]``; empty for the draft itself.
        problems: a list that takes what is wrong; None refuses the first bad member.
        short: the member that a text or a list instead of the object stands for; it has the path of the object.

    Raises:
        DraftError: without ``problems``, from every method, with the member's path in the sentence.
    """

    def __init__(
        self, value: object, path: str, problems: list[Problem] | None = None, short: str | None = None
    ) -> None:
        self.at = path
        self.problems = problems
        self._is_short = short is not None and isinstance(value, str | list)
        if self._is_short:
            value = {short: value}
        self._members: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        self._taken: set[str] = set()
        self.is_object = isinstance(value, Mapping)
        if not self.is_object:
            self.report("", f"{'' if path else 'The draft '}must be a JSON object, not {describe_value(value)}.")

    def path(self, key: str) -> str:
        """The path of a member; with an empty key, of the object itself."""
        return f"{self.at}.{key}" if self.at and key and not self._is_short else self.at or key

    def fail(self, key: str, text: str) -> NoReturn:
        """Refuse a member, and with it all that is read."""
        problem = Problem(self.path(key), text)
        raise DraftError(str(problem), problems=(problem,))

    def report(self, key: str, text: str) -> None:
        """Note that a member is bad (with an empty key, the object itself) and go on; see the class."""
        if self.problems is None:
            self.fail(key, text)
        self.problems.append(Problem(self.path(key), text))

    def below(self, key: str, value: object, short: str | None = None) -> "Fields":
        """The members of an object that stands in a member (``"mo"``), or in a list of them (``"ef[0]"``)."""
        return Fields(value, self.path(key), self.problems, short)

    def again(self, problems: list[Problem]) -> "Fields":
        """The same object, to be read a second time; what is wrong goes to another list."""
        return Fields(self._members, self.at, problems)

    def peek(self, key: str) -> object:
        """A member's value, None where it is missing; it is not taken."""
        return self._members.get(key)

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
        if value is None or isinstance(value, str):
            return value
        self.report(key, f"must be a text, not {describe_value(value)}.")
        return None

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return value
        self.report(key, f"must be true or false, not {describe_value(value)}.")
        return None

    def number(self, key: str) -> int | float | None:
        """A finite number."""
        value = self.take(key)
        if value is None:
            return None
        if is_number(value):
            return value
        self.report(key, f"must be a number, not {describe_value(value)}.")
        return None

    def whole(self, key: str) -> int | None:
        """A whole number."""
        value = self.number(key)
        if value is None or value == int(value):
            return None if value is None else int(value)
        self.report(key, f"must be a whole number, not {value}.")
        return None

    def seconds(self, key: str) -> Fraction | None:
        """A time in milliseconds, 0 .. a day, as exact seconds."""
        value = self.take(key)
        if value is None:
            return None
        if is_number(value) and 0 <= value <= MAX_MILLISECONDS:
            return Fraction(value) / 1000
        self.report(key, f"must be milliseconds from 0 to {MAX_MILLISECONDS} (a day), not {describe_value(value)}.")
        return None

    def mapping(self, key: str) -> dict[str, Any]:
        """An object, empty where it is missing."""
        value = self.take(key)
        if value is None or isinstance(value, Mapping):
            return dict(value or {})
        self.report(key, f"must be a JSON object, not {describe_value(value)}.")
        return {}

    def items(self, key: str) -> list[Any]:
        """A list, empty where it is missing."""
        value = self.take(key)
        if value is None or isinstance(value, list):
            return value or []
        self.report(key, f"must be a list, not {describe_value(value)}.")
        return []
