"""From tokens to terms: the longest phrases of the lexicon, numbers put together, slips of the keyboard mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipelines.director.lexicon import Lexicon, Meaning
from pipelines.director.tokens import Token, tokenize

MAX_DIGITS = 12
"""A number of more digits is a word that nobody understands."""

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Term:
    """One unit of meaning.

    Attributes:
        category: a table of the lexicon; or ``number``, ``quote``, ``asset``, ``unknown``.
        value: the key in that table; the folded words of an unknown term.
        start, end: its place in the original text.
        number: the value of a ``number``; the position of an ``asset``.
        is_digits: whether a number was written in digits.
    """

    category: str
    value: str
    start: int
    end: int
    number: Fraction = Fraction(0)
    is_digits: bool = False


def read_terms(text: str, lexicon: Lexicon, names: Sequence[str] = ()) -> list[Term]:
    """The terms of an instruction, in order.

    Args:
        text: the instruction.
        lexicon: its language.
        names: of the photos, in their order; where one stands in the text, the term is an ``asset``.
    """
    tokens = [_mend(token, lexicon) for token in tokenize(text, names)]
    terms: list[Term] = []
    index = 0
    while index < len(tokens):
        count, meaning = _longest_phrase(tokens, index, lexicon)
        token = tokens[index]
        if token.kind == "name":
            terms.append(Term("asset", token.text, token.start, token.end, Fraction(names.index(token.text))))
        else:
            terms.append(_term(tokens[index : index + count], meaning))
        index += count
    return _join_numbers(terms)


def _mend(token: Token, lexicon: Lexicon) -> Token:
    if token.kind != "word" or token.text in lexicon.vocabulary:
        return token
    keyword = lexicon.correct(token.text)
    return token if keyword is None else Token("word", keyword, token.start, token.end)


def _longest_phrase(tokens: Sequence[Token], index: int, lexicon: Lexicon) -> tuple[int, Meaning | None]:
    if tokens[index].kind in ("quote", "name"):
        return 1, None
    words: list[str] = []
    for token in tokens[index : index + lexicon.longest]:
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
        return Term("quote" if first.kind == "quote" else "unknown", first.text, first.start, last.end)
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
    for term in terms:
        previous = out[-1] if out else None
        if term.category == "number" and previous is not None and previous.category == "number":
            joined = _joined(previous, term)
            if joined is not None:
                out[-1] = Term("number", previous.value, previous.start, term.end, joined)
                continue
        out.append(term)
    return out


def _joined(left: Term, right: Term) -> Fraction | None:
    if left.is_digits or right.is_digits:
        return None
    if left.number >= 20 and left.number % 10 == 0 and 1 <= right.number <= 9 and left.number != HUNDRED:
        return left.number + right.number
    if right.number == HUNDRED and 1 <= left.number <= 99:
        return left.number * HUNDRED
    if left.number >= HUNDRED and left.number % HUNDRED == 0 and right.number < HUNDRED:
        return left.number + right.number
    return None
