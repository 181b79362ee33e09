"""How a text looks, as a clause says it: place, size, colour, font, animation."""

from dataclasses import replace
from fractions import Fraction

from engine.timeline import Box, Outline, Shadow, TextStyle
from pipelines.director.clauses import Clause
from pipelines.director.moves import CLOSER, FARTHER
from pipelines.director.outcome import Outcome
from pipelines.director.slots import degree_in, factor_in, length_in, share_in, sides_in

SIZES = {"title": 0.08, "caption": 0.045, "lower_third": 0.045}
"""Shares of the canvas's height that stand for a text's own size where it has none, for "bigger" and "smaller"."""

STEPS = {"": Fraction(5, 4), "little": Fraction(11, 10), "strong": Fraction(8, 5)}
"""Factors of "bigger" by its degree."""

LARGE, SMALL_SIZE = 1.4, 0.7
"""Factors of the role's size for "a big title" and "a small title"."""

LOWEST, HIGHEST = 0.01, 1.0

PLACE_STEP = 0.1
"""Share of the canvas that "higher" and "lower" move a text by."""

WEIGHTS = {"bold": 700, "heavy": 900, "light": 300, "regular": 400}

ANIMATIONS = ("fade", "slide", "rise", "typewriter", "pop", "none")

OTHER_FONTS = ("Noto Serif", "Inter")
"""What "another font" is: one with serifs, and the other way round."""

VERTICAL = ("top", "bottom")
HORIZONTAL = ("left", "right")

HEIGHT_OF = {"top": 0.12, "center": 0.5, "bottom": 0.88}
"""Where about the middle of a text at an anchor stands."""


def restyled(outcome: Outcome, clause: Clause, style: TextStyle) -> TextStyle:
    """A style with what a clause says about it."""
    style = _placed(outcome, clause, style)
    style = _sized(outcome, clause, style)
    style = _colored(outcome, clause, style)
    style = _set(outcome, clause, style)
    return _animated(outcome, clause, style)


def _placed(outcome: Outcome, clause: Clause, style: TextStyle) -> TextStyle:
    view = outcome.view
    higher = clause.find(view, "compare", "higher")
    lower = clause.find(view, "compare", "lower")
    verbs = clause.find(view, "verb") + clause.find(view, "act", "change")
    sides = sides_in(view, clause)
    # "up" is a way to go, "top" a place to be.
    ups = [index for index in clause.find(view, "direction", "up", "down") if not _comes_from(outcome, index)]
    relative = bool(ups) and not (set(sides) & {"left", "right", "center"})
    if higher or lower or relative:
        up = bool(higher) or (relative and not lower and view.value(ups[0]) == "up")
        anchor = style.anchor or {"caption": "bottom", "lower_third": "bottom_left"}.get(style.role, "center")
        now = style.y
        if now is None:
            now = next((HEIGHT_OF[name] for name in HEIGHT_OF if anchor.startswith(name)), 0.5)
        return replace(style, y=round(min(max(now + (-PLACE_STEP if up else PLACE_STEP), 0.05), 0.95), 3))
    if clause.find(view, "textfx") or verbs:
        # "slides in from the left" is no place.
        sides = [side for side in sides if not _is_way(outcome, clause, side)]
    vertical = next((side for side in sides if side in VERTICAL), "")
    horizontal = next((side for side in sides if side in HORIZONTAL), "")
    anchor = "_".join(part for part in (vertical, horizontal) if part)
    if not anchor and "center" in sides:
        anchor = "center"
    if not anchor:
        return style
    return replace(style, anchor=anchor, x=None, y=None)


def _is_way(outcome: Outcome, clause: Clause, side: str) -> bool:
    """Whether a side says from where a text comes in."""
    view = outcome.view
    for index in clause.find(view, "direction"):
        name = {"up": "top", "down": "bottom"}.get(view.value(index), view.value(index))
        before = view.skip_back(index - 1, "det")
        if name == side and (view.category(before), view.value(before)) == ("prep", "from"):
            return True
    return False


def _comes_from(outcome: Outcome, index: int) -> bool:
    view = outcome.view
    before = view.skip_back(index - 1, "det")
    return (view.category(before), view.value(before)) == ("prep", "from")


def _sized(outcome: Outcome, clause: Clause, style: TextStyle) -> TextStyle:
    view = outcome.view
    now = style.size or SIZES[style.role]
    pixels = next((i for i in clause.find(view, "unit", "pixel") if view.category(i - 1) == "number"), None)
    if pixels is not None:
        size = float(view.terms[pixels - 1].number) / outcome.draft.canvas.height
        return replace(style, size=_bounded(size))
    bigger = clause.find(view, "compare", "bigger") + clause.find(view, "move", *CLOSER)
    smaller = clause.find(view, "compare", "smaller") + clause.find(view, "move", *FARTHER)
    factor = factor_in(view, clause)
    share = share_in(view, clause)
    way = ("text size", clause.sentence, bool(bigger))
    if bigger or smaller:
        if way in outcome.done and clause.follows:
            return style  # "it is too small, make it bigger" says one thing twice
        step = STEPS[degree_in(view, clause)]
        if factor is not None and factor > 0:
            step = max(factor, 1 / factor)
        elif share is not None:
            step = 1 + share if bigger else 1 / max(1 - share, Fraction(1, 10))
        return replace(style, size=_bounded(now * float(step) if bigger else now / float(step)))
    if factor is not None and factor > 0 and not clause.find(view, "quote"):
        return replace(style, size=_bounded(now * float(factor)))
    if share is not None and clause.find(view, "textsize"):
        return replace(style, size=_bounded(float(share)))
    for index in clause.find(view, "sizeword"):
        factor_of = LARGE if view.value(index) == "large" else SMALL_SIZE
        return replace(style, size=_bounded(SIZES[style.role] * factor_of))
    return style


def _bounded(size: float) -> float:
    return round(min(max(size, LOWEST), HIGHEST), 4)


def _colored(outcome: Outcome, clause: Clause, style: TextStyle) -> TextStyle:
    view = outcome.view
    for index in clause.find(view, "color"):
        around = [
            view.value(near)
            for near in (view.skip(index + 1, "filler", "det"), view.skip_back(index - 1, "det", "prep"))
            if view.category(near) == "decor"
        ]
        what = around[0] if around else ""
        color = view.value(index)
        if what == "outline":
            style = replace(style, outline=Outline(color=color))
        elif what == "box":
            style = replace(style, box=Box(color=color))
        elif what == "shadow":
            style = replace(style, shadow=Shadow(color=color))
        else:
            style = replace(style, color=color)
    return style


def _set(outcome: Outcome, clause: Clause, style: TextStyle) -> TextStyle:
    """Font, weight, slant, outline, shadow, box."""
    view = outcome.view
    for index in clause.find(view, "font"):
        name = view.value(index)
        if name in WEIGHTS:
            style = replace(style, weight=WEIGHTS[name])
        elif name == "italic":
            style = replace(style, italic=True)
        elif name == "upright":
            style = replace(style, italic=False)
        elif name.startswith("family:"):
            style = replace(style, font=name.removeprefix("family:"))
    other = clause.find(view, "font", "any") and clause.act in ("change", "replace")
    if other and len(clause.find(view, "font")) == 1 and not clause.find(view, "compare"):
        family = OTHER_FONTS[0] if style.font != OTHER_FONTS[0] else OTHER_FONTS[1]
        style = replace(style, font=family)
        outcome.choices.append(outcome.say("say.choice_font", font=family))
    for index in clause.find(view, "decor"):
        name = view.value(index)
        off = view.category(view.skip_back(index - 1, "det", "color", "filler")) == "negation"
        if not off and getattr(style, name) is not None:
            continue
        if name == "outline":
            style = replace(style, outline=not off)
        elif name == "shadow":
            style = replace(style, shadow=not off)
        else:
            style = replace(style, box=not off)
    return style


def _animated(outcome: Outcome, clause: Clause, style: TextStyle) -> TextStyle:
    view = outcome.view
    found = [(index, view.value(index), "") for index in clause.find(view, "textfx")]
    found += [(index, "slide", "") for index in clause.find(view, "verb", "slide", "push", "drift", "fly")]
    found += [(index, "fade", view.value(index)) for index in clause.find(view, "fade")]
    for index, name, way in sorted(found):
        beyond = min([other for other, _, _ in found if other > index], default=clause.last + 1)
        behind = [each for each in clause.indexes if index < each < beyond]
        ways = {view.value(each) for each in behind if view.category(each) == "direction"}
        leaves = way in ("out", "in_out") or "out" in ways
        enters = way in ("in", "in_out") or "in" in ways or not leaves
        seconds = length_in(view, behind) if name == "fade" else None
        if name == "slide" and _is_way(outcome, clause, "bottom"):
            name = "rise"
        if enters:
            style = replace(style, enter=name, enter_time=seconds or style.enter_time)
        if leaves:
            style = replace(style, leave=name, leave_time=seconds or style.leave_time)
    if clause.follows and not found:
        # "fade the title in" ... "and out"
        ways = {
            view.value(index)
            for index in clause.find(view, "direction")
            if view.category(view.skip(index + 1, "det")) not in ("direction", "place")  # "in the corner" is a place
        }
        if "out" in ways:
            style = replace(style, leave=style.enter or "fade")
        if "in" in ways:
            style = replace(style, enter=style.leave or "fade")
    if clause.find(view, "byline"):
        style = replace(style, by_line=True)
    return style
