"""Units of meaning in an instruction, and looking at them by their place."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.director.selection import Selection


@dataclass(frozen=True, slots=True)
class Term:
    """One unit of meaning.

    Attributes:
        category: a table of the lexicon; or ``number``, ``quote``, ``asset``, ``select``, ``unknown``.
        value: the key in that table; the folded words of an unknown term; what a ``quote`` says.
        start, end: its place in the original text.
        number: the value of a ``number``; the position of an ``asset``.
        is_digits: whether a number was written in digits.
        selection: of a ``select``.
    """

    category: str
    value: str
    start: int
    end: int
    number: Fraction = Fraction(0)
    is_digits: bool = False
    selection: "Selection | None" = None


REACH = 40
"""Terms that one looks past: words that fill are heaped up only to make every look long."""


class TermView:
    """The terms of an instruction, looked at by their place.

    Attributes:
        text: the instruction.
        terms: its terms.
        is_cut: whether there were more.
    """

    def __init__(self, text: str, terms: list[Term]) -> None:
        self.text = text
        self.terms = terms
        self.is_cut = False

    def cut(self, count: int) -> None:
        """Forget all but the first terms: what follows them is not read."""
        if len(self.terms) > count:
            self.terms = self.terms[:count]
            self.is_cut = True

    def category(self, index: int) -> str:
        """The category of a term, empty beyond the ends."""
        return self.terms[index].category if 0 <= index < len(self.terms) else ""

    def value(self, index: int) -> str:
        """The value of a term, empty beyond the ends."""
        return self.terms[index].value if 0 <= index < len(self.terms) else ""

    def skip(self, index: int, *categories: str) -> int:
        """The first term from ``index`` on that is of none of the categories, looked for within ``REACH``."""
        end = index + REACH
        while index < end and self.category(index) in categories:
            index += 1
        return index

    def skip_back(self, index: int, *categories: str) -> int:
        """The last term up to ``index`` that is of none of the categories, looked for within ``REACH``."""
        end = index - REACH
        while index > end and self.category(index) in categories:
            index -= 1
        return index

    def words(self, first: int, last: int) -> str:
        """The original text of some terms."""
        return self.text[self.terms[first].start : self.terms[last].end]
