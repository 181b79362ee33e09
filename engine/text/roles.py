"""What a text looks like when its style leaves a value open, by role; and where on the canvas text is safe.

Sizes here are shares of the canvas's *shorter* side, so that one table serves wide and tall canvases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from engine.timeline.text_style import Box, Outline, Shadow, TextStyle

TITLE_SAFE = 0.05
"""Share of the canvas that is kept clear at each edge (EBU R 95, SMPTE ST 2046-1: 90 % of both sides is safe)."""

TALL_SAFE_SIDE = 0.08
TALL_SAFE_TOP = 0.10
TALL_SAFE_BOTTOM = 0.20
"""Of canvases much taller than wide: there the players of short videos lay buttons and captions of their own over the
picture, most at the bottom."""

TALL_ASPECT = 0.7
"""Width over height below which a canvas counts as tall: 9:16 does, 4:5 and 3:4 do not."""


@dataclass(frozen=True, slots=True)
class Role:
    """The values of a role.

    Attributes:
        anchor: see ``TextStyle``.
        size: share of the canvas's shorter side.
        min_size: likewise; a text that does not fit is made smaller, but no smaller than this.
        width: longest line, share of the canvas's width.
        height: highest block of text, share of the canvas's height.
        weight, align, leading, enter, leave: see ``TextStyle``.
        outline, shadow, box: None is none.
        enter_time, leave_time: seconds.
    """

    anchor: str
    size: float
    min_size: float
    width: float
    height: float
    weight: int
    align: str
    leading: float
    outline: Outline | None = None
    shadow: Shadow | None = None
    box: Box | None = None
    enter: str = "none"
    leave: str = "none"
    enter_time: Fraction = field(default=Fraction(1, 2))
    leave_time: Fraction = field(default=Fraction(2, 5))


ROLES: Mapping[str, Role] = {
    "title": Role(
        anchor="center",
        size=0.105,
        min_size=0.045,
        width=0.84,
        height=0.80,
        weight=700,
        align="center",
        leading=0.94,
        shadow=Shadow(opacity=0.45, dy=0.03, blur=0.09),
        enter="fade",
        leave="fade",
    ),
    "lower_third": Role(
        anchor="bottom_left",
        size=0.052,
        min_size=0.032,
        width=0.6,
        height=0.4,
        weight=600,
        align="start",
        leading=1.04,
        box=Box(opacity=0.62, padding=0.5, radius=0.16),
        enter="slide",
        leave="slide",
    ),
    "caption": Role(
        anchor="bottom",
        size=0.05,
        min_size=0.032,
        width=0.8,
        height=0.4,
        weight=600,
        align="center",
        leading=1.0,
        outline=Outline(width=0.055),
        shadow=Shadow(opacity=0.55, dy=0.03, blur=0.09),
    ),
}


@dataclass(frozen=True, slots=True)
class SafeArea:
    """Where text may stand: continuous canvas pixels."""

    left: float
    top: float
    right: float
    bottom: float


def safe_area(width: int, height: int) -> SafeArea:
    """The title safe area of a canvas, in its pixels."""
    if width < TALL_ASPECT * height:
        side, top, bottom = TALL_SAFE_SIDE, TALL_SAFE_TOP, TALL_SAFE_BOTTOM
    else:
        side = top = bottom = TITLE_SAFE
    return SafeArea(side * width, top * height, width - side * width, height - bottom * height)


@dataclass(frozen=True, slots=True)
class Look:
    """A style with nothing left open.

    Attributes:
        size, min_size: pixels of the em square.
        outline, shadow, box: None is none.
        others: see :class:`Role` and ``TextStyle``.
    """

    anchor: str
    x: float | None
    y: float | None
    size: float
    min_size: float
    width: float
    height: float
    color: str
    font: str | None
    weight: int
    italic: bool
    align: str
    leading: float
    outline: Outline | None
    shadow: Shadow | None
    box: Box | None
    enter: str
    leave: str
    enter_time: Fraction | None
    leave_time: Fraction | None
    by_line: bool


DEFAULT_COLOR = "#ffffff"

_Part = TypeVar("_Part", Outline, Shadow, Box)


def resolve(style: TextStyle | None, width: int, height: int) -> Look:
    """Fill what a style leaves open from its role, for a canvas of width x height pixels."""
    style = style or TextStyle()
    role = ROLES[style.role]
    shorter = min(width, height)
    size = role.size * shorter if style.size is None else style.size * height
    anchor = style.anchor or role.anchor
    return Look(
        anchor=anchor,
        x=style.x,
        y=style.y,
        size=size,
        min_size=min(role.min_size * shorter, size),
        width=role.width if style.width is None else style.width,
        height=role.height,
        color=style.color or DEFAULT_COLOR,
        font=style.font,
        weight=role.weight if style.weight is None else style.weight,
        italic=style.italic,
        align=style.align or _align(role, style),
        leading=role.leading if style.leading is None else style.leading,
        outline=_part(style.outline, role.outline, Outline),
        shadow=_part(style.shadow, role.shadow, Shadow),
        box=_part(style.box, role.box, Box),
        enter=style.enter or role.enter,
        leave=style.leave or role.leave,
        enter_time=style.enter_time,
        leave_time=style.leave_time,
        by_line=style.by_line,
    )


def _align(role: Role, style: TextStyle) -> str:
    """A block that stands at a side has its lines on that side."""
    if style.anchor is None or style.x is not None or style.anchor == role.anchor:
        return role.align
    return "left" if "left" in style.anchor else "right" if "right" in style.anchor else "center"


def _part(given: _Part | bool | None, role: _Part | None, kind: type[_Part]) -> _Part | None:
    if given is None:
        return role
    if isinstance(given, bool):
        return (role or kind()) if given else None
    return given
