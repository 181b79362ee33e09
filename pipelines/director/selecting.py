"""Selections put together into terms of their own: "the first and the third", "from the third on"."""

from dataclasses import replace

from pipelines.director.counting import selection_at, whole
from pipelines.director.selection import Selection
from pipelines.director.terms import Term, TermView

MAX_LISTED = 20
"""Photos that one list of numbers names."""


def find_selections(view: TermView) -> list[Term]:
    """The terms with every selection put together into one term of the category ``select``."""
    out: list[Term] = []
    index = 0
    while index < len(view.terms):
        found = selection_at(view, index)
        if found is None:
            out.append(view.terms[index])
            listed = _listed(view, index)
            index += 1
            if listed is not None:
                first, last = view.terms[listed[1]], view.terms[listed[2] - 1]
                out += view.terms[index : listed[1]]
                out.append(Term("select", "", first.start, last.end, selection=Selection(listed[0], "photo")))
                index = listed[2]
            continue
        selection, end = found
        if _goes_on(view, index, end):
            selection, end = replace(selection, onward=True), end + 1
        first, last = view.terms[index], view.terms[end - 1]
        out.append(Term("select", "", first.start, last.end, selection=selection))
        index = end
    return _joined(out)


def _listed(view: TermView, index: int) -> tuple[tuple[int, ...], int, int] | None:
    """The order that follows "the order should be": places, where they begin and end."""
    if (view.category(index), view.value(index)) != ("act", "reorder"):
        return _listed_before(view, index)
    start = end = view.skip(index + 1, "filler", "det", "mark", "hash")
    places: list[int] = []
    while len(places) < MAX_LISTED and (place := whole(view, end)) is not None:
        places.append(place - 1)
        following = view.skip(end + 1, "mark", "join", "listing", "then", "hash")
        end += 1
        if whole(view, following) is None:
            break
        end = following
    return (tuple(places), start, end) if len(places) > 1 else None


def _listed_before(view: TermView, index: int) -> tuple[tuple[int, ...], int, int] | None:
    """ "3, 1, 2 order", 按3、1、2的顺序: the list stands before the word."""
    places: list[int] = []
    end = index + 1
    while len(places) < MAX_LISTED and (place := whole(view, end)) is not None:
        places.append(place - 1)
        end = view.skip(end + 1, "mark", "join", "listing", "then", "hash", "classifier")
    ends = (view.category(end), view.value(end)) == ("act", "reorder")
    return (tuple(places), index + 1, end) if ends and len(places) > 1 else None


def _goes_on(view: TermView, first: int, end: int) -> bool:
    """from the third photo on"""
    before = view.skip_back(first - 1, "det")
    is_from = (view.category(before), view.value(before)) == ("prep", "from")
    return is_from and (view.category(end), view.value(end)) in (("prep", "on"), ("moment", "on"), ("timing", "after"))


def _joined(terms: list[Term]) -> list[Term]:
    """Selections with only "and" between them put together."""
    out: list[Term] = []
    for term in terms:
        out.append(term)
        if term.category != "select":
            continue
        back = len(out) - 2
        while back >= 0 and out[back].category in ("det", "join", "listing"):
            back -= 1
        between = [each.category for each in out[back + 1 : -1]]
        if back < 0 or out[back].category != "select" or not ({"join", "listing"} & set(between)):
            continue
        led = back - 1
        while led >= 0 and out[led].category in ("det", "filler"):
            led -= 1
        if led >= 0 and out[led].category == "select":
            continue  # "make photo 3 the first one and photo 1 the last"
        one, two = out[back].selection, term.selection
        if one is None or two is None or not _alike(one, two):
            continue
        both = replace(one, places=(*one.places, *two.places), noun=one.noun or two.noun)
        out[back:] = [replace(out[back], end=term.end, selection=both)]
    return out


def _alike(one: Selection, two: Selection) -> bool:
    if any(each.excluded or each.rest or each.middle or each.again for each in (one, two)):
        return False
    if "asset" in (one.noun, two.noun):
        return one.noun == two.noun
    return one.noun == two.noun or not one.noun or not two.noun
