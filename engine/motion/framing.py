"""Where a frame is placed on a photo: one axis at a time.

All functions work along one axis of the photo, x or y, in photo pixels: a frame is a centre and a half length, a
photo is the interval [0, length], and a placed frame lies inside it.
"""

from dataclasses import dataclass

THIRDS = (1 / 3, 1 / 2, 2 / 3)
"""Where a composed subject may stand in the frame."""

SUBJECT_MARGIN = 0.04
"""Free space around a subject's box, as a share of the frame's length, where it can be had."""


@dataclass(frozen=True, slots=True)
class Interest:
    """What a frame is placed for, along one axis, in photo pixels.

    Attributes:
        point: the centre of interest.
        low, high: what should not be cut.
    """

    point: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Key:
    """The frame along one axis at one end of a path.

    Attributes:
        half: half the length of the camera's envelope: what must stay inside the photo.
        seen: half the length of the frame itself: what the viewer sees.
    """

    half: float
    seen: float


def clamp(centre: float, half: float, length: float) -> float:
    """The nearest centre at which [centre - half, centre + half] lies in [0, length]."""
    if 2 * half >= length:
        return length / 2
    return min(max(centre, half), length - half)


def keep(centre: float, seen: float, interest: Interest, margin: float = SUBJECT_MARGIN) -> float:
    """The nearest centre at which the interest is not cut, with a margin if possible; unchanged where it cannot fit."""
    need = 0.5 * (interest.high - interest.low)
    if need > seen:
        return centre
    margin = min(margin * 2 * seen, seen - need)
    return min(max(centre, interest.high + margin - seen), interest.low - margin + seen)


def centred(key: Key, length: float, interest: Interest) -> float:
    """The crop: around the interest's point, its box whole if it fits, inside the photo."""
    return clamp(keep(interest.point, key.seen, interest), key.half, length)


def composed(key: Key, wide: Key, wide_centre: float, length: float, interest: Interest) -> float:
    """A close frame with the interest on the third or the middle that is nearest to where the wide frame has it."""
    place = (interest.point - (wide_centre - wide.seen)) / (2 * wide.seen)
    third = min(THIRDS, key=lambda share: abs(share - place))
    centre = interest.point + (0.5 - third) * 2 * key.seen
    return clamp(keep(centre, key.seen, interest), key.half, length)


def about(key: Key, wide: Key, wide_centre: float, length: float, interest: Interest) -> float:
    """A close frame in which the interest's point stands where the wide frame has it: the fixed point of the zoom.

    Where that would cut an interest that fits, the frame gives way.
    """
    centre = interest.point + (wide_centre - interest.point) * key.half / wide.half
    return clamp(keep(centre, key.seen, interest, margin=0.0), key.half, length)


def room(start: Key, end: Key, length: float) -> float:
    """The longest way, in photo pixels, that the centre can go from one key to the other in one direction."""
    return max(0.0, length - start.half - end.half)


def panned(start: Key, end: Key, length: float, way: float, interest: Interest, arrive: bool) -> tuple[float, float]:
    """The centres of a pan: start and end.

    Args:
        start, end: the keys.
        length: of the photo.
        way: signed, from the start's centre to the end's; its magnitude is at most :func:`room`.
        interest: what the pan is placed for.
        arrive: end on the interest; otherwise the middle of the way is on it.
    """
    # The start's centre may be anywhere that keeps both ends inside the photo.
    low = max(start.half, end.half - way)
    high = max(low, min(length - start.half, length - end.half - way))
    want = interest.point - (way if arrive else 0.5 * way)
    # Then, as far as possible, the interest is whole at the end, and at the start where it is not kept for the end.
    for seen, shift in ((end.seen, way),) if arrive else ((end.seen, way), (start.seen, 0.0)):
        lowest, highest = interest.high - seen - shift, interest.low + seen - shift
        if lowest <= highest and lowest <= high and highest >= low:
            low, high = max(low, lowest), min(high, highest)
    centre = min(max(want, low), high)
    return centre, centre + way
