"""From tokens to terms: the longest phrases of the lexicon, slips of the keyboard mended."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from pipelines.director.clauses import OF_OBJECT
from pipelines.director.lexicon import Lexicon, Meaning
from pipelines.director.numbers import counted, join_numbers, more_units, read_digits, signed
from pipelines.director.terms import Term
from pipelines.director.tokens import Token, fold, is_unspaced, tokenize


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
        elif token.kind == "handle":
            terms.append(Term("quote", token.text, token.start, token.end))
        elif token.kind == "quote":
            terms.append(Term("quote", text[token.start + 1 : token.end - 1].strip(), token.start, token.end))
        else:
            terms.append(_term(tokens[index : index + count], meaning))
        index += count
    terms = [_settled(terms, index) for index in range(len(terms))]
    return more_units(join_numbers(counted(signed(_join_unknown(terms, text), text))))


def _settled(terms: list[Term], index: int) -> Term:
    """A term with what "lower" or "make it pop" means there."""
    term = terms[index]
    if term.category != "either":
        return term
    if term.value == "pop":
        of_text = any(
            before.category == "quote" or (before.category == "object" and OF_OBJECT.get(before.value) == "text")
            for before in terms[:index]
        )
        return replace(term, category="textfx") if of_text else replace(term, category="engine", value="parallax")
    before_noun = index + 1 < len(terms) and terms[index + 1].category in ("direction", "place", "photo", "unknown")
    category, value = ("direction", "bottom") if before_noun else ("compare", term.value)
    return replace(term, category=category, value=value)


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
    # A single sign is no slip of anything, and a text may be all of them.
    if token.kind != "word" or len(token.text) == 1 or token.text in lexicon.vocabulary:
        return token
    keyword = lexicon.correct(token.text)
    return token if keyword is None else Token("word", keyword, token.start, token.end)


def _longest_phrase(tokens: Sequence[Token], index: int, lexicon: Lexicon) -> tuple[int, Meaning | None]:
    if tokens[index].kind in ("quote", "name", "handle"):
        return 1, None
    words: list[str] = []
    for token in tokens[index : index + lexicon.longest(tokens[index].text)]:
        if token.kind in ("quote", "name", "handle"):
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
            return read_digits(first)
        if first.text.startswith("#") and len(first.text) > 1:
            return Term("color", first.text, first.start, last.end)
        return Term("unknown", first.text, first.start, last.end)
    if meaning.category == "number":
        return Term("number", meaning.value, first.start, last.end, Fraction(meaning.value))
    return Term(meaning.category, meaning.value, first.start, last.end)
