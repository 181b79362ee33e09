"""From terms to findings: rules tried in order at every term, and the bookkeeping of parts and negation."""

from collections.abc import Callable

from pipelines.director.camera import read_direction, read_manner, read_named_move, read_verb
from pipelines.director.events import Reading
from pipelines.director.focus import read_focus_verb, read_preposition
from pipelines.director.measures import read_number
from pipelines.director.shape import (
    read_aspect,
    read_fit,
    read_name,
    read_photo,
    read_scope,
    read_select,
    read_transition,
)
from pipelines.director.terms import Term

RULES: tuple[Callable[[Reading], bool], ...] = (
    read_number,
    read_scope,
    read_select,
    read_verb,
    read_named_move,
    read_direction,
    read_focus_verb,
    read_fit,
    read_transition,
    read_aspect,
    read_photo,
    read_name,
    read_manner,
    read_preposition,
)
"""Each reads what stands at the position, moves on and says True; or leaves everything as it is and says False."""

SILENT = frozenset({
    "filler", "det", "camera", "relative", "degree", "join", "only", "background", "place", "fraction", "act",
    "session",
    "off", "own", "hash", "listing", "rest", "moment", "says", "classifier", "textsize",
    "object", "look", "overlay", "mood", "font", "decor", "textfx", "describe", "same", "again", "question", "asking",
    "compare", "either",
})  # fmt: skip
"""Categories that carry nothing by themselves."""

STARTS_A_WISH = ("number", "aspect", "platform", "axis", "size", "fit", "transition", "speed", "ease")


def read_instruction(text: str, terms: list[Term], *, goes_on: bool = False) -> Reading:
    """All findings in an instruction, and the terms that no rule could use; ``goes_on``: see ``Reading``."""
    reading = Reading(text, terms, goes_on=goes_on)
    while reading.position < len(terms):
        if _keep_books(reading) or any(rule(reading) for rule in RULES):
            continue
        if reading.category(reading.position) not in SILENT:
            reading.unknown.add(reading.position)
        reading.position += 1
    return reading


def _keep_books(reading: Reading) -> bool:
    """Marks, conjunctions and negations: where parts end, and how far a "no" reaches."""
    index = reading.position
    category, value = reading.category(index), reading.value(index)
    if category == "mark":
        _end_part(reading, keep_negation=value == "soft" and _lists_on(reading))
        if value == "hard":
            reading.sentence += 1
            reading.verb, reading.after_then = None, False
    elif category == "negation":
        # "don't zoom in too fast" is about the speed.
        reading.negated = True
        reading.part += 1
    elif category == "join":
        _end_part(reading, keep_negation=reading.negated and (value == "or" or not _is_wish(reading, index + 1)))
    elif category == "listing":
        _end_part(reading, keep_negation=reading.negated)
    elif category == "then":
        _end_part(reading, keep_negation=False)
        reading.after_then = True
    elif category in ("but", "only"):
        reading.negated = False
        if category == "but":
            reading.part += 1
    elif category == "degree" and value == "too" and reading.negated:
        _negate_only_manner(reading)
    else:
        return False
    reading.position = index + 1
    return True


def _end_part(reading: Reading, *, keep_negation: bool) -> None:
    reading.part += 1
    reading.negated = keep_negation
    reading.pending, reading.pending_chosen = [], False


def _lists_on(reading: Reading) -> bool:
    """Whether a comma stands in a list that "or" ends, as in "no zoom, pan or rotation"."""
    if not reading.negated:
        return False
    for index in range(reading.position + 1, len(reading.terms)):
        if (reading.category(index), reading.value(index)) == ("join", "or"):
            return True
        if reading.category(index) in ("negation", "but", "then", "join", "only") or reading.value(index) == "hard":
            return False
    return False


def _is_wish(reading: Reading, index: int) -> bool:
    """Whether what follows "and" after a negation is a wish of its own: "no zoom and pan left"."""
    start = reading.skip(index, "det", "filler")
    category = reading.category(start)
    if category in STARTS_A_WISH:
        return True
    if category == "verb":
        following = reading.skip(start + 1, "det", "filler", "prep", "speed", "amount")
        return reading.category(following) == "direction"
    return False


def _negate_only_manner(reading: Reading) -> None:
    for event in reading.events:
        if event.part == reading.part and event.negated and event.kind in ("move", "animate", "focus"):
            event.negated = False
