"""How a text looks and moves (``st``). Lengths are shares of the canvas's height, so a style fits every canvas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.core.errors import DraftError, quoted
from engine.timeline.color import check_color

ROLES: tuple[str, ...] = ("title", "lower_third", "caption")
"""What a text is; the role gives every value that the style leaves open (see ``engine.text``)."""

ANCHORS: tuple[str, ...] = (
    "top_left", "top", "top_right", "left", "center", "right", "bottom_left", "bottom", "bottom_right",
)  # fmt: skip

ALIGNS: tuple[str, ...] = ("left", "center", "right", "start", "end")
"""``start`` and ``end`` follow the text's direction."""

TEXT_ANIMATIONS: tuple[str, ...] = ("none", "fade", "slide", "rise", "typewriter", "pop")

MIN_WEIGHT, MAX_WEIGHT = 1, 1000
"""Font weights, as in OpenType's ``usWeightClass``: 400 regular, 700 bold."""

MIN_SIZE, MAX_SIZE = 0.005, 1.0
"""Text size: shares of the canvas's height."""

MIN_WIDTH, MAX_WIDTH = 0.05, 1.0
"""Longest line: shares of the canvas's width."""

MIN_PLACE, MAX_PLACE = -1.0, 2.0
"""``x`` and ``y``: 0..1 is inside the canvas."""

MIN_LEADING, MAX_LEADING = 0.5, 4.0
MAX_ANIMATION = Fraction(60)
"""Seconds."""

MAX_OUTLINE = 0.5
MAX_SHADOW = 2.0
MAX_PADDING = 4.0
"""Shares of the text size: the width of an outline, the offset and the blur of a shadow, a box's padding and radius."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A line around the letters; ``width`` in shares of the text size."""

    color: str = "#000000"
    width: float = 0.06
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_color(self.color)
        _within("line width", self.width, 0, MAX_OUTLINE)


@dataclass(frozen=True, slots=True)
class Shadow:
    """A soft shadow; ``dx``, ``dy`` and ``blur`` (the standard deviation) in shares of the text size."""

    color: str = "#000000"
    opacity: float = 0.6
    dx: float = 0.0
    dy: float = 0.06
    blur: float = 0.08
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_color(self.color)
        _within("shadow opacity", self.opacity, 0, 1)
        _within("shadow offset", self.dx, -MAX_SHADOW, MAX_SHADOW)
        _within("shadow offset", self.dy, -MAX_SHADOW, MAX_SHADOW)
        _within("shadow blur", self.blur, 0, MAX_SHADOW)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle behind the text; ``padding`` and ``radius`` in shares of the text size."""

    color: str = "#000000"
    opacity: float = 0.6
    padding: float = 0.3
    radius: float = 0.15
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_color(self.color)
        _within("box opacity", self.opacity, 0, 1)
        _within("box padding", self.padding, 0, MAX_PADDING)
        _within("box radius", self.radius, 0, MAX_PADDING)


@dataclass(frozen=True, slots=True)
class TextStyle:
    """The look of a text; None leaves a value to the role.

    Attributes:
        role: one of :data:`ROLES`.
        anchor: one of :data:`ANCHORS`: where in the safe area the block of text stands.
        x, y: 0..1 of the canvas: where the middle of the block stands; wins over the anchor, each on its own axis.
        size: height of the letters' em square, as a share of the canvas's height. A text that does not fit at this size
            is made smaller.
        width: longest line, as a share of the canvas's width.
        color: ``#rrggbb``.
        font: a family's name or a font file; None is the default font.
        weight: :data:`MIN_WEIGHT` .. :data:`MAX_WEIGHT`.
        italic: slanted.
        align: one of :data:`ALIGNS`, of the lines within the block.
        leading: distance of the lines, as a factor of the font's own.
        outline, shadow, box: None leaves them to the role, False is none, True is one with the values of its class.
        enter, leave: one of :data:`TEXT_ANIMATIONS` (``in``, ``out``).
        enter_time, leave_time: seconds (``in_d``, ``out_d``).
        by_line: whether each line enters and leaves on its own, one after the other (``by``: ``line`` or ``block``).
        extra: unknown members.
    """

    role: str = "title"
    anchor: str | None = None
    x: float | None = None
    y: float | None = None
    size: float | None = None
    width: float | None = None
    color: str | None = None
    font: str | None = None
    weight: int | None = None
    italic: bool = False
    align: str | None = None
    leading: float | None = None
    outline: Outline | bool | None = None
    shadow: Shadow | bool | None = None
    box: Box | bool | None = None
    enter: str | None = None
    leave: str | None = None
    enter_time: Fraction | None = None
    leave_time: Fraction | None = None
    by_line: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _one_of("role", self.role, ROLES)
        _one_of("anchor", self.anchor, ANCHORS)
        _one_of("alignment", self.align, ALIGNS)
        _one_of("animation", self.enter, TEXT_ANIMATIONS)
        _one_of("animation", self.leave, TEXT_ANIMATIONS)
        _within("text size", self.size, MIN_SIZE, MAX_SIZE)
        _within("text width", self.width, MIN_WIDTH, MAX_WIDTH)
        _within("place", self.x, MIN_PLACE, MAX_PLACE)
        _within("place", self.y, MIN_PLACE, MAX_PLACE)
        _within("font weight", self.weight, MIN_WEIGHT, MAX_WEIGHT)
        _within("leading", self.leading, MIN_LEADING, MAX_LEADING)
        for time in (self.enter_time, self.leave_time):
            if time is not None and not 0 <= time <= MAX_ANIMATION:
                raise DraftError(f"A text's animation must last 0 to {MAX_ANIMATION} seconds.")
        if self.color is not None:
            check_color(self.color)


def _one_of(what: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise DraftError(f"{quoted(value)} is not a known {what}: use one of {', '.join(known)}.")


def _within(what: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise DraftError(f"A {what} of {value:g} is not possible: use {low:g} to {high:g}.")
