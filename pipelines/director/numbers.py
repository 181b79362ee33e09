"""Numbers put together: twenty five, two hundred, 2 1/2, x2, second 5."""

from dataclasses import replace
from fractions import Fraction

from pipelines.director.terms import Term
from pipelines.director.tokens import Token

MAX_DIGITS = 12
"""A number of more digits is a word that nobody understands."""

HUNDRED = 100


def counted(terms: list[Term]) -> list[Term]:
    """ "from second 5 to second 7" as "from 5 seconds to 7 seconds": the unit behind its number."""
    out = terms[:]
    for index in range(1, len(out) - 1):
        lead, unit, number = out[index - 1], out[index], out[index + 1]
        is_time = (unit.category, unit.value) in (("unit", "second"), ("unit", "minute"))
        counts = number.category == "number" and number.is_digits
        following = out[index + 2].category if index + 2 < len(out) else ""
        counted = number.category in ("photo", "number") or following == "photo"
        if (lead.category, is_time, counted) == ("ordinal", True, False) and lead.value in ("1", "-1"):
            # "the first second"
            out[index:index] = [Term("number", "1", unit.start, unit.start, Fraction(1), is_digits=True)]
            continue
        to = out[index + 2] if index + 2 < len(out) else None
        last = out[index + 3] if index + 3 < len(out) else None
        ranged = to is not None and (to.category, to.value) in (("prep", "to"), ("join", "and"), ("mark", "soft"))
        if is_time and counts and ranged and to is not None and last is not None and last.category == "number":
            # "seconds 2 to 4"
            out[index : index + 4] = [number, replace(to, category="prep", value="to"), last, unit]
            continue
        if is_time and counts and lead.category in ("prep", "timing") and following not in ("unit", "photo"):
            out[index : index + 2] = [number, unit]
    return out


def more_units(terms: list[Term]) -> list[Term]:
    """ "2 more seconds" as "2 seconds longer"."""
    out = terms[:]
    for index in range(len(out) - 2):
        number, more, unit = out[index : index + 3]
        way = {"more": "longer", "less": "shorter"}.get(more.value) if more.category == "compare" else None
        timed = unit.category == "unit" and unit.value in ("second", "minute", "millisecond")
        if number.category == "number" and way is not None and timed:
            out[index : index + 3] = [number, unit, replace(more, value=way)]
    return out


def signed(terms: list[Term], text: str) -> list[Term]:
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


def read_digits(token: Token) -> Term:
    """A number written in digits; too many of them are a word that nobody knows."""
    text = token.text
    whole, comma, decimals = text.partition(",")
    # "1,500" groups thousands, "1,5" is a decimal comma.
    text = whole + decimals if comma and len(decimals) == 3 and whole != "0" else text.replace(",", ".")
    if len(text) > MAX_DIGITS:
        return Term("unknown", token.text, token.start, token.end)
    return Term("number", text, token.start, token.end, Fraction(text), is_digits=True)


def join_numbers(terms: list[Term]) -> list[Term]:
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
