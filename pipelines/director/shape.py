"""Rules for the shape of the video and of the show: aspect, fit, transitions, selections, titles."""

from fractions import Fraction

from pipelines.director.events import EventKind, Reading
from pipelines.director.focus import noun_phrase

DIRECTION_OF_AXIS = {"9:16": "up", "16:9": "right"}
"""A "vertical pan" leaves up or down open, a "horizontal pan" left or right."""


def read_aspect(reading: Reading) -> bool:
    """A named aspect ratio, a platform, a resolution, or a word such as "portrait" that may be one."""
    index = reading.position
    category, value = reading.category(index), reading.value(index)
    if category in ("aspect", "platform"):
        reading.add("aspect", index, value=value).chosen = category == "platform"
    elif category == "size":
        reading.add("size", index).number = Fraction(value)
    elif category == "axis":
        return _read_axis(reading, value)
    else:
        return False
    return True


def read_fit(reading: Reading) -> bool:
    """Bars, blur, cropping, and colours of bars."""
    index = reading.position
    category, value = reading.category(index), reading.value(index)
    before = reading.skip_back(index - 1, "det", "filler")
    to_it = (reading.category(before), reading.value(before)) == ("prep", "to")
    if (category, value) == ("fit", "whole") and to_it and reading.last_move() is not None:
        reading.position = index + 1  # "pull back to the whole picture" says how far
        return True
    if category == "fit":
        reading.add("fit", index, value=value)
        return True
    if category == "crop":
        # A negation makes it the opposite; the resolver sees to that.
        last = reading.events[-1] if reading.events else None
        if reading.negated and last is not None and (last.kind, last.part) == ("focus", reading.part):
            # 别把她的头裁掉: what must not be cut off is what to look at.
            last.negated = False
            reading.position = index + 1
            return True
        event = reading.add("fit", index, value="whole" if reading.negated else "crop")
        event.negated = False
        # "don't crop her head": what is to be kept changes nothing, the whole photo is shown.
        phrase = noun_phrase(reading, reading.position) if reading.category(reading.position) == "det" else None
        reading.position = reading.position if phrase is None else phrase.last + 1
        if phrase is not None and phrase.what == "face" and value == "crop" and event.value == "whole":
            # What must not be cut off is what to look at.
            reading.add("focus", phrase.last, first=phrase.first, value="face").negated = False
        return True
    following = reading.skip(index + 1, "filler")
    is_bars = (reading.category(following), reading.value(following)) == ("fit", "bars")
    if category == "color" and (is_bars or reading.category(following) == "background"):
        reading.add("fit", following, value=value)
        return True
    return False


def read_transition(reading: Reading) -> bool:
    """Cuts and dissolves."""
    index = reading.position
    if reading.category(index) != "transition":
        return False
    value = reading.value(index)
    after = reading.skip(index + 1, "prep", "filler", "det")
    if value == "cut" and after > index + 1 and reading.category(after) == "number":
        # "cut it to 10 seconds" is about the length.
        reading.position = after
        return True
    reading.add("transition", index, value=value)
    return True


def read_scope(reading: Reading) -> bool:
    """Each and total, and which photos."""
    index = reading.position
    category, value = reading.category(index), reading.value(index)
    if category == "scope":
        kind: EventKind = "each" if value == "each" else "alternate" if value == "alternate" else "total"
        reading.add(kind, index)
        return True
    return _read_order_word(reading)


def _read_order_word(reading: Reading) -> bool:
    """ "first zoom in" only says where the telling starts."""
    if (reading.category(reading.position), reading.value(reading.position)) != ("ordinal", "1"):
        return False
    reading.position += 1
    return True


def read_select(reading: Reading) -> bool:
    """Some of the photos."""
    term = reading.terms[reading.position]
    if term.selection is None:
        return False
    reading.add("select", reading.position).selection = term.selection
    return True


def read_photo(reading: Reading) -> bool:
    """The photo itself; what it shows is no instruction."""
    index = reading.position
    if reading.category(index) != "photo":
        return False
    following = index + 1
    # "my holiday pictures"
    reading.unknown -= set(range(reading.skip_back(index - 1, "unknown") + 1, index))
    reading.position = following
    while _describes(reading):
        phrase = noun_phrase(reading, reading.position + 1, sides=True)
        if phrase is None:
            break
        reading.position = phrase.last + 1
    return True


def _describes(reading: Reading) -> bool:
    """Whether what follows a photo says what it shows: "of a man in a boat at sunset"."""
    index = reading.position
    if (reading.category(index), reading.value(index)) == ("prep", "of"):
        return True
    says_where = reading.category(index) == "prep" and reading.value(index) in ("from", "at", "on", "with", "by")
    is_in = (reading.category(index), reading.value(index)) == ("direction", "in")
    return (says_where or is_in) and reading.last_move() is None


def read_name(reading: Reading) -> bool:
    """call it “Harbour”"""
    index = reading.position
    if reading.category(index) != "name" or reading.category(index + 1) != "quote":
        return False
    quote = reading.terms[index + 1]
    reading.add("title", index + 1).title = quote.value
    return True


def _read_axis(reading: Reading, value: str) -> bool:
    index = reading.position
    following = reading.skip(index + 1, "speed", "amount", "camera", "degree")
    if reading.category(following) == "verb" and value in DIRECTION_OF_AXIS:
        reading.pending, reading.pending_chosen = [DIRECTION_OF_AXIS[value]], True
        reading.position = index + 1
        return True
    before_is_the = reading.category(index - 1) == "det" and reading.value(index - 1) != "a"
    of_something = (reading.category(index + 1), reading.value(index + 1)) == ("prep", "of")
    if reading.category(index + 1) == "photo" or before_is_the or of_something:
        phrase = noun_phrase(reading, index)
        reading.position = index + 1 if phrase is None or not of_something else phrase.last + 1
        return True
    reading.add("aspect", index, value=value)
    return True
