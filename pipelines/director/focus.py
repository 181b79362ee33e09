"""Rules for what to look at: "on her face", "towards the boat", "keep the dog in frame"."""

from dataclasses import dataclass

from pipelines.director.events import Reading
from pipelines.director.moves import OPPOSITE_DIRECTION, VERBS
from pipelines.director.sides import AS_DIRECTION, focus_on_sides, side_run

NOUNS = ("object", "look", "overlay", "mood", "font", "decor", "session", "textfx")
"""Categories of words that may as well name what a photo shows."""

_INSIDE = (
    "det",
    "unknown",
    "photo",
    "camera",
    "focus",
    "color",
    "filler",
    *NOUNS,
    "axis",
    "background",
    "place",
    "animate",
)
"""Categories of which a noun phrase may consist."""

_CONTENT = ("unknown", *NOUNS, "axis", "background", "photo", "camera", "animate")


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """Some terms that name a thing.

    Attributes:
        first, last: both included.
        what: ``face``, ``subject``, ``guess`` (a thing that we do not know) or ``photo`` (the picture itself).
    """

    first: int
    last: int
    what: str


def read_preposition(reading: Reading) -> bool:
    """A preposition, with the thing that it points at where that matters to the camera."""
    index = reading.position
    if reading.category(index) != "prep":
        return False
    reading.position = index + 1
    value = reading.value(index)
    if value in ("on", "to", "from", "at", "across", "between"):
        if reading.category(reading.skip(index + 1, "det")) == "direction":
            return True
        _read_thing(reading, value)
    elif value == "with":
        # "no zoom with a pan": what is wanted instead.
        reading.negated = False
    return True


def read_focus_verb(reading: Reading) -> bool:
    """ "focus on the dog", "keep the dog in frame"; also a face or the subject that stands alone."""
    index = reading.position
    if reading.category(index) != "focus":
        return False
    value = reading.value(index)
    reading.position = index + 1
    if value == "verb":
        after = reading.skip(index + 1, "det")
        if reading.category(after) != "direction" and read_noun_focus(reading, bare=True, anywhere=True):
            return True
        if reading.category(after) == "direction":
            # The side that follows is what to look at, not where to go.
            reading.verb = None
            return _read_side_focus(reading, after)
        return True
    if value == "keep":
        phrase = noun_phrase(reading, index + 1)
        after = index + 1 if phrase is None else phrase.last + 1
        if phrase is not None and (reading.category(after), reading.value(after)) == ("focus", "kept"):
            _add_focus(reading, phrase)
            reading.position = after + 1
        elif phrase is not None and phrase.what == "guess":
            reading.position = after  # "keep the horizon level" changes nothing
        return True
    if value in ("face", "subject"):
        _add_focus(reading, NounPhrase(index, index, value))
    return True


def read_noun_focus(reading: Reading, *, bare: bool = False, anywhere: bool = False) -> bool:
    """A thing to look at that stands here, as in "push in her face"; with ``bare``, also without an article."""
    index = reading.position
    starts_well = reading.category(index) == "det" or (
        reading.category(index) == "focus" and reading.value(index) in ("face", "subject")
    )
    if not (starts_well or bare) or reading.category(reading.skip(index, "det")) == "direction":
        return False
    phrase = noun_phrase(reading, index)
    if phrase is None or (not anywhere and reading.last_move() is None):
        return False
    _add_focus(reading, phrase)
    return True


def noun_phrase(reading: Reading, index: int, *, sides: bool = False) -> NounPhrase | None:
    """The noun phrase that starts with a term, None where none does; with ``sides``, "left" may belong to it."""
    end = index
    what = ""
    last = index - 1
    while end < len(reading.terms):
        category, value = reading.category(end), reading.value(end)
        if (category, value) == ("prep", "of"):
            if reading.category(end + 1) not in ("det", "unknown", "focus", "photo"):
                break
        elif category == "amount" or (category == "number" and not reading.terms[end].is_digits):
            # "the little girl", "the two kids"
            if reading.category(end + 1) not in ("unknown", "amount", "color"):
                break
        elif category == "direction" and sides:
            if reading.category(end + 1) not in ("unknown", "place"):
                break
        elif category not in _INSIDE or (category == "focus" and value not in ("face", "subject")):
            break
        if category == "focus":
            what = "face" if "face" in (value, what) else "subject"
            last = end
        elif category in _CONTENT:
            is_photo = category in ("photo", "camera")
            what = what if what in ("face", "subject", "guess") else ("photo" if is_photo else "guess")
            last = end
        end += 1
    return NounPhrase(index, last, what) if what else None


def _read_thing(reading: Reading, preposition: str) -> None:
    index = reading.position
    category = reading.category(index)
    is_named = category == "focus" and reading.value(index) in ("face", "subject")
    if not (category == "det" or is_named or (preposition in ("on", "across", "between") and category == "unknown")):
        return
    phrase = noun_phrase(reading, index)
    move = reading.last_move()
    if phrase is None or move is None:
        return
    reading.position = phrase.last + 1
    is_pan = bool(move.value) and VERBS[move.value].default not in ("zoom_in", "zoom_out", "dolly_in")
    # A pan across, or from one thing to another, shows both: neither is where it rests.
    path = preposition in ("across", "between") or (is_pan and (preposition == "from" or _came_from(reading, index)))
    if not path:
        _add_focus(reading, phrase)


def _came_from(reading: Reading, index: int) -> bool:
    """Whether "from ..." stands earlier in this part of the sentence."""
    for before in range(index - 1, -1, -1):
        if reading.category(before) in ("mark", "verb", "move", "join"):
            return False
        if (reading.category(before), reading.value(before)) == ("prep", "from"):
            return True
    return False


def _read_side_focus(reading: Reading, index: int) -> bool:
    sides, end = side_run(reading, index)
    goes = [AS_DIRECTION.get(side, side) for side in sides]
    if reading.begins and [OPPOSITE_DIRECTION.get(side) for side in reading.begins] == goes:
        # "start at the left edge and end on the right"
        event = reading.add("move", end - 1, value="pan")
        event.directions, reading.begins = goes, []
        return True
    return focus_on_sides(reading, sides, end - 1)


def _add_focus(reading: Reading, phrase: NounPhrase) -> None:
    if phrase.what == "photo":
        reading.position = max(reading.position, phrase.last + 1)
        return
    event = reading.add("focus", phrase.last, first=phrase.first)
    event.value = "face" if phrase.what == "face" else "subject"
    event.guess = reading.words(phrase.first, phrase.last) if phrase.what == "guess" else ""
