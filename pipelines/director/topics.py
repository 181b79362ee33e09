"""The rule for what this version cannot do: it takes the words that belong to it, so that they are not acted upon."""

from pipelines.director.events import Reading

_BEFORE = ("speed", "amount", "degree", "unknown", "color", "ease")
"""Categories of words before a topic that describe it: "calm piano music"."""

_MODIFIERS = ("speed", "amount", "ease", "degree", "det", "filler", "prep", "only")


def read_topic(reading: Reading) -> bool:
    """A wish for titles, music, filters and the like, with everything that the same part says about it."""
    index = reading.position
    if reading.category(index) != "topic":
        return False
    noun = reading.skip(index + 1, "unknown")
    is_told = noun > index + 1 or (reading.category(index - 1) == "det" and reading.value(index - 1) != "a")
    if reading.category(noun) == "photo" and is_told:
        # "a vintage car photo", "this black and white picture": what the photo shows.
        reading.position = noun
        return True
    first = reading.skip_back(index - 1, *_BEFORE) + 1
    first = max(first, _part_start(reading))
    reading.events = [event for event in reading.events if event.first < first or event.kind == "topic"]
    reading.unknown = {term for term in reading.unknown if term < first}
    last = _last_word(reading, index)
    event = reading.add("topic", last, first=first, value=reading.value(index))
    event.negated = reading.negated
    return True


def _part_start(reading: Reading) -> int:
    """Terms of an earlier finding may not be taken back."""
    taken = [event.last for event in reading.events if event.kind not in ("speed", "amount", "ease")]
    return max(taken, default=-1) + 1


def _last_word(reading: Reading, index: int) -> int:
    """The last term that belongs to the topic at ``index``."""
    inert = False
    last = end = index
    while True:
        end += 1
        category = reading.category(end)
        if category in ("", "mark", "then", "but", "negation"):
            return last
        if (category, reading.value(end)) == ("prep", "with"):
            described = reading.skip(end + 1, "det", "filler", *_BEFORE)
            if reading.category(described) == "topic":
                return last
        if category == "join":
            if reading.category(reading.skip(end + 1, "det", "filler")) in ("quote", "color"):
                continue
            return last
        if (category, reading.value(end)) in (("relative", "that"), ("det", "that")):
            # What a title does on the screen is no instruction to the camera.
            inert = True
        elif category in ("verb", "move", "transition", "size", "fit", "aspect", "axis") and not inert:
            # The next wish has begun, with the small words before it.
            return max(index, reading.skip_back(end - 1, *_MODIFIERS))
        if category not in ("filler", "det", "prep"):
            last = end
