"""What the terms of a clause say: lengths and places in time, sides, shares, degrees."""

from dataclasses import dataclass
from fractions import Fraction

from pipelines.director.clauses import Clause
from pipelines.director.measures import time_at
from pipelines.director.sides import AS_DIRECTION
from pipelines.director.terms import TermView

SMALL = ("det", "filler", "degree")

FACTORS = {"double": Fraction(2), "triple": Fraction(3), "half": Fraction(1, 2)}
"""Words for factors."""


@dataclass(frozen=True, slots=True)
class Span:
    """When something is shown or heard.

    Attributes:
        start, end: seconds on the timeline.
        length: seconds.
        last: seconds before the end of the video at which it starts.
        moment: ``start``, ``middle``, ``end`` or ``whole``, where no number says more.
        bare: whether the length stands without a word that says that it lasts so long.
    """

    start: Fraction | None = None
    end: Fraction | None = None
    length: Fraction | None = None
    last: Fraction | None = None
    moment: str = ""
    bare: bool = False

    def given(self) -> bool:
        """Whether anything was said."""
        return bool(self.moment) or any(each is not None for each in (self.start, self.end, self.length, self.last))

    def on(self, total: Fraction) -> tuple[Fraction | None, Fraction | None]:
        """(start, length) on a timeline of ``total`` seconds; None for what is left open."""
        if self.last is not None:
            return max(total - self.last, Fraction(0)), min(self.last, total)
        start, length = self.start, self.length
        if start is not None and self.end is not None and self.end > start:
            return start, self.end - start
        if self.end is not None and start is None:
            return Fraction(0), self.end
        if self.moment == "whole":
            return Fraction(0), total
        if start is None and self.moment == "start":
            start = Fraction(0)
        return start, length


def span_of(view: TermView, clause: Clause) -> Span:
    """When, as a clause says it."""
    start = end = length = last = None
    bare = False
    index = clause.first
    while index <= clause.last:
        pair = _range_at(view, index)
        if pair is not None:
            start, end, index = pair
            continue
        found = time_at(view, index) or _clock_at(view, index)
        if found is None:
            index += 1
            continue
        seconds, after = found
        before = view.skip_back(index - 1, *SMALL)
        lead = (view.category(before), view.value(before)) if before >= 0 else ("", "")
        following = (view.category(after), view.value(after))
        if following == ("timing", "after") or lead == ("timing", "after"):
            start = seconds
        elif lead == ("ordinal", "1"):
            start, end = Fraction(0), seconds
        elif lead == ("ordinal", "-1"):
            last = seconds
        elif lead in (("prep", "at"), ("nth", "front")) or lead == ("prep", "from") or following == ("moment", "on"):
            start = seconds
        elif lead in (("timing", "until"), ("prep", "to")):
            end = seconds
        elif lead == ("compare", "more") or following[0] == "compare" or _is_of_fade(view, before, after):
            pass  # "2 seconds longer", "fade in over 2 seconds" are read elsewhere
        else:
            length = seconds
            bare = lead != ("prep", "for")
        index = after
    moments = clause.find(view, "moment")
    return Span(start, end, length, last, view.value(moments[0]) if moments else "", bare)


def _range_at(view: TermView, index: int) -> tuple[Fraction, Fraction, int] | None:
    """2 to 5 seconds, 2s-5s, 从第2秒到第5秒: start, end and the index after them."""
    first = time_at(view, index)
    at = index
    if first is not None and view.category(index + 1) == "unit":
        begin, at = first[0], index + 2
    elif view.category(index) == "number":
        begin, at = view.terms[index].number, index + 1
    else:
        return None
    if (view.category(at), view.value(at)) == ("prep", "for"):
        at += 1  # 第2秒显示到第5秒
    sign = view.words(at, at) if at < len(view.terms) else ""
    is_range = (view.category(at), view.value(at)) in (("prep", "to"), ("timing", "until")) or sign in (
        "-",
        "–",
        "—",
        "~",
    )
    lead = view.value(view.skip_back(index - 1, *SMALL, "nth"))
    if (view.category(at), view.value(at)) == ("join", "and") and lead == "between":
        is_range = True
    if not is_range:
        return None
    second = time_at(view, view.skip(at + 1, "nth"))
    if second is None or second[0] <= begin:
        return None
    return begin, second[0], second[1]


def _clock_at(view: TermView, index: int) -> tuple[Fraction, int] | None:
    """0:05"""
    if view.category(index) != "number" or view.category(index + 2) != "number":
        return None
    if view.words(index + 1, index + 1) not in (":", "："):
        return None
    minutes, seconds = view.terms[index], view.terms[index + 2]
    if not (minutes.is_digits and seconds.is_digits) or seconds.end - seconds.start != 2 or seconds.number >= 60:
        return None
    return 60 * minutes.number + seconds.number, index + 3


def _is_of_fade(view: TermView, before: int, after: int) -> bool:
    near = view.skip_back(before, "prep", "det", "filler", "direction")
    return "fade" in (view.category(near), view.category(view.skip(after, "filler")), view.category(before))


def length_in(view: TermView, indexes: list[int]) -> Fraction | None:
    """The first length of time among terms, seconds."""
    for index in indexes:
        found = time_at(view, index)
        if found is not None:
            return found[0]
    return None


def share_in(view: TermView, clause: Clause) -> Fraction | None:
    """A share: 30 %, half; as a factor 0..."""
    for index in clause.indexes:
        is_percent = (view.category(index + 1), view.value(index + 1)) == ("unit", "percent")
        if view.category(index) == "number" and is_percent and index + 1 <= clause.last:
            return view.terms[index].number / 100
    return None


def factor_in(view: TermView, clause: Clause) -> Fraction | None:
    """A factor: 2x, twice, half, 1.5 times."""
    for index in clause.indexes:
        if view.category(index) == "amount" and view.value(index) in FACTORS:
            return FACTORS[view.value(index)]
        if view.category(index) == "number":
            if (view.category(index + 1), view.value(index + 1)) in (("unit", "times"), ("act", "speed")):
                return view.terms[index].number
            is_half = not view.terms[index].is_digits and view.terms[index].number == Fraction(1, 2)
            if is_half and view.category(index + 1) != "unit":
                return Fraction(1, 2)
        if (view.category(index), view.value(index)) == ("unit", "times") and view.category(index + 1) == "number":
            return view.terms[index + 1].number
    return None


HALF = 0.5
"""Opacity of what shall be half transparent."""


def opacity_in(view: TermView, clause: Clause, now: float) -> float | None:
    """The opacity that a clause asks for, 0..1; None where it says nothing of it."""
    words = clause.find(view, "opacity")
    if not words:
        return None
    share = share_in(view, clause)
    values = {view.value(index) for index in words}
    if "full" in values or clause.negated:
        return 1.0
    if share is not None:
        return round(float(share if "opacity" in values else 1 - share), 3)
    less = bool(clause.find(view, "compare", "less", "lower"))
    if less or clause.find(view, "compare", "more", "higher"):
        fades = less == ("opacity" in values)
        return round(now / 2 if fades else min(2 * now, 1.0), 3)
    return HALF


def degree_in(view: TermView, clause: Clause) -> str:
    """``little``, ``strong`` or nothing."""
    for index in clause.indexes:
        category, value = view.category(index), view.value(index)
        if category == "amount" and value in ("little", "strong"):
            return value
        if (category, value) == ("degree", "very"):
            return "strong"
    return ""


def sides_in(view: TermView, clause: Clause) -> list[str]:
    """The sides named: ``left`` ``right`` ``top`` ``bottom`` ``center``."""
    back = {"up": "top", "down": "bottom"}
    found = []
    for index in clause.indexes:
        away = view.value(view.skip_back(index - 1, "det")) in ("out_of", "out")
        if view.category(index) == "direction" and not away:
            name = AS_DIRECTION.get(view.value(index), view.value(index))
            name = back.get(name, name)
            if name in ("left", "right", "top", "bottom", "center"):
                found.append(name)
    return found
