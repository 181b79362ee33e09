"""One clause about what moves: "make the waves roll", "with the trees swaying", "haz que sonría"."""

import re

from pipelines.director.moving_look import NOT_MOVED, Look, Moving, goes_on, told_until
from pipelines.director.moving_unspaced import unspaced_clause
from pipelines.director.tokens import is_unspaced

LONGEST_SUBJECT = 7
"""Terms of what moves: "the long golden hair of the girl"."""

MOST_CAUSES = 8
"""Verbs that ask for motion in one clause: more are heaped up only to make reading long."""


def find_moving(look: Look, first: int, last: int, *, generated: bool) -> Moving | None:
    """The clause about what moves in some terms, None where there is none.

    Args:
        look: the text.
        first, last: the terms, between two marks or conjunctions.
        generated: whether AI motion is spoken of anyway.
    """
    left, right = look.view.terms[first].start, look.view.terms[last].end
    enlivened = _enlivened(look, first, last)
    if enlivened is not None:
        return enlivened
    # The last one asks for what stands behind it: "can you get the flag to wave".
    for cause in _causes(look, left, right):
        made = _after_cause(look, cause, first, last)
        if made is not None:
            return made
    lead = look.view.skip(first, "filler", "degree", "prep")
    begins = [index for index in range(first, lead) if look.view.category(index) == "prep"]
    is_led = bool(look.words("led").fullmatch(look.plain, *look.place(first - 1))) or any(
        look.words("led").fullmatch(look.plain, *look.place(index)) for index in range(first, lead)
    )
    found = None
    if lead <= last and (is_led or not begins):
        found = _sentence(look, lead, last, caused=False, open_to_all=generated or is_led)
    return found or _led_inside(look, lead, last)


def _causes(look: Look, left: int, right: int) -> list[re.Match[str]]:
    """What asks for motion in a part of the text, the likeliest first."""
    found = list(look.words("causes").finditer(look.plain, left, right))[-MOST_CAUSES:]
    if found and is_unspaced(look.plain[found[0].start()]):
        things = look.words("nature", "beings")
        return [cause for cause in found if things.search(look.plain, cause.end(), right)] or found[-1:]
    return found[::-1]


def _led_inside(look: Look, first: int, last: int) -> Moving | None:
    """The clause after "with": "pan left with the flags fluttering in the wind"."""
    for index in range(first, last):
        begin = look.view.skip(index + 1, "filler")
        if begin <= last and look.words("led").fullmatch(look.plain, *look.place(index)):
            found = _sentence(look, begin, last, caused=False, open_to_all=True)
            if found is not None:
                return Moving(index, found.last, found.start, found.end, caused=False)
    return None


def goes_on_moving(look: Look, before: Moving, first: int, last: int) -> Moving | None:
    """A verb that goes on with what moves in the clause before: "make the girl blink and smile"."""
    start = look.view.skip(first, "filler", "speed", "amount", "degree")
    if start > last or not before.caused or not goes_on(look.view, before.last + 1, start):
        return None
    unspaced = is_unspaced(look.plain[look.view.terms[start].start])
    # In a script without spaces "微笑" is "微" and "笑" to the lexicon.
    start = first if unspaced else start
    verb = look.words("actions" if unspaced else "alive").match(look.plain, look.view.terms[start].start)
    if verb is None:
        return None
    index = next(
        each
        for each in range(start, last + 1)
        if look.view.terms[each].end >= min(verb.end(), look.view.terms[last].end)
    )
    end = told_until(look.view, index, last, verb.end())
    return Moving(first, end, look.view.terms[start].start, look.view.terms[end].end, caused=False)


def _enlivened(look: Look, first: int, last: int) -> Moving | None:
    """ "animate the waves": something that moves by itself, and no move of a camera."""
    start = look.view.skip(first, "filler", "degree")
    verb = look.words("enlivens").match(look.plain, look.view.terms[start].start) if start <= last else None
    if verb is None:
        return None
    begin = next((index for index in range(start, last + 1) if look.view.terms[index].start >= verb.end()), last + 1)
    for index in range(begin, min(last, begin + LONGEST_SUBJECT) + 1):
        if look.words("nature", "beings").fullmatch(look.plain, *look.place(index)):
            end = told_until(look.view, index, last, look.view.terms[index].end)
            moves = any(look.view.category(each) in ("verb", "move") for each in range(index, last + 1))
            prompt = (look.view.terms[start].start, look.view.terms[end].end)
            return None if moves else Moving(start, end, *prompt, caused=True)
        if look.view.category(index) not in ("det", "filler", "unknown", "color", "sizeword", "number", "prep"):
            return None
    return None


def _after_cause(look: Look, cause: re.Match[str], first: int, last: int) -> Moving | None:
    """The clause after "make", "让" or "haz que"."""
    begin = next((index for index in range(first, last + 1) if look.view.terms[index].end > cause.end()), None)
    if begin is None:
        return None
    if look.view.terms[begin].start < cause.end():
        # A phrase of the lexicon holds the cause and who shall move: 用AI让她 的头发飘动.
        if not is_unspaced(look.plain[cause.start()]):
            return None
        made = unspaced_clause(look, cause.end(), begin, last, caused=True, open_to_all=True)
        if made is None:
            return None
        # Of "用AI让她" the wish for AI motion stays, before the prompt.
        keep = look.view.category(begin) == "engine" and made.last > begin
        return Moving(begin + 1 if keep else begin, made.last, made.start, made.end, caused=True)
    bare = cause[0] in look.lists.get("bare_causes", ())
    made = _sentence(look, begin, last, caused=True, open_to_all=True, bare=bare)
    if made is None:
        return None
    at = next(index for index in range(first, last + 1) if look.view.terms[index].end > cause.start())
    at = made.first if made.first > begin else at
    return Moving(at, made.last, made.start, made.end, caused=True)


def _sentence(
    look: Look,
    first: int,
    last: int,
    *,
    caused: bool,
    open_to_all: bool,
    bare: bool = False,
) -> Moving | None:
    """A clause that begins with what moves."""
    if is_unspaced(look.plain[look.view.terms[first].start]):
        start = look.view.terms[first].start
        return unspaced_clause(look, start, first, last, caused=caused, open_to_all=open_to_all)
    should = (
        look.words("should").search(look.plain, look.view.terms[first].start, look.view.terms[last].end) is not None
    )
    caused = caused or should
    lists = ("actions", "alive", "doing") if open_to_all or should else ("actions",)
    for index in range(first, min(last, first + LONGEST_SUBJECT) + 1):
        verb = look.words(*lists).match(look.plain, look.view.terms[index].start)
        if verb is not None and _is_noun(look, first, index):
            continue
        if verb is not None and _may_move(look, first, index, verb[0], caused=caused, bare=bare):
            end = told_until(look.view, index, last, verb.end())
            return Moving(first, end, look.view.terms[first].start, look.view.terms[end].end, caused)
        moves = look.words("nature", "beings").fullmatch(look.plain, *look.place(index))
        if moves is None and look.view.category(index) in (*NOT_MOVED, "verb", "move"):
            return None
    return None


def _is_noun(look: Look, first: int, index: int) -> bool:
    """Whether a word that is also a verb names something: "see the waves", but not "make the flag wave"."""
    if look.words("nature").fullmatch(look.plain, *look.place(index)) is None:
        return False
    before = (look.view.terms[first].start, look.view.terms[index - 1].end) if index > first else (0, 0)
    return look.words("nature", "beings", "pronouns", "plurals").search(look.plain, *before) is None


def _may_move(look: Look, first: int, verb_at: int, verb: str, *, caused: bool, bare: bool) -> bool:
    """Whether the terms before a verb name something that moves by that verb."""
    alive = verb in look.lists.get("alive", ())
    if verb_at == first:
        return bare and alive
    left, right = look.view.terms[first].start, look.view.terms[verb_at - 1].end
    if look.words("nature").search(look.plain, left, right):
        return caused or not look.words("being").search(look.plain, left, right)
    subject = look.plain[left:right]
    of_camera = look.view.category(verb_at) in ("verb", "move", "direction")
    if look.words("pronouns").fullmatch(subject):
        return caused and (alive or not of_camera)
    if look.words("plurals").fullmatch(subject):
        return caused and alive
    if look.words("beings").search(look.plain, left, right):
        return caused or not look.words("being").search(look.plain, left, right)
    unknown = any(look.view.category(index) == "unknown" for index in range(first, verb_at))
    return caused and unknown
