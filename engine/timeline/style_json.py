"""The ``st`` object of a segment: a text style in JSON.

Besides what the data class has, the reader takes a ``size`` above 1 as pixels of the canvas, a weight by its name,
``bg`` as the colour of a box, and for ``outline``, ``shadow`` and ``box`` true, false or a colour instead of an object.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any

from engine.core.errors import DraftError
from engine.timeline.canvas import MAX_SIDE
from engine.timeline.color import is_color
from engine.timeline.fields import Fields, describe_value, is_number
from engine.timeline.kinds import COLOR, FLAG, TEXT, Kind, Schema, milliseconds_of, named_whole, number, word
from engine.timeline.table import Member, Table, read_table, table_properties, table_schema, write_table
from engine.timeline.text_style import (
    ALIGNS,
    ANCHORS,
    MAX_ANIMATION,
    MAX_LEADING,
    MAX_OUTLINE,
    MAX_PADDING,
    MAX_PLACE,
    MAX_SHADOW,
    MAX_SIZE,
    MAX_WEIGHT,
    MAX_WIDTH,
    MIN_LEADING,
    MIN_PLACE,
    MIN_SIZE,
    MIN_WEIGHT,
    MIN_WIDTH,
    ROLES,
    TEXT_ANIMATIONS,
    Box,
    Outline,
    Shadow,
    TextStyle,
)

WEIGHT_NAMES: Mapping[str, int] = {
    "thin": 100,
    "light": 300,
    "regular": 400,
    "normal": 400,
    "medium": 500,
    "semibold": 600,
    "bold": 700,
    "black": 900,
}
"""Font weights by name (OpenType's ``usWeightClass``)."""

BY_LINE: Mapping[str, bool] = {"block": False, "line": True}
"""``by``: what moves at a time when a text enters and leaves."""

_SHARE = number(0, 1)
_COLOR = Member("color", "color", COLOR, "#rrggbb")
_OPACITY = Member("opacity", "opacity", _SHARE, "0 is invisible, 1 is opaque")

OUTLINE = Table(
    Outline,
    (_COLOR, Member("width", "width", number(0, MAX_OUTLINE), "share of the text size")),
    "A line around the letters.",
)

_SHIFT = number(-MAX_SHADOW, MAX_SHADOW)
SHADOW = Table(
    Shadow,
    (
        _COLOR,
        _OPACITY,
        Member("dx", "dx", _SHIFT, "to the right, share of the text size"),
        Member("dy", "dy", _SHIFT, "downwards, share of the text size"),
        Member("blur", "blur", number(0, MAX_SHADOW), "standard deviation, share of the text size"),
    ),
    "A soft shadow.",
)

_PADDING = number(0, MAX_PADDING)
BOX = Table(
    Box,
    (
        _COLOR,
        _OPACITY,
        Member("padding", "padding", _PADDING, "share of the text size"),
        Member("radius", "radius", _PADDING, "share of the text size"),
    ),
    "A rectangle behind the text.",
)


def _part(table: Table[Any]) -> Kind:
    """A part of a text's look: true or false, a colour, or an object."""

    def read(fields: Fields, key: str) -> object:
        value = fields.take(key)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            try:
                return table.make(color=value)
            except DraftError as error:
                fields.report(key, error.message)
                return None
        return read_table(table, fields.below(key, value))

    def write(value: Outline | Shadow | Box | bool) -> object:
        return value if isinstance(value, bool) else write_table(table, value)

    return Kind(read, write, {"anyOf": [{"type": "boolean"}, COLOR.schema, table_schema(table)]})


def _read_by(fields: Fields, key: str) -> bool | None:
    value = fields.text(key)
    if value is not None and value not in BY_LINE:
        fields.report(key, f"{describe_value(value)} is not known: use one of {', '.join(BY_LINE)}.")
    return None if value is None else BY_LINE.get(value)


_ANIMATION = word(TEXT_ANIMATIONS)
_ANIMATION_TIME = milliseconds_of(MAX_ANIMATION)
_BY = Kind(_read_by, lambda by_line: "line" if by_line else "block", {"enum": list(BY_LINE)})

STYLE = Table(
    TextStyle,
    (
        Member("role", "role", word(ROLES), "gives every value that is left open"),
        Member("anchor", "anchor", word(ANCHORS), "where in the safe area the block of text stands"),
        Member("x", "x", number(MIN_PLACE, MAX_PLACE), "middle of the block, 0..1 of the canvas from its left"),
        Member("y", "y", number(MIN_PLACE, MAX_PLACE), "middle of the block, 0..1 of the canvas from its top"),
        Member(
            "size", "size", number(MIN_SIZE, MAX_SIDE), "share of the canvas's height; above 1: pixels of the canvas"
        ),
        Member("width", "width", number(MIN_WIDTH, MAX_WIDTH), "longest line, share of the canvas's width"),
        Member("color", "color", COLOR, "#rrggbb"),
        Member("font", "font", TEXT, "name of a family, or a font file"),
        Member("weight", "weight", named_whole(MIN_WEIGHT, MAX_WEIGHT, WEIGHT_NAMES), "400 is regular, 700 bold"),
        Member("italic", "italic", FLAG, "slanted"),
        Member("align", "align", word(ALIGNS), "of the lines within the block"),
        Member(
            "leading", "leading", number(MIN_LEADING, MAX_LEADING), "distance of the lines, factor of the font's own"
        ),
        Member("outline", "outline", _part(OUTLINE), "line around the letters"),
        Member("shadow", "shadow", _part(SHADOW), "shadow of the letters"),
        Member("box", "box", _part(BOX), "rectangle behind the text"),
        Member("in", "enter", _ANIMATION, "how the text comes"),
        Member("out", "leave", _ANIMATION, "how the text goes"),
        Member("in_d", "enter_time", _ANIMATION_TIME, "milliseconds"),
        Member("out_d", "leave_time", _ANIMATION_TIME, "milliseconds"),
        Member("by", "by_line", _BY, "what comes and goes at a time"),
    ),
    "The look of a text.",
)


def read_style(segment: Fields, canvas_height: int) -> TextStyle | None:
    """The member ``st`` of a segment.

    Args:
        segment: the segment's members.
        canvas_height: pixels; what a size in pixels is a share of.

    Returns:
        None where it is missing or was reported.
    """
    value = segment.take("st")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return read_table(STYLE, segment.below("st", value))
    color, size = value.get("bg"), value.get("size")
    bad = set()
    if color is not None and not (isinstance(color, str) and is_color(color)):
        segment.report("st.bg", f"must be a colour such as #000000, not {describe_value(color)}.")
        bad.add("bg")
    if is_number(size) and size > MAX_SIZE and not MIN_SIZE <= size / canvas_height <= MAX_SIZE:
        least = ceil(MIN_SIZE * canvas_height)
        text = f"a text of {size:g} pixels is not possible: use {least} to {canvas_height} on this canvas."
        segment.report("st.size", text)
        bad.add("size")
    sound = {key: member for key, member in value.items() if key not in bad}
    return read_table(STYLE, segment.below("st", _with_box(_with_share(sound, canvas_height))))


def write_style(style: TextStyle) -> dict[str, Any]:
    """The ``st`` object of a style; members without a value of their own are left out."""
    return write_table(STYLE, style)


def style_schema() -> Schema:
    """The JSON Schema of ``st``."""
    schema = table_schema(STYLE)
    alias = COLOR.schema | {"description": "colour of a box, where box gives none"}
    return schema | {"properties": table_properties(STYLE) | {"bg": alias}}


def _with_share(style: Mapping[str, Any], canvas_height: int) -> Mapping[str, Any]:
    size = style.get("size")
    if not is_number(size) or size <= MAX_SIZE:
        return style
    return dict(style) | {"size": size / canvas_height}


def _with_box(style: Mapping[str, Any]) -> Mapping[str, Any]:
    """The style with the colour ``bg`` in its box; a box that has a colour, or is refused, leaves ``bg`` alone."""
    color, box = style.get("bg"), style.get("box")
    if color is None or box is False or isinstance(box, str):
        return style
    if isinstance(box, Mapping):
        if box.get("color") is not None:
            return style
        box = dict(box) | {"color": color}
    else:
        box = color
    return {key: member for key, member in style.items() if key != "bg"} | {"box": box}
