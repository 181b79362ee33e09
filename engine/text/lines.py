"""Breaking paragraphs into lines, and finding the size at which a text fits. Lengths in em: a width of w pixels at a
text size of s pixels is w / s em, so a text is shaped once for all sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.text.shape import Glyph, Paragraph, shape_line

SHRINK_STEP = 0.96
"""Factor from one tried size to the next smaller one."""

BALANCED_LINES = 4
"""Up to this many lines of a paragraph are made about equally long: a title must not end in a lonely word."""

_BALANCE_STEPS = 10
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        glyphs: from left to right, x in em from the line's left end.
        width: em.
        rtl: whether its paragraph runs right-to-left.
    """

    glyphs: tuple[Glyph, ...]
    width: float
    rtl: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Clusters [start, end) of a paragraph."""

    paragraph: Paragraph
    start: int
    end: int


def break_lines(paragraphs: Sequence[Paragraph], limit: float, anywhere: bool = False) -> list[Span] | None:
    """Break at the last opportunity that fits (UAX #14 gives the opportunities).

    Args:
        paragraphs: of the text.
        limit: longest line, em.
        anywhere: whether to break between any two grapheme clusters where a word is too long.

    Returns:
        None where a word does not fit.
    """
    spans: list[Span] = []
    for paragraph in paragraphs:
        broken = _break(paragraph, limit, anywhere)
        if broken is None:
            return None
        if 1 < len(broken) <= BALANCED_LINES and not anywhere:
            broken = _balance(paragraph, broken, limit)
        spans.extend(Span(paragraph, a, b) for a, b in broken)
    return spans


def set_lines(spans: Sequence[Span]) -> list[Line]:
    """Shape lines that were broken."""
    lines = []
    for span in spans:
        glyphs, width = shape_line(span.paragraph, span.start, span.end)
        lines.append(Line(tuple(glyphs), width, bool(span.paragraph.base)))
    return lines


def _break(paragraph: Paragraph, limit: float, anywhere: bool) -> list[tuple[int, int]] | None:
    count = len(paragraph.widths)
    if count == 0:
        return [(0, 0)]
    allowed = set(paragraph.breaks)
    clusters = paragraph.clusters()
    lines: list[tuple[int, int]] = []
    start, last_break, width, solid = 0, 0, 0.0, 0.0
    i = 0
    while i < count:
        if paragraph.starts[i] in allowed and i > start:
            last_break = i
        width += paragraph.widths[i]
        if not clusters[i].isspace():
            solid = width
        if solid > limit + _SLACK:
            if last_break > start:
                end = last_break
            elif anywhere:
                end = max(i, start + 1)
            else:
                return None
            lines.append((start, end))
            start = last_break = i = end
            width = solid = 0.0
            continue
        i += 1
    if start < count or not lines:
        lines.append((start, count))
    return lines


def _balance(paragraph: Paragraph, broken: list[tuple[int, int]], limit: float) -> list[tuple[int, int]]:
    """The narrowest setting with as many lines."""
    low, high = limit / len(broken) / 2, limit
    best = broken
    for _ in range(_BALANCE_STEPS):
        middle = (low + high) / 2
        tried = _break(paragraph, middle, anywhere=False)
        if tried is not None and len(tried) <= len(broken):
            best, high = tried, middle
        else:
            low = middle
    return best
