"""How a text comes and goes: times and poses, without pixels."""

from dataclasses import dataclass
from fractions import Fraction

from engine.text.roles import ROLES, Look

TYPING_TIME = Fraction(45, 1000)
"""Seconds for each grapheme cluster of a typewriter without a time of its own."""

TYPING_SHARE = Fraction(6, 10)
"""Of the segment that it takes at most."""

ERASING = Fraction(1, 3)
"""How long a typewriter takes away, as a factor of how long it typed."""

SLIDE_SHARE = 0.06
"""Of the canvas's width: the way of a slide."""

RISE_EM = 0.7
"""Text sizes: the way of a rise."""

POP_FROM = 0.55
"""Scale at which a pop begins."""

POP_OVERSHOOT = 1.70158
"""R. Penner's constant for an overshoot of a tenth of the way (Programming Macromedia Flash MX, 2002, chapter 7)."""

STAGGER = 0.4
"""Share of the time that passes until the last of several lines begins to move."""

_FADE_FASTER = 2.0  # a text that moves is clear to see in half of its way


@dataclass(frozen=True, slots=True)
class Pose:
    """How a text, or a line of it, stands at one time.

    Attributes:
        dx, dy: canvas pixels from its place, y down.
        scale: about its middle.
        opacity: 0..1.
        shown: how many of its grapheme clusters, in reading order; None is all.
    """

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    opacity: float = 1.0
    shown: int | None = None


REST = Pose()


@dataclass(frozen=True, slots=True)
class Moves:
    """What an animation needs to know of the text and the canvas.

    Attributes:
        enter, leave: one of ``TEXT_ANIMATIONS``.
        enter_time, leave_time, duration: seconds; the first two together are no longer than the last.
        slide: signed pixels from which a slide comes: negative is from the left.
        rise: pixels from below.
        ranks: grapheme clusters of the text.
    """

    enter: str
    leave: str
    enter_time: Fraction
    leave_time: Fraction
    duration: Fraction
    slide: float
    rise: float
    ranks: int


def fit_times(look: Look, role: str, duration: Fraction, ranks: int) -> tuple[Fraction, Fraction]:
    """Seconds that a text takes to come and to go; both shrink alike in a segment that is too short for them."""
    typing = min(TYPING_TIME * ranks, duration * TYPING_SHARE)
    enter = look.enter_time
    if enter is None:
        enter = typing if look.enter == "typewriter" else ROLES[role].enter_time
    leave = look.leave_time
    if leave is None:
        leave = typing * ERASING if look.leave == "typewriter" else ROLES[role].leave_time
    enter = Fraction(0) if look.enter == "none" else enter
    leave = Fraction(0) if look.leave == "none" else leave
    if enter + leave > duration:
        factor = max(duration, Fraction(0)) / (enter + leave)
        enter, leave = enter * factor, leave * factor
    return enter, leave


def pose_at(moves: Moves, time: Fraction, line: int = 0, lines: int = 1) -> Pose:
    """Where a text stands, or one of several lines that move one after the other.

    Args:
        moves: the animation.
        time: seconds since the text came on screen.
        line: which one, counted from the top.
        lines: how many.
    """
    coming = _progress(time, moves.enter_time, line, lines)
    if coming < 1:
        return _coming(moves, moves.enter, coming)
    going = _progress(time - (moves.duration - moves.leave_time), moves.leave_time, line, lines)
    if going > 0 and moves.leave_time > 0:
        return _going(moves, moves.leave, going)
    return REST


def panel_opacity(moves: Moves, time: Fraction) -> float:
    """Opacity of a box that stands while its lines move: there in the first third of their time, gone in the last."""
    coming = min(1.0, 3 * _progress(time, moves.enter_time, 0, 1))
    going = _progress(time - (moves.duration - moves.leave_time), moves.leave_time, 0, 1)
    return min(coming, 1.0, 3 * (1 - going)) if moves.leave_time > 0 else coming


def _progress(time: Fraction, length: Fraction, line: int, lines: int) -> float:
    """0..1 of one line's own way."""
    if length <= 0:
        # Without time to come it is there at once; without time to go it never begins to.
        return float(time >= 0)
    share = float(time / length)
    if lines > 1:
        share = (share - STAGGER * line / (lines - 1)) / (1 - STAGGER)
    return min(max(share, 0.0), 1.0)


def _coming(moves: Moves, kind: str, p: float) -> Pose:
    if kind == "slide":
        return Pose(dx=moves.slide * (1 - _slow_end(p)), opacity=_quick(p))
    if kind == "rise":
        return Pose(dy=moves.rise * (1 - _slow_end(p)), opacity=_quick(p))
    if kind == "typewriter":
        return Pose(shown=int(p * moves.ranks))
    if kind == "pop":
        return Pose(scale=POP_FROM + (1 - POP_FROM) * _overshoot(p), opacity=_quick(p))
    return Pose(opacity=_smooth(p))


def _going(moves: Moves, kind: str, p: float) -> Pose:
    if kind == "rise":  # on its way upwards
        return Pose(dy=-moves.rise * (1 - _slow_end(1 - p)), opacity=_quick(1 - p))
    return _coming(moves, kind, 1 - p)


def _smooth(p: float) -> float:
    return p * p * (3 - 2 * p)


def _quick(p: float) -> float:
    return _smooth(min(1.0, p * _FADE_FASTER))


def _slow_end(p: float) -> float:
    return 1 - (1 - p) ** 3


def _overshoot(p: float) -> float:
    return 1 + (POP_OVERSHOOT + 1) * (p - 1) ** 3 + POP_OVERSHOOT * (p - 1) ** 2
