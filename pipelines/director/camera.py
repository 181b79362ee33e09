"""Rules for the camera: verbs with their directions, named moves, how far and how fast."""

from dataclasses import replace
from fractions import Fraction

from pipelines.director.events import Event, Reading
from pipelines.director.focus import read_noun_focus
from pipelines.director.moves import (
    AXIS,
    CLOSER,
    FARTHER,
    NAMED_MOVES,
    OPPOSITE_DIRECTION,
    PICTURE_VERBS,
    TRAVELLING,
    VERBS,
)
from pipelines.director.sides import AS_DIRECTION, focus_on_sides, preposition_before, side_run, to_run, way

OF_THINGS = frozenset({"move", "motion", "drift", "rotate", "slide"})
"""Verbs that are also said of what a photo shows."""

_IN_AND_OUT = ("zoom_in", "zoom_out", "dolly_in")
"""Defaults of the verbs that go towards something, or away from it."""

_NOT = ("negation", "det", "prep")

SCALES = {
    "more": Fraction(3, 2), "stronger": Fraction(3, 2), "bigger": Fraction(3, 2),
    "less": Fraction(3, 5), "weaker": Fraction(3, 5), "smaller": Fraction(3, 5),
}  # fmt: skip
"""Factors of how far a move goes."""

BETWEEN = ("det", "filler", "speed", "amount", "degree", "photo", "camera", "focus", "ease")
"""Categories that may stand between a direction and the verb that follows it."""


def read_verb(reading: Reading) -> bool:
    """A verb of motion; its directions may stand before or after it."""
    index = reading.position
    if reading.category(index) == "living":
        reading.add("living", index, value=reading.value(index))
        return True
    if reading.category(index) != "verb":
        return False
    if index - 1 in reading.unknown and reading.value(index) in OF_THINGS:
        return _leave_to_things(reading)  # "make the clouds drift"
    named = reading.last_move()
    if named is not None and named.part == reading.part and named.moves and _is_same(named, reading.value(index)):
        reading.position = index + 1
        return True
    event = reading.add("move", index, value=reading.value(index))
    event.after_then = reading.after_then
    event.directions = [name for name in reading.pending if _accepts(event, name)]
    event.chosen = reading.pending_chosen and bool(event.directions)
    after = reading.skip(index + 1, "det", "filler", "speed", "amount")
    subject = reading.skip_back(index - 1, "filler", "direction", "prep", "speed", "amount")
    is_subject = reading.category(subject) == "photo" and reading.category(subject - 1) in ("det", "filler", "")
    event.of_picture = event.value in PICTURE_VERBS and (reading.category(after) == "photo" or is_subject)
    reading.pending, reading.pending_chosen, reading.verb = [], False, event
    return True


def _leave_to_things(reading: Reading) -> bool:
    """What the photo shows is to move, not the camera."""
    first = reading.skip_back(reading.position - 1, "unknown") + 1
    reading.unknown -= set(range(first, reading.position))
    # "some movement" names nothing that moves, so there are no words for a model to follow.
    words = "" if reading.value(reading.position) == "motion" else reading.words(first, reading.position)
    reading.add("living", reading.position, first=first, value=words)
    return True


def read_named_move(reading: Reading) -> bool:
    """A move with a name of its own: hold, handheld, Ken Burns."""
    index = reading.position
    name = reading.value(index)
    before = reading.skip_back(index - 1, "filler", "speed", "amount", "degree")
    if (reading.category(index), name, reading.category(before)) == ("textfx", "rise", "camera"):
        name = "pan_up"  # 镜头缓缓升起
    elif reading.category(index) != "move":
        return False
    elif name == "sway" and index - 1 in reading.unknown:
        return _leave_to_things(reading)  # "the trees sway"
    verb = reading.verb
    open_verb = verb is not None and verb.part == reading.part and not verb.directions
    if verb is not None and open_verb and set(NAMED_MOVES[name]) <= set(VERBS[verb.value].moves.values()):
        # "pan from top to bottom"
        verb.travels = VERBS[verb.value].travels or name in TRAVELLING
        verb.value, verb.moves, verb.last, reading.verb = "", NAMED_MOVES[name], index, None
        reading.position = index + 1
        return True
    event = reading.add("move", index)
    event.moves, event.after_then, event.travels = NAMED_MOVES[name], reading.after_then, name in TRAVELLING
    if name == "orbit":
        _read_orbit_side(reading, event)
    reading.verb = None
    if reading.value(index) in (*CLOSER, *FARTHER):
        read_noun_focus(reading)
    return True


def _read_orbit_side(reading: Reading, event: Event) -> None:
    """ "orbit around the statue to the right": the side may stand behind the thing."""
    event.chosen = True
    for index in range(event.last + 1, len(reading.terms)):
        if reading.category(index) in ("mark", "join", "verb", "move"):
            return
        if (reading.category(index), reading.value(index)) in (("direction", "left"), ("direction", "right")):
            event.moves, event.chosen = (f"orbit_{reading.value(index)}",), False
            reading.terms[index] = replace(reading.terms[index], category="filler", value="filler")
            return


def read_direction(reading: Reading) -> bool:
    """A direction: of a verb before or after it, or a part of the photo to look at."""
    index = reading.position
    if reading.category(index) != "direction":
        return False
    name = reading.value(index)
    if (
        reading.negated
        and reading.verb is not None
        and not reading.verb.negated
        and reading.category(index - 1) in _NOT
    ):
        # "pan right instead of left": what is not wanted.
        reading.position = side_run(reading, index)[1] if name not in ("in", "into", "out", "out_of") else index + 1
        return True
    before = reading.skip_back(index - 1, "filler", "speed", "amount", "degree", "det")
    if (reading.category(before), reading.value(before)) == ("prep", "to"):
        before = reading.skip_back(before - 1, "filler", "speed", "amount", "degree")
    verb = reading.skip(index + 1, *BETWEEN)
    alone = reading.verb is None and reading.category(verb) != "verb"
    if alone and reading.category(before) == "camera" and AXIS.get(AS_DIRECTION.get(name, name)):
        # 镜头往左: the camera goes there, no verb needed.
        event = reading.add("move", index, first=before, value="move")
        event.directions, event.after_then, reading.verb = [AS_DIRECTION.get(name, name)], reading.after_then, event
        return True
    if name in ("in", "into", "out", "out_of"):
        return _read_in_out(reading, name)
    if name == "diagonal":
        return _read_diagonal(reading)
    if name in ("clockwise", "anticlockwise"):
        return _give(reading, [name], index, weak=False)
    return _read_sides(reading)


def read_manner(reading: Reading) -> bool:
    """How far, how fast, with what easing."""
    index = reading.position
    category, value = reading.category(index), reading.value(index)
    if category == "amount":
        following = reading.skip(index + 1, "degree", "amount")
        compares = reading.category(following) == "speed" and reading.value(following) in ("slower", "faster")
        of_focus = bool(reading.events) and reading.events[-1].kind == "focus" and reading.events[-1].last == index - 1
        last = reading.events[-1] if reading.events else None
        of_speed = (
            last is not None
            and (last.kind, last.part) == ("speed", reading.part)
            and last.value in ("slower", "faster")
            and value == "little"
        )
        if of_speed:
            reading.position = index + 1  # "speed up the whole video a bit"
            return True
        if compares or of_focus:
            # "a bit slower" is slower; "on the left a bit" says no more than "on the left".
            reading.position = following
        else:
            reading.add("amount", index, value=value)
    elif category == "speed":
        reading.add("speed", index, value=value)
    elif category == "ease":
        reading.add("ease", index, value=value)
    elif category == "animate":
        reading.add("animate", index, value=value)
    elif category == "engine":
        reading.add("engine", index, value=value)
    elif category in ("extend", "quality"):
        reading.add("extend" if category == "extend" else "quality", index, value=value)
    elif category == "compare" and value in SCALES:
        degree = reading.value(index - 1) if reading.category(index - 1) in ("amount", "degree") else ""
        step = SCALES[value]
        factor = {"little": Fraction(1, 2), "strong": Fraction(2), "very": Fraction(2)}.get(degree, Fraction(1))
        event = reading.add("scale", index)
        event.number = 1 + (step - 1) * factor if step > 1 else 1 / (1 + (1 / step - 1) * factor)
        # "a bit more" is more.
        reading.events = [other for other in reading.events if other.kind != "amount" or other.last != index - 1]
    else:
        return False
    return True


def _is_same(named: Event, verb: str) -> bool:
    """从左往右平移: the verb only repeats the move that was named."""
    return set(named.moves) <= set(VERBS[verb].moves.values()) and VERBS[verb].default not in _IN_AND_OUT


def _accepts(event: Event, name: str) -> bool:
    return AS_DIRECTION.get(name, name) in VERBS[event.value].moves


def _read_in_out(reading: Reading, name: str) -> bool:
    index = reading.position
    following = reading.skip(index + 1, "det")
    verb = reading.verb
    direction = AS_DIRECTION.get(name, name)
    # "move in 10 seconds", "zoom out in 4K": a preposition.
    is_place = reading.category(following) in ("aspect", "platform", "axis", "size", "number", "direction", "animate")
    if direction == "in" and (is_place or verb is None or verb.directions) and not _follows_join(reading):
        if reading.category(following) == "direction":
            reading.position = following
            return True
        reading.position = index + 1
        # "zoom in in her face" and "a push into the room" both name what to look at.
        return read_noun_focus(reading) or True
    if verb is None or not _accepts(verb, name):
        reading.position = index + 1
        if _next_verb_accepts(reading, [direction]):
            reading.pending = [direction]
            return True
        return True
    _append(reading, verb, [direction], index)
    return read_noun_focus(reading) or True


def _follows_join(reading: Reading) -> bool:
    before = reading.skip_back(reading.position - 1, "filler", "speed", "amount")
    return reading.category(before) in ("join", "then") or (
        reading.category(before) == "mark" and reading.verb is not None and bool(reading.verb.directions)
    )


def _read_diagonal(reading: Reading) -> bool:
    index = reading.position
    if reading.verb is not None and reading.verb.value in ("pan", "move", "drift", "slide", "tilt"):
        # The directions may still follow; the resolver completes what they leave open.
        reading.verb.directions.append("diagonal")
        reading.verb.last = index
    else:
        reading.pending = ["diagonal"]
    reading.position = index + 1
    return True


def _read_sides(reading: Reading) -> bool:
    """left, top right, the bottom left corner, left to right."""
    first = reading.position
    sides, end = side_run(reading, first)
    preposition = preposition_before(reading, first)
    target = to_run(reading, end)
    if target is not None and (preposition == "from" or OPPOSITE_DIRECTION.get(way(sides)) == way(target[0])):
        return _give(
            reading, [way(target[0])] if len(target[0]) == 1 else target[0], target[1] - 1, weak=False, pan=True
        )
    last = end - 1
    if "center" in sides or preposition in ("on", "at", "in", "into", "of"):
        return focus_on_sides(reading, sides, last)
    directions = [AS_DIRECTION.get(side, side) for side in sides]
    if preposition == "from":
        if reading.verb is not None and VERBS[reading.verb.value].default in (*_IN_AND_OUT, None):
            return focus_on_sides(reading, sides, last)
        if reading.verb is None and _zooms_ahead(reading, end):
            return focus_on_sides(reading, sides, last)  # "start in the bottom right corner and pull back"
        if reading.verb is None and not reading.pending:
            reading.begins = directions  # "start at the left edge and end on the right"
        return _give(reading, [OPPOSITE_DIRECTION[side] for side in directions], last, weak=True) or _passed(
            reading, last
        )
    verb = reading.verb
    if verb is not None and all(_accepts(verb, name) for name in directions):
        _append(reading, verb, directions, last)
        return True
    reading.position = last + 1
    if _next_verb_accepts(reading, directions):
        reading.pending = directions
        return True
    if reading.goes_on and reading.last_move() is None and len(directions) == 1 and not _zooms_next(reading):
        event = reading.add("move", last, first=first, value="move")  # "pan left", then "no, right"
        event.directions, reading.verb = directions, event
        return True
    if reading.last_move() is not None or _zooms_next(reading):
        reading.position = first
        return focus_on_sides(reading, sides, last)
    reading.position = first
    return False


def _zooms_next(reading: Reading) -> bool:
    """往右下角放大: sides before a zoom are where it goes."""
    following = reading.skip(reading.position, *BETWEEN)
    return reading.category(following) == "move" and reading.value(following) in (*CLOSER, *FARTHER)


def _zooms_ahead(reading: Reading, index: int) -> bool:
    """Whether the next move is one towards something, or away from it."""
    small = (*BETWEEN, "moment", "unknown", "photo", "join", "place", "det", "then")
    while reading.category(index) in small or (reading.category(index), reading.value(index)) == ("mark", "soft"):
        index += 1
    category, value = reading.category(index), reading.value(index)
    if category == "move":
        return value in (*CLOSER, *FARTHER)
    return category == "verb" and VERBS[value].default in _IN_AND_OUT


def _passed(reading: Reading, last: int) -> bool:
    reading.position = last + 1
    return True


def _next_verb_accepts(reading: Reading, directions: list[str]) -> bool:
    following = reading.skip(reading.position, *BETWEEN)
    if reading.category(following) != "verb":
        return False
    return all(name in VERBS[reading.value(following)].moves for name in directions)


def _give(reading: Reading, directions: list[str], last: int, *, weak: bool, pan: bool = False) -> bool:
    """Hand directions to the open verb or to the next one; ``pan`` makes a move of its own where there is none."""
    verb = reading.verb
    directions = [AS_DIRECTION.get(name, name) for name in directions]
    if verb is not None and all(_accepts(verb, name) for name in directions):
        if weak and any(name != "diagonal" for name in verb.directions):
            reading.position = last + 1
            return True
        _append(reading, verb, directions, last)
        return True
    first = reading.position
    reading.position = last + 1
    if _next_verb_accepts(reading, directions):
        reading.pending = directions
        return True
    if pan:
        event = reading.add("move", last, first=first, value="pan")
        event.directions, event.after_then, reading.verb = directions, reading.after_then, event
        return True
    reading.position = first
    return False


def _append(reading: Reading, verb: Event, directions: list[str], last: int) -> None:
    """Add directions to a verb; one that contradicts those it has is another move."""
    taken = {AXIS[name] for name in verb.directions if name in AXIS}
    old = [name for name in directions if AXIS[name] not in taken]
    new = [name for name in directions if AXIS[name] in taken and name not in verb.directions]
    verb.directions += old
    if not verb.chosen:
        verb.last = max(verb.last, last) if verb.part == reading.part else verb.last
    if new:
        again = reading.add("move", last, value=verb.value)
        again.directions, again.of_picture = new, verb.of_picture
        again.after_then = reading.after_then
        reading.verb = again
    reading.position = last + 1
