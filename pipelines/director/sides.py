"""Reading the parts of a photo: "left", "top right", "the bottom left corner"."""

from pipelines.director.events import Reading
from pipelines.director.moves import AXIS, focus_point

AS_DIRECTION = {"top": "up", "bottom": "down", "into": "in", "out_of": "out"}
"""What a part of the photo means as a direction to go."""


def side_run(reading: Reading, index: int) -> tuple[list[str], int]:
    """The sides that stand together from a term on, and the index after them and after the word for a part."""
    sides = [reading.value(index)]
    end = index + 1
    verb = reading.verb
    while True:
        following = end
        if verb is not None and reading.category(following) in ("join", "mark") and reading.value(following) != "hard":
            # "up and to the left" is one way to go; after a verb that goes nowhere it is two things.
            following = reading.skip(following + 1, "prep", "det", "join")
        if reading.category(following) != "direction":
            break
        axes = {AXIS.get(AS_DIRECTION.get(side, side)) for side in sides}
        name = reading.value(following)
        axis = AXIS.get(AS_DIRECTION.get(name, name))
        if axis not in ("x", "y") or axis in axes:
            break
        sides.append(name)
        end = following + 1
    part = reading.skip(end, "ordinal") if reading.category(end + 1) == "place" else end
    if reading.category(part) == "number":
        part += 1
    return sides, part + 1 if reading.category(part) == "place" else end


def to_run(reading: Reading, index: int) -> tuple[list[str], int] | None:
    """The sides of "... to the right", if that is what follows."""
    if (reading.category(index), reading.value(index)) != ("prep", "to"):
        return None
    start = reading.skip(index + 1, "det", "filler")
    if reading.category(start) != "direction" or AXIS.get(way([reading.value(start)])) not in ("x", "y"):
        return None
    return side_run(reading, start)


def way(sides: list[str]) -> str:
    """The first of the sides as a direction to go."""
    return AS_DIRECTION.get(sides[0], sides[0])


def preposition_before(reading: Reading, index: int) -> str:
    """The preposition before a term and its article, empty where there is none."""
    before = reading.skip_back(index - 1, "det", "degree")
    if reading.category(before) == "direction" and reading.value(before) in ("in", "into"):
        return "in"
    return reading.value(before) if reading.category(before) == "prep" else ""


def focus_on_sides(reading: Reading, sides: list[str], last: int) -> bool:
    """Record that the parts named up to the term ``last`` are to be looked at."""
    reading.add("focus", last).point = focus_point(set(sides))
    return True
