"""What moves, in a clause of a script without spaces, whose words the lexicon may have cut elsewhere."""

import re

from pipelines.director.moving_look import NOT_MOVED, NOT_TOLD, Look, Moving, told_until

CHOOSING = frozenset({"nth", "ordinal", "number", "classifier", "photo"})
"""Categories of which photo is spoken of: 让第二张里的旗帜飘扬."""

NOT_A_THING = NOT_TOLD | {"axis", "direction", "verb", "move", "textfx", "unit"}
"""Categories of terms that hold the sign of a thing by chance: the water in 水平."""

LONGEST_UNSPACED = 14
"""Characters between what moves and its verb, in a script without spaces."""


def unspaced_clause(look: Look, start: int, first: int, last: int, *, caused: bool, open_to_all: bool) -> Moving | None:
    """A clause of a script without spaces: what moves, and its verb within a few characters."""
    right = look.view.terms[last].end
    lists = ("nature", "beings") if open_to_all else ("nature",)
    thing = _thing(look, look.words(*lists), start, first, last)
    if thing is None and caused:
        thing = _unknown_thing(look, start, first, last)
    if thing is None:
        return None
    chooses = [
        index
        for index in range(first, last + 1)
        if start <= look.view.terms[index].start < thing[0]
        and look.view.category(index) in CHOOSING
        and (look.view.category(index) != "photo" or _is_inside(look, index))
    ]
    if chooses:
        first = look.view.skip(chooses[-1] + 1, "filler", "det", "prep")
        start = look.view.terms[first].start if first <= last else thing[0]
    # What stands before it may only describe it.
    before = [index for index in range(first, last + 1) if start <= look.view.terms[index].start < thing[0]]
    if any(look.view.category(index) in NOT_MOVED for index in before):
        return None
    verb = look.words("actions").search(look.plain, thing[1], min(right, thing[1] + LONGEST_UNSPACED))
    if verb is None:
        return None
    index = next(index for index in range(first, last + 1) if look.view.terms[index].end >= verb.end())
    between = [
        each
        for each in range(first, index)
        if thing[1] <= look.view.terms[each].start < verb.start() and look.view.category(each) in NOT_A_THING
    ]
    if between:
        return None
    end = told_until(look.view, index, last, verb.end())
    return Moving(first, end, start, look.view.terms[end].end, caused)


def _thing(look: Look, names: re.Pattern[str], start: int, first: int, last: int) -> tuple[int, int] | None:
    """The place of the first name in some terms that no other word of the lexicon holds by chance."""
    for match in names.finditer(look.plain, start, look.view.terms[last].end):
        touched = [
            index
            for index in range(first, last + 1)
            if look.view.terms[index].start < match.end() and look.view.terms[index].end > match.start()
        ]
        if not any(look.view.category(index) in NOT_A_THING for index in touched):
            return match.span()
    return None


def _unknown_thing(look: Look, start: int, first: int, last: int) -> tuple[int, int] | None:
    """The place of a word that nobody knows and that somebody wants to move: 让蒲公英飘动."""
    verb = look.words("actions").search(look.plain, start, look.view.terms[last].end)
    for index in range(first, last + 1):
        term = look.view.terms[index]
        is_unknown = term.category == "unknown" or (term.category, term.value) == ("overlay", "unknown")
        if verb is not None and is_unknown and term.start < verb.start():
            end = min(term.end, verb.start())
            is_word = end - term.start > 1 and verb.end() - verb.start() > 1
            return (term.start, end) if is_word else None
    return None


def _is_inside(look: Look, index: int) -> bool:
    """Whether a photo is named only as where a thing is: 照片里的水."""
    inside = look.lists.get("inside", ())
    following = look.view.words(index + 1, index + 1) if index + 1 < len(look.view.terms) else ""
    return following in inside or look.view.words(index, index).endswith(inside)
