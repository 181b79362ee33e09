"""A text as a source of patches: what to put over the frame at each time."""

import itertools
import threading
import weakref
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, hypot

import numpy as np

from engine.core.frames import Patch, YuvFrame
from engine.text.animation import REST, RISE_EM, SLIDE_SHARE, Moves, Pose, fit_times, panel_opacity, pose_at
from engine.text.layout import Layout, PlacedLine, lay_out
from engine.text.library import FontLibrary
from engine.text.paint import Ink, paint
from engine.text.patch_cache import TEXT_CACHE, PatchCache
from engine.text.raster import PlacedGlyph, Window
from engine.text.roles import Look, resolve
from engine.timeline.text_style import TextStyle

PHASES = 16
"""Positions per pixel that a moving text is painted at: the error of at most 1/32 px is below what can be seen."""

SCALE_ERROR = 0.125
"""Pixels by which the edge of a growing text may be off: the step between the scales that it is painted at."""

WHOLE, PANEL, SHADOW, LETTERS = "whole", "panel", "shadow", "letters"
"""What of a text a patch holds: all; or its box, its shadow, or its letters alone, where they move apart."""

_OWNERS = itertools.count()
_cache: PatchCache | None = None
_cache_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class State:
    """What determines a painted patch, but for whole steps of two pixels.

    Attributes:
        part: one of WHOLE, PANEL, SHADOW, LETTERS.
        line: which line; None is all.
        shown: how many grapheme clusters; None is all.
        scale: about the middle.
        phase_x, phase_y: 1/:data:`PHASES` px, 0 .. 2 PHASES - 1.
    """

    part: str = WHOLE
    line: int | None = None
    shown: int | None = None
    scale: float = 1.0
    phase_x: int = 0
    phase_y: int = 0


class TextSource:
    """A text on a canvas, over the time of its segment. Made by :func:`open_text`; safe to use from many threads.

    Attributes:
        notes: sentences about what could not be done as asked, for the user.
        layout: where its lines stand.
        look: its style with nothing left open.
    """

    def __init__(self, layout: Layout, look: Look, moves: Moves, frame_size: tuple[int, int]) -> None:
        self.notes = layout.notes
        self.layout = layout
        self.look = look
        self.moves = moves
        self._frame_size = frame_size
        self._owner = next(_OWNERS)
        self._lock = threading.Lock()
        cache = _shared_cache()
        weakref.finalize(self, cache.drop, self._owner)
        self._cache = cache

    def patches(self, time: Fraction) -> list[tuple[Patch, float]]:
        """What to put over a frame, in this order.

        Args:
            time: seconds since the segment's start.

        Returns:
            Patches inside the canvas, as small as their ink, each with an opacity > 0; none outside of [0, duration).
            Their memory is shared: do not write to it.
        """
        if not 0 <= time < self.moves.duration:
            return []
        found = []
        for state, opacity, x, y in self._states(time):
            if opacity > 0:
                patch = _inside(self._painted(state), x, y, self._frame_size)
                if patch is not None:
                    found.append((patch, opacity))
        return found

    def _states(self, time: Fraction) -> list[tuple[State, float, int, int]]:
        """What is painted at a time: states, their opacities, and whole pixels that they are moved by."""
        count = len(self.layout.lines)
        types = "typewriter" in (self.moves.enter, self.moves.leave)
        if self.look.by_line and count > 1 and not types:
            poses = [pose_at(self.moves, time, n, count) for n in range(count)]
        else:
            poses = [pose_at(self.moves, time)]
        if all(pose == REST for pose in poses):
            return [(State(), 1.0, 0, 0)]
        apart = len(poses) > 1 or poses[0].shown is not None
        if not apart:
            return [self._posed(WHOLE, None, poses[0])]
        panel = [(State(PANEL), panel_opacity(self.moves, time), 0, 0)] if self.look.box else []
        if len(poses) == 1:
            return [*panel, self._posed(LETTERS, None, poses[0])]
        # All shadows below all letters: a line's shadow must not fall upon its neighbour.
        shadows = [self._posed(SHADOW, n, pose) for n, pose in enumerate(poses)] if self.look.shadow else []
        return [*panel, *shadows, *(self._posed(LETTERS, n, pose) for n, pose in enumerate(poses))]

    def _posed(self, part: str, line: int | None, pose: Pose) -> tuple[State, float, int, int]:
        x, phase_x = _phase(pose.dx)
        y, phase_y = _phase(pose.dy)
        scale = pose.scale
        if scale != 1:
            lay = self.layout
            step = SCALE_ERROR / max(hypot(lay.right - lay.left, lay.bottom - lay.top) / 2, 1.0)
            scale = round(scale / step) * step
        return State(part, line, pose.shown, scale, phase_x, phase_y), pose.opacity, x, y

    def _painted(self, state: State) -> Patch | None:
        key = (self._owner, state)
        held, patch = self._cache.get(key)
        if held:
            return patch
        with self._lock:
            held, patch = self._cache.get(key)
            if not held:
                patch = self._paint(state)
                self._cache.put(key, patch)
            return patch

    def _paint(self, state: State) -> Patch | None:
        lay, look = self.layout, self.look
        lines = lay.lines if state.line is None else lay.lines[state.line : state.line + 1]
        panel = None
        if look.box is not None and lay.lines and state.part in (WHOLE, PANEL):
            padding = look.box.padding * lay.size
            panel = (lay.left - padding, lay.top - padding, lay.right + padding, lay.bottom + padding)
        ink = Ink(
            () if state.part == PANEL else _placed(lines, lay.size, state.shown),
            lay.size,
            look.color,
            look.outline,
            None if state.part == PANEL or (state.part == LETTERS and state.line is not None) else look.shadow,
            look.box,
            panel,
            shadow_only=state.part == SHADOW,
        )
        middle = (lay.left + lay.right) / 2, (lay.top + lay.bottom) / 2
        if state.line is not None:
            line = lines[0]
            middle = line.x + line.width / 2, line.baseline - 0.3 * lay.size
        ink = _moved(ink, middle, state.scale, state.phase_x / PHASES, state.phase_y / PHASES)
        return paint(ink, self._bounds(state))

    def _bounds(self, state: State) -> Window:
        """The canvas; for what moves also what may yet come into it."""
        width, height = self._frame_size
        if state == State():
            return Window(0, 0, width, height)
        x, y = (2 * int(abs(way) / 2 + 2) for way in (self.moves.slide, self.moves.rise))
        return Window(-x, -y, width + 2 * x, height + 2 * y)


def open_text(
    text: str, style: TextStyle | None, frame_size: tuple[int, int], duration: Fraction, library: FontLibrary
) -> TextSource:
    """Lay a text out and make it ready to be painted. No text is refused: what cannot be shown is said in ``notes``.

    Args:
        text: any Unicode text; line separators are kept.
        style: None is a title in the default look.
        frame_size: width and height of the canvas in pixels, both even.
        duration: seconds that the text is on screen.
        library: where fonts come from.

    Raises:
        ValueError: the canvas has an odd side.
    """
    width, height = frame_size
    if width % 2 or height % 2 or width <= 0 or height <= 0:
        raise ValueError(f"a 4:2:0 canvas needs even sizes, not {width}x{height}")
    look = resolve(style, width, height)
    layout = lay_out(text, look, frame_size, library)
    enter_time, leave_time = fit_times(look, style.role if style else TextStyle().role, duration, layout.ranks)
    moves = Moves(
        look.enter,
        look.leave,
        enter_time,
        leave_time,
        duration,
        _side(look, layout) * SLIDE_SHARE * width,
        RISE_EM * layout.size,
        layout.ranks,
    )
    return TextSource(layout, look, moves, frame_size)


def _shared_cache() -> PatchCache:
    """One for the process, so that a draft with many texts stays within one limit."""
    global _cache
    with _cache_lock:
        if _cache is None:
            _cache = PatchCache(TEXT_CACHE.int_value() << 20)
        return _cache


def _side(look: Look, layout: Layout) -> float:
    """Where a slide comes from: the nearer side of the canvas; in the middle, where the reading begins. -1 is left."""
    if look.x is not None and look.x != 0.5:
        return -1.0 if look.x < 0.5 else 1.0
    if look.x is None and look.anchor.endswith("left"):
        return -1.0
    if look.x is None and look.anchor.endswith("right"):
        return 1.0
    return 1.0 if layout.lines and layout.lines[0].rtl else -1.0


def _phase(way: float) -> tuple[int, int]:
    """A way in pixels as whole steps of two pixels, and what is left in 1/PHASES px."""
    steps = round(way * PHASES)
    whole = floor(steps / (2 * PHASES))
    return 2 * whole, steps - whole * 2 * PHASES


def _placed(lines: tuple[PlacedLine, ...], size: float, shown: int | None) -> tuple[PlacedGlyph, ...]:
    return tuple(
        PlacedGlyph(glyph.typeface, glyph.id, line.x + glyph.x * size, line.baseline - glyph.y * size, glyph.rank)
        for line in lines
        for glyph in line.glyphs
        if shown is None or glyph.rank < shown
    )


def _moved(ink: Ink, middle: tuple[float, float], scale: float, dx: float, dy: float) -> Ink:
    if scale == 1 and dx == 0 and dy == 0:
        return ink
    mx, my = middle

    def place(x: float, y: float) -> tuple[float, float]:
        return mx + (x - mx) * scale + dx, my + (y - my) * scale + dy

    glyphs = []
    for glyph in ink.glyphs:
        x, y = place(glyph.x, glyph.y)
        glyphs.append(replace(glyph, x=x, y=y))
    panel = None if ink.panel is None else (*place(*ink.panel[:2]), *place(*ink.panel[2:]))
    return replace(ink, glyphs=tuple(glyphs), size=ink.size * scale, panel=panel)


def _inside(patch: Patch | None, dx: int, dy: int, frame_size: tuple[int, int]) -> Patch | None:
    """The part of a moved patch that lies on the canvas; no pixels are copied."""
    if patch is None:
        return None
    x, y = patch.x + dx, patch.y + dy
    left, top = max(-x, 0), max(-y, 0)
    right = min(patch.frame.width, frame_size[0] - x)
    bottom = min(patch.frame.height, frame_size[1] - y)
    if right <= left or bottom <= top:
        return None
    if (left, top, right, bottom) == (0, 0, patch.frame.width, patch.frame.height):
        return patch if dx == dy == 0 else Patch(x, y, patch.frame, patch.alpha)
    full, half = np.s_[top:bottom, left:right], np.s_[top // 2 : bottom // 2, left // 2 : right // 2]
    frame = YuvFrame(patch.frame.y[full], patch.frame.u[half], patch.frame.v[half], patch.frame)
    return Patch(x + left, y + top, frame, None if patch.alpha is None else patch.alpha[full])
