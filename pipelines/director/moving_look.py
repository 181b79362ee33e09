"""Looking through a text for what moves: word lists, places, where a prompt ends."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from pipelines.director.lexicon import lexicon
from pipelines.director.terms import TermView
from pipelines.director.tokens import is_unspaced

NOT_MOVED = frozenset({
    "photo", "camera", "object", "quote", "asset", "engine", "transition", "mood", "animate", "relative", "act", "says",
    "aspect", "platform", "size", "fit", "textfx", "font", "cues", "audio", "session", "question", "asking", "handle",
    "ordinal", "nth", "classifier",
})  # fmt: skip
"""Categories that do not stand in the name of what moves."""

NOT_TOLD = frozenset({
    "select", "scope", "engine", "aspect", "platform", "size", "transition", "object", "mood", "camera", "session",
    "asset", "quote", "fit", "animate", "photo", "ordinal", "nth", "classifier",
})  # fmt: skip
"""Categories that no prompt holds: what else is wanted begins there."""


@dataclass(frozen=True, slots=True)
class Moving:
    """A clause about what moves.

    Attributes:
        first, last: its terms.
        start, end: of the prompt in the text.
        caused: whether a verb asks for it.
    """

    first: int
    last: int
    start: int
    end: int
    caused: bool


@dataclass(frozen=True, slots=True)
class Look:
    """A text that is looked through.

    Attributes:
        view: its terms.
        plain: the text as word lists are, see :func:`flat`.
        code: its language.
    """

    view: TermView
    plain: str
    code: str

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """The word lists of the language."""
        return lexicon(self.code).lists

    def words(self, *names: str) -> re.Pattern[str]:
        """Any word of some lists."""
        return words_of(self.code, *names)

    def place(self, index: int) -> tuple[int, int]:
        """Where a term stands in the text; nowhere beyond the ends."""
        terms = self.view.terms
        return (terms[index].start, terms[index].end) if 0 <= index < len(terms) else (0, 0)


def look_at(view: TermView, code: str) -> Look:
    """The text of some terms in a language, to be looked through."""
    return Look(view, flat(view.text[: view.terms[-1].end] if view.terms else ""), code)


def flat(text: str) -> str:
    """A text as word lists are: lower case, no accents, every character in its place."""
    return "".join(_flat(character) for character in text)


@cache
def words_of(code: str, *names: str) -> re.Pattern[str]:
    """Any word of some lists of a language; words with letters stand alone, the longest is found first."""
    found = {word for name in names for word in lexicon(code).lists.get(name, ())}
    if not found:
        return re.compile(r"(?!)")
    choices = "|".join(
        re.escape(word) if is_unspaced(word[0]) else rf"(?<!\w){re.escape(word)}(?!\w)"
        for word in sorted(found, key=lambda word: (-len(word), word))
    )
    return re.compile(choices)


def told_until(view: TermView, index: int, last: int, end: int) -> int:
    """The last term of a prompt whose verb stands at a term and ends at a place of the text."""
    while index < last and view.terms[index].end < end:
        index += 1
    stop = index
    while stop < last and view.category(stop + 1) not in NOT_TOLD:
        counts = view.category(stop + 1) == "number" and view.category(stop + 2) == "unit"
        if counts:
            break
        stop += 1
    if stop < last:
        # "... in the second photo", "... for 10 seconds", "... with AI"
        while stop > index and view.category(stop) in ("prep", "det", "filler", "direction"):
            stop -= 1
    return stop


def goes_on(view: TermView, start: int, end: int) -> bool:
    """Whether nothing but a comma, a conjunction or a manner stands between two terms."""
    between = [view.terms[index] for index in range(start, end)]
    return all(
        term.category in ("join", "then", "filler", "det", "degree", "listing", "speed", "amount")
        or (term.category, term.value) == ("mark", "soft")
        for term in between
    )


def _flat(character: str) -> str:
    plain = unicodedata.normalize("NFD", character.casefold())[:1]
    return plain or character
