"""From tokens to terms: the longest phrases of the lexicon, numbers put together, slips of the keyboard mended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from pipelines.director.lexicon import Lexicon, Meaning
from pipelines.director.tokens import Token, fold, is_unspaced, tokenize

if TYPE_CHECKING:
    from pipelines.director.selection import Selection

MAX_DIGITS = 12
"""A number of more digits is a word that nobody understands."""

HUNDRED = 100


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


class TermView:
    """The terms of an instruction, looked at by their place.

    Attributes:
        text: the instruction.
        terms: its terms.
    """

    def __init__(self, text: str, terms: list[Term]) -> None:
        self.text = text
        self.terms = terms

    def category(self, index: int) -> str:
        """The category of a term, empty beyond the ends."""
        return self.terms[index].category if 0 <= index < len(self.terms) else ""

    def value(self, index: int) -> str:
        """The value of a term, empty beyond the ends."""
        return self.terms[index].value if 0 <= index < len(self.terms) else ""

    def skip(self, index: int, *categories: str) -> int:
        """The first term from ``index`` on that is of none of the categories."""
        while self.category(index) in categories:
            index += 1
        return index

    def skip_back(self, index: int, *categories: str) -> int:
        """The last term up to ``index`` that is of none of the categories."""
        while self.category(index) in categories:
            index -= 1
        return index

    def words(self, first: int, last: int) -> str:
        """The original text of some terms."""
        return self.text[self.terms[first].start : self.terms[last].end]


def read_terms(text: str, lexicon: Lexicon, names: Sequence[str] = ()) -> list[Term]:
    """The terms of an instruction, in order.

    Args:
        text: the instruction.
        lexicon: its language.
        names: of the photos, in their order; where one stands in the text, the term is an ``asset``.
    """
    tokens = [_mend(token, lexicon) for token in tokenize(text, names)]
    terms: list[Term] = []
    places = {name: Fraction(place) for place, name in reversed(list(enumerate(names)))}
    stems = {fold(name.rsplit(".", 1)[0]): place for name, place in places.items() if "." in name.strip(".")}
    index = 0
    while index < len(tokens):
        count, meaning = _longest_phrase(tokens, index, lexicon)
        token = tokens[index]
        if token.kind == "name":
            terms.append(Term("asset", token.text, token.start, token.end, places[token.text]))
        elif meaning is None and token.text in stems:
            terms.append(Term("asset", token.text, token.start, token.end, stems[token.text]))
        elif token.kind == "quote":
            terms.append(Term("quote", text[token.start + 1 : token.end - 1].strip(), token.start, token.end))
        else:
            terms.append(_term(tokens[index : index + count], meaning))
        index += count
    terms = [_settled(terms, index) for index in range(len(terms))]
    return _join_numbers(_counted(_signed(_join_unknown(terms, text), text)))


def _counted(terms: list[Term]) -> list[Term]:
    """ "from second 5 to second 7" as "from 5 seconds to 7 seconds": the unit behind its number."""
    out = terms[:]
    for index in range(1, len(out) - 1):
        lead, unit, number = out[index - 1], out[index], out[index + 1]
        is_time = (unit.category, unit.value) in (("unit", "second"), ("unit", "minute"))
        counts = number.category == "number" and number.is_digits
        following = out[index + 2].category if index + 2 < len(out) else ""
        if is_time and counts and lead.category in ("prep", "timing") and following not in ("unit", "photo"):
            out[index : index + 2] = [number, unit]
    return out


def _settled(terms: list[Term], index: int) -> Term:
    """A term with what "lower" means there."""
    term = terms[index]
    if term.category != "either":
        return term
    before_noun = index + 1 < len(terms) and terms[index + 1].category in ("direction", "place", "photo", "unknown")
    category, value = ("direction", "bottom") if before_noun else ("compare", term.value)
    return replace(term, category=category, value=value)


def _signed(terms: list[Term], text: str) -> list[Term]:
    """The terms with + and - directly before a number, behind what has more and less of itself, as such."""
    out: list[Term] = []
    for index, term in enumerate(terms):
        following = terms[index + 1] if index + 1 < len(terms) else None
        sign = {"+": "more", "-": "less", "−": "less", "–": "less"}.get(text[term.start : term.end])
        before = out[-1] if out else None
        is_sign = (
            sign is not None
            and following is not None
            and (following.category, following.start) == ("number", term.end)
            and before is not None
            and (before.category == "look" or before.value == "volume")
        )
        out.append(Term("compare", sign, term.start, term.end) if is_sign and sign else term)
    return out


def _join_unknown(terms: list[Term], text: str) -> list[Term]:
    """Put unknown characters that stand together without a space into one term: a word of a script without spaces."""
    out: list[Term] = []
    for term in terms:
        previous = out[-1] if out else None
        if (
            previous is not None
            and term.category == previous.category == "unknown"
            and term.start == previous.end
            and is_unspaced(text[term.start])
            and is_unspaced(text[previous.end - 1])
        ):
            out[-1] = Term("unknown", previous.value + term.value, previous.start, term.end)
        else:
            out.append(term)
    return out


def _mend(token: Token, lexicon: Lexicon) -> Token:
    if token.kind != "word" or token.text in lexicon.vocabulary:
        return token
    keyword = lexicon.correct(token.text)
    return token if keyword is None else Token("word", keyword, token.start, token.end)


def _longest_phrase(tokens: Sequence[Token], index: int, lexicon: Lexicon) -> tuple[int, Meaning | None]:
    if tokens[index].kind in ("quote", "name"):
        return 1, None
    words: list[str] = []
    for token in tokens[index : index + lexicon.longest(tokens[index].text)]:
        if token.kind in ("quote", "name"):
            break
        words.append(token.text)
    for count in range(len(words), 0, -1):
        meaning = lexicon.phrases.get(tuple(words[:count]))
        if meaning is not None:
            return count, meaning
    return 1, None


def _term(tokens: Sequence[Token], meaning: Meaning | None) -> Term:
    first, last = tokens[0], tokens[-1]
    if meaning is None or meaning.category == "ordinary":
        if first.kind == "number":
            return _digits(first)
        if first.text.startswith("#") and len(first.text) > 1:
            return Term("color", first.text, first.start, last.end)
        return Term("unknown", first.text, first.start, last.end)
    if meaning.category == "number":
        return Term("number", meaning.value, first.start, last.end, Fraction(meaning.value))
    return Term(meaning.category, meaning.value, first.start, last.end)


def _digits(token: Token) -> Term:
    text = token.text
    whole, comma, decimals = text.partition(",")
    # "1,500" groups thousands, "1,5" is a decimal comma.
    text = whole + decimals if comma and len(decimals) == 3 and whole != "0" else text.replace(",", ".")
    if len(text) > MAX_DIGITS:
        return Term("unknown", token.text, token.start, token.end)
    return Term("number", text, token.start, token.end, Fraction(text), is_digits=True)


def _join_numbers(terms: list[Term]) -> list[Term]:
    """Put the words of one number together: twenty five, two hundred, 2 1/2, half a."""
    out: list[Term] = []
    percent: list[int] = []
    for term in terms:
        previous = out[-1] if out else None
        if term.category == "number" and previous is not None and previous.category == "pct":
            # 百分之五十: the sign comes first
            out[-1] = term
            percent.append(len(out) - 1)
            continue
        if term.category == "number" and previous is not None and previous.category == "number":
            joined = _joined(previous, term)
            if joined is not None:
                out[-1] = Term("number", previous.value, previous.start, term.end, joined)
                continue
        out.append(term)
    for index in reversed(percent):
        end = out[index].end
        out.insert(index + 1, Term("unit", "percent", end, end))
    return out


def _joined(left: Term, right: Term) -> Fraction | None:
    if left.is_digits or right.is_digits:
        return None
    if left.number >= 20 and left.number % 10 == 0 and 1 <= right.number <= 9 and left.number != HUNDRED:
        return left.number + right.number
    if left.end == right.start:
        # 十五, 二十: written together
        if left.number == 10 and 1 <= right.number <= 9:
            return left.number + right.number
        if right.number == 10 and 2 <= left.number <= 9:
            return left.number * 10
    if right.number == HUNDRED and 1 <= left.number <= 99:
        return left.number * HUNDRED
    if left.number >= HUNDRED and left.number % HUNDRED == 0 and right.number < HUNDRED:
        return left.number + right.number
    return None
