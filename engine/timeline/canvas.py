"""The canvas: how large the video is, and what an aspect ratio means in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.core.errors import DraftError

MIN_SIDE = 16
"""Pixels: the smallest side of a canvas."""

MAX_SIDE = 4096
"""Pixels: the largest side of a canvas; 4096x4096 is H.264 level 6."""

DEFAULT_SHORT_SIDE = 1080
"""Pixels: the short side of a canvas when only its aspect ratio is asked for."""

WIDEST_RATIO = 4
"""Aspect ratios from 1:4 to 4:1 are accepted."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size of the video in pixels; both sides even, as 4:2:0 chroma needs.

    Raises:
        DraftError: a side is odd or outside :data:`MIN_SIDE` .. :data:`MAX_SIDE`.
    """

    width: int
    height: int

    def __post_init__(self) -> None:
        for side in (self.width, self.height):
            if side % 2 or not MIN_SIDE <= side <= MAX_SIDE:
                raise DraftError(
                    f"A canvas of {self.width}x{self.height} is not possible: "
                    f"both sides must be even and from {MIN_SIDE} to {MAX_SIDE} pixels."
                )

    @property
    def ratio(self) -> Fraction:
        """Width over height."""
        return Fraction(self.width, self.height)

    @property
    def short_side(self) -> int:
        """The smaller of the two sides."""
        return min(self.width, self.height)


ASPECTS: dict[str, Canvas] = {
    "16:9": Canvas(1920, 1080),
    "9:16": Canvas(1080, 1920),
    "1:1": Canvas(1080, 1080),
    "4:5": Canvas(1080, 1350),
    "3:4": Canvas(1080, 1440),
    "4:3": Canvas(1440, 1080),
    "21:9": Canvas(2560, 1080),
}
"""The named aspect ratios and the canvas of each (21:9 is really 64:27, as screens sold under that name are)."""

DEFAULT_CANVAS = ASPECTS["16:9"]


def canvas_of_aspect(name: str, short_side: int = DEFAULT_SHORT_SIDE) -> Canvas:
    """The canvas of an aspect ratio such as ``"9:16"``: one of :data:`ASPECTS`, or any other w:h.

    Args:
        name: two positive numbers with a colon between; decimals are fine (``"2.35:1"``).
        short_side: pixels of the smaller side; where the larger one would exceed :data:`MAX_SIDE`, both shrink.

    Raises:
        DraftError: it is not a ratio, or not from 1:4 to 4:1.
    """
    if name in ASPECTS:
        known = ASPECTS[name]
        return scaled(known.ratio, short_side) if short_side != known.short_side else known
    left, _, right = name.partition(":")
    try:
        ratio = Fraction(left.strip()) / Fraction(right.strip())
    except (ValueError, ZeroDivisionError):
        ratio = Fraction(0)
    if not Fraction(1, WIDEST_RATIO) <= ratio <= WIDEST_RATIO:
        raise DraftError(
            f"{name!r} is not an aspect ratio that we can make: use one of {', '.join(ASPECTS)}, "
            f"or another from 1:{WIDEST_RATIO} to {WIDEST_RATIO}:1."
        )
    return scaled(ratio, short_side)


def scaled(ratio: Fraction, short_side: int) -> Canvas:
    """The canvas of width over height ``ratio`` with a short side of ``short_side`` pixels, made even."""
    short = Fraction(min(max(short_side, MIN_SIDE), MAX_SIDE))
    long = short * max(ratio, 1 / ratio)
    if long > MAX_SIDE:
        short, long = short * MAX_SIDE / long, Fraction(MAX_SIDE)
    sides = max(MIN_SIDE, 2 * round(short / 2)), 2 * round(long / 2)
    return Canvas(*(sides if ratio < 1 else reversed(sides)))


def aspect_name(canvas: Canvas) -> str:
    """The name of a canvas's aspect ratio, such as ``"9:16"``; the reduced fraction where it has none."""
    for name, known in ASPECTS.items():
        # A canvas of even sides near a named ratio (1706x720) goes by that name.
        if abs(canvas.ratio / known.ratio - 1) < Fraction(1, 200):
            return name
    return f"{canvas.ratio.numerator}:{canvas.ratio.denominator}"


def canvas_for_photos(sizes: Sequence[tuple[int, int]]) -> Canvas:
    """The canvas that suits photos of the given upright sizes (width, height), in pixels.

    Portrait (1080x1920) when most photos are taller than wide; where neither kind is in the majority the first photo
    decides; otherwise 1920x1080.
    """
    tall = sum(height > width for width, height in sizes)
    first_is_tall = bool(sizes) and sizes[0][1] > sizes[0][0]
    portrait = 2 * tall > len(sizes) or (2 * tall == len(sizes) and first_is_tall)
    return ASPECTS["9:16"] if portrait else DEFAULT_CANVAS
