"""Which of several: "the first two photos", "all but the last", "photos 1 and 3", "第二张和第四张"."""

from dataclasses import dataclass

NOUNS = ("photo", "object")
"""Categories of what can be counted out."""

MOST = 1000
"""A place beyond it is no place."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the things of one kind, by their place.

    Attributes:
        places: from 0; negative ones count from the end; of a file name, the place of the asset.
        noun: the category of what is counted, ``photo`` or ``object``; ``asset`` for file names; empty where the words
            leave it open.
        excluded: all but these.
        rest: all that the words before did not name.
        middle: the one in the middle, or the two.
        onward: these and all that follow.
        again: those that were spoken of last.
    """

    places: tuple[int, ...] = ()
    noun: str = ""
    excluded: bool = False
    rest: bool = False
    middle: bool = False
    onward: bool = False
    again: bool = False

    def of(self, count: int) -> tuple[int, ...] | None:
        """The places from 0 among ``count`` things, in the order in which they were said; None where one is missing."""
        if self.middle:
            found: tuple[int, ...] = tuple(dict.fromkeys(((count - 1) // 2, count // 2))) if count else ()
        else:
            found = tuple(dict.fromkeys(place + count if place < 0 else place for place in self.places))
        if not found or any(not 0 <= place < count for place in found):
            return None
        if self.onward:
            return tuple(range(found[0], count))
        if self.excluded:
            return tuple(place for place in range(count) if place not in found)
        return found
