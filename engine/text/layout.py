"""From a text and a look to lines with places on the canvas, in continuous canvas pixels (pixel centres at +0.5)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from engine.text.library import FontLibrary
from engine.text.lines import SHRINK_STEP, Line, Span, break_lines, set_lines
from engine.text.missing import missing_notes, plain_emoji_note
from engine.text.roles import Look, SafeArea, safe_area
from engine.text.script import guess_language, is_emoji
from engine.text.shape import Glyph, Paragraph, Style, make_paragraph
from engine.text.typeface import Typeface

MAX_CHARACTERS = 5000
"""Longer texts are cut: no canvas shows more."""

BASE = 0.16
"""Em below the last baseline that still belong to the block: a part of the descenders, so that a line looks centred."""

MAX_MARKS = 30
"""Marks and format characters in a row, as in the Stream-Safe Text Format (UAX #15): no writing has more, but the time
to segment a text grows with the square of them."""

MAX_SPACES = 200
"""Spaces in a row, for the same reason: more than any line has room for."""

WITHOUT_SPACES = {"Thai": "Thai", "Laoo": "Lao", "Khmr": "Khmer", "Mymr": "Burmese"}
"""Scripts whose words only a dictionary can tell apart (UAX #14, class SA): there is none here."""

ELLIPSIS = "…"
OUTSIDE = "A part of the text lies outside of the canvas: x and y are where its middle stands, move them inwards."
_TAB = "    "
_LONGEST_RUN = {"space": MAX_SPACES, "mark": MAX_MARKS, "": MAX_CHARACTERS}
_SEPARATORS = ("\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line on the canvas.

    Attributes:
        glyphs: from left to right; their x and y are em from the line's origin.
        x, baseline: the line's origin, canvas pixels, y down.
        width: pixels.
        rtl: whether its paragraph runs right-to-left.
    """

    glyphs: tuple[Glyph, ...]
    x: float
    baseline: float
    width: float
    rtl: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A text that stands on a canvas.

    Attributes:
        size: pixels of the em square.
        lines: from top to bottom.
        left, top, right, bottom: the block of text, without a box's padding.
        ranks: how many grapheme clusters there are up to the last that is shown; glyphs carry ranks 0 .. ranks - 1.
        notes: sentences about what could not be done as asked.
    """

    size: float
    lines: tuple[PlacedLine, ...]
    left: float
    top: float
    right: float
    bottom: float
    ranks: int
    notes: tuple[str, ...]


def lay_out(text: str, look: Look, frame_size: tuple[int, int], library: FontLibrary) -> Layout:
    """Choose fonts, shape, break, fit and place a text. Never raises for any text.

    Args:
        text: any Unicode text; line separators are kept.
        look: how it is to look.
        frame_size: width and height of the canvas in pixels.
        library: where fonts come from.
    """
    notes: list[str] = []
    cleaned = clean(text, notes)
    typeface, font_notes = library.find(look.font, look.weight, look.italic)
    notes.extend(font_notes)
    style = Style(typeface, look.weight, look.italic)
    language = guess_language(cleaned)
    missing: list[str] = []
    paragraphs: list[Paragraph] = []
    rank = 0
    for part in cleaned.split("\n"):
        paragraph = make_paragraph(part, style, library, language, rank, missing)
        paragraphs.append(paragraph)
        rank += len(paragraph.widths)
    notes.extend(missing_notes(missing, language))
    notes.extend(plain_emoji_note(_plain_emoji(paragraphs, missing)))

    area = safe_area(*frame_size)
    size, lines = _fit(paragraphs, look, frame_size, area, style, library, notes)
    # A typewriter takes no time for what was cut off.
    shown = max((glyph.rank + 1 for line in lines for glyph in line.glyphs), default=0)
    placed = _place(lines, size, look, frame_size, area, typeface, shown, tuple(notes))
    own_place = look.x is not None or look.y is not None
    if shown and own_place and _is_cut(placed, frame_size):
        return replace(placed, notes=(*placed.notes, OUTSIDE))
    return placed


def clean(text: str, notes: list[str]) -> str:
    """A text with one kind of line separator, without what is no text; blank lines at its ends are dropped."""
    if len(text) > MAX_CHARACTERS:
        notes.append(f"The text is longer than {MAX_CHARACTERS} characters: the rest was left out.")
        text = text[:MAX_CHARACTERS]
    for separator in _SEPARATORS:
        text = text.replace(separator, "\n")
    text = text.replace("\t", _TAB)
    text = "".join(ch for ch in text if ch == "\n" or (ord(ch) >= 0x20 and not _is_no_text(ord(ch))))
    text = "".join("".join(islice(run, _LONGEST_RUN[kind])) for kind, run in groupby(text, _run_kind))
    lines = [line.rstrip(" ") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    return "\n".join(lines)


def _run_kind(ch: str) -> str:
    if ch == " ":
        return "space"
    return "mark" if unicodedata.category(ch) in ("Mn", "Mc", "Me", "Cf") else ""


def _is_no_text(code: int) -> bool:
    """Controls, halves of surrogate pairs, and the code points that Unicode keeps for nobody."""
    return 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or 0xFDD0 <= code < 0xFDF0 or code & 0xFFFE == 0xFFFE


def _plain_emoji(paragraphs: Sequence[Paragraph], missing: Sequence[str]) -> list[str]:
    return [
        cluster
        for paragraph in paragraphs
        for cluster, face in zip(paragraph.clusters(), paragraph.faces, strict=True)
        if face is not None and not face.color and is_emoji(cluster) and cluster not in missing
    ]


def _fit(
    paragraphs: Sequence[Paragraph],
    look: Look,
    frame_size: tuple[int, int],
    area: SafeArea,
    style: Style,
    library: FontLibrary,
    notes: list[str],
) -> tuple[float, list[Line]]:
    """The largest size at which the text fits, and its lines at that size."""
    padding = look.box.padding if look.box else 0.0
    width = min(look.width * frame_size[0], area.right - area.left)
    height = min(look.height * frame_size[1], area.bottom - area.top)
    pitch, top = _pitch(paragraphs, style, look.leading), _top(paragraphs, style)
    size = look.size
    while True:
        spans = break_lines(paragraphs, width / size - 2 * padding)
        if spans is not None and _height(len(spans), pitch, top, padding) * size <= height:
            return size, set_lines(spans)
        if size <= look.min_size:
            break
        size = max(size * SHRINK_STEP, look.min_size)
    unbroken = sorted({name for p in paragraphs for name in p.scripts} & WITHOUT_SPACES.keys())
    if unbroken:
        names = " and ".join(WITHOUT_SPACES[name] for name in unbroken)
        notes.append(
            f"The {names} text is long, and lines may end within its words, which are written without spaces: "
            "put line breaks or zero-width spaces where lines may end."
        )
    limit = max(width / size - 2 * padding, 0.5)
    spans = break_lines(paragraphs, limit, anywhere=True) or []
    most = max(int((height / size - 2 * padding - top - BASE) / pitch + 1 + 1e-6), 1)
    lines = set_lines(spans[:most])
    if len(spans) > most:
        shown = sum(span.end - span.start for span in spans[:most])
        total = sum(len(paragraph.widths) for paragraph in paragraphs)
        notes.append(f"The text is too long for the canvas: {shown} of its {total} characters are shown.")
        lines[-1] = _end_with_ellipsis(spans[most - 1], limit, style, library)
    return size, lines


def _height(count: int, pitch: float, top: float, padding: float) -> float:
    return top + (count - 1) * pitch + BASE + 2 * padding


def _used(paragraphs: Sequence[Paragraph], style: Style) -> list[Typeface]:
    found = {id(style.typeface): style.typeface}
    for paragraph in paragraphs:
        found.update({id(face): face for face in paragraph.faces if face is not None})
    return list(found.values())


def _pitch(paragraphs: Sequence[Paragraph], style: Style, leading: float) -> float:
    """Em from baseline to baseline: room for the tallest font that the text uses."""
    used = _used(paragraphs, style)
    return leading * (max(f.metrics.ascent for f in used) + max(f.metrics.descent for f in used))


def _top(paragraphs: Sequence[Paragraph], style: Style) -> float:
    """Em from the first baseline to what the eye takes as the block's upper edge."""
    return max(face.metrics.top for face in _used(paragraphs[:1], style))


def _end_with_ellipsis(span: Span, limit: float, style: Style, library: FontLibrary) -> Line:
    """The line with an ellipsis in place of as many of its clusters as that needs."""
    paragraph = span.paragraph
    end = span.end
    while True:
        kept = "".join(paragraph.clusters()[span.start : end]).rstrip()
        tried = make_paragraph(
            kept + ELLIPSIS, style, library, paragraph.language, paragraph.first_rank + span.start, []
        )
        if end <= span.start or sum(tried.widths) <= limit:
            return replace(set_lines([Span(tried, 0, len(tried.widths))])[0], rtl=bool(paragraph.base))
        end -= 1


def _place(
    lines: Sequence[Line],
    size: float,
    look: Look,
    frame_size: tuple[int, int],
    area: SafeArea,
    typeface: Typeface,
    ranks: int,
    notes: tuple[str, ...],
) -> Layout:
    used = [g.typeface.metrics for line in lines for g in line.glyphs] or [typeface.metrics]
    first = [g.typeface.metrics for g in lines[0].glyphs] if lines else []
    # The main font counts even where it has no glyph, so that captions do not jump.
    used.append(typeface.metrics)
    first.append(typeface.metrics)
    pitch = look.leading * (max(m.ascent for m in used) + max(m.descent for m in used)) * size
    top = max(m.top for m in first) * size
    padding = look.box.padding * size if look.box else 0.0
    block_width = max((line.width for line in lines), default=0.0) * size
    block_height = top + (len(lines) - 1) * pitch + BASE * size if lines else 0.0
    left = _along(look.x, look.anchor, ("left", "right"), area.left, area.right, frame_size[0], block_width, padding)
    upper = _along(look.y, look.anchor, ("top", "bottom"), area.top, area.bottom, frame_size[1], block_height, padding)
    placed = []
    for n, line in enumerate(lines):
        free = block_width - line.width * size
        x = left + free * _share(look.align, line.rtl)
        placed.append(PlacedLine(line.glyphs, x, upper + top + n * pitch, line.width * size, line.rtl))
    return Layout(size, tuple(placed), left, upper, left + block_width, upper + block_height, ranks, notes)


def _along(
    middle: float | None,
    anchor: str,
    sides: tuple[str, str],
    low: float,
    high: float,
    length: int,
    block: float,
    padding: float,
) -> float:
    """Where the block begins on one axis; with its padding it stays inside the safe area."""
    if middle is not None:
        return middle * length - block / 2
    if sides[0] in anchor:
        return low + padding
    if sides[1] in anchor:
        return high - padding - block
    return length / 2 - block / 2


def _is_cut(layout: Layout, frame_size: tuple[int, int]) -> bool:
    """Whether more than a pixel of the block lies outside of the canvas."""
    width, height = frame_size
    return layout.left < -1 or layout.top < -1 or layout.right > width + 1 or layout.bottom > height + 1


def _share(align: str, rtl: bool) -> float:
    """How much of a line's free width stands on its left."""
    if align == "center":
        return 0.5
    if align in ("start", "end"):
        return float((align == "start") == rtl)
    return float(align == "right")
