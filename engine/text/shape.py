"""A paragraph cut into runs of one direction, script and font, and shaped by HarfBuzz. All lengths in em."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import uharfbuzz as hb  # type: ignore[import-untyped]
from uniseg.graphemecluster import grapheme_cluster_boundaries  # type: ignore[import-untyped]
from uniseg.linebreak import line_break_boundaries  # type: ignore[import-untyped]

from engine.text.bidi import embedding_levels, line_levels, paragraph_level, visual_order
from engine.text.library import FontLibrary
from engine.text.script import cluster_scripts, is_emoji, is_ideographic_punctuation, is_in_korean_word
from engine.text.typeface import Typeface, is_invisible

SOFT_HYPHEN = "\xad"
_FINAL_HYPHEN = "-"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a line.

    Attributes:
        typeface: whose glyph it is.
        id: the glyph's number in the font.
        x, y: em from the line's left end and baseline to the glyph's origin; y points up.
        advance: em to the next glyph.
        rank: the grapheme cluster that it belongs to, counted over the whole text in reading order.
    """

    typeface: Typeface
    id: int
    x: float
    y: float
    advance: float
    rank: int


@dataclass(slots=True)
class Paragraph:
    """One paragraph, ready to be broken into lines.

    Attributes:
        text: without line separators.
        base: its direction: 0 left-to-right, 1 right-to-left.
        levels: the bidi level of each character.
        starts: where each grapheme cluster begins, and the text's end.
        faces: the typeface of each cluster; None where no font has it, or nothing is to be seen.
        scripts: the ISO 15924 script of each cluster.
        breaks: where a line may end (UAX #14), in Korean with spaces only between words. Within words of scripts
            without spaces (Thai, Lao, Khmer) a dictionary would be needed: there are none.
        widths: the advance of each cluster, em.
        first_rank: rank of the first cluster within the whole text.
        language: see :func:`engine.text.script.guess_language`.
    """

    text: str
    base: int
    levels: list[int]
    starts: list[int]
    faces: list[Typeface | None]
    scripts: list[str]
    breaks: list[int]
    first_rank: int
    language: str
    widths: list[float] = field(default_factory=list)
    _shaped: dict[tuple[int, int, int, bool], list[Glyph]] = field(default_factory=dict)

    def clusters(self) -> list[str]:
        """The grapheme clusters."""
        return [self.text[a:b] for a, b in pairwise(self.starts)]


@dataclass(frozen=True, slots=True)
class Style:
    """What choosing and shaping fonts depends on: the main typeface and what fallbacks are to match."""

    typeface: Typeface
    weight: int
    italic: bool


def make_paragraph(
    text: str, style: Style, library: FontLibrary, language: str, first_rank: int, missing: list[str]
) -> Paragraph:
    """Analyse and measure a paragraph.

    Args:
        text: without line separators.
        style: the fonts that are wanted.
        library: where fallbacks come from.
        language: of the whole text.
        first_rank: rank of its first cluster.
        missing: clusters that no font has are added here.
    """
    starts = list(grapheme_cluster_boundaries(text)) if text else [0]
    clusters = [text[a:b] for a, b in pairwise(starts)]
    base = paragraph_level(text)
    paragraph = Paragraph(
        text,
        base,
        embedding_levels(text, base),
        starts,
        _choose_faces(clusters, style, library, language, missing),
        cluster_scripts(clusters),
        _breaks(text),
        first_rank,
        language,
    )
    paragraph.widths = _measure(paragraph)
    return paragraph


def shape_line(paragraph: Paragraph, start: int, end: int, hyphen: bool = True) -> tuple[list[Glyph], float]:
    """Set the clusters [start, end) as one line: its glyphs from left to right, and its width in em.

    Spaces at its end are left out; a soft hyphen there is shown unless ``hyphen`` is false.
    """
    clusters = paragraph.clusters()
    while end > start and clusters[end - 1].isspace():
        end -= 1
    if start == end:
        return [], 0.0
    first, last = paragraph.starts[start], paragraph.starts[end]
    levels = line_levels(paragraph.text, paragraph.levels, paragraph.base, first, last)
    shows_hyphen = hyphen and paragraph.text[last - 1] == SOFT_HYPHEN and end < len(clusters)
    runs = _runs(paragraph, levels, start, end)
    glyphs: list[Glyph] = []
    x = 0.0
    for n in visual_order([level for _, _, level in runs]):
        a, b, level = runs[n]
        for glyph in _shape_run(paragraph, a, b, level, shows_hyphen and b == end):
            glyphs.append(Glyph(glyph.typeface, glyph.id, x + glyph.x, glyph.y, glyph.advance, glyph.rank))
            x += glyph.advance
    return glyphs, x


def _breaks(text: str) -> list[int]:
    if not text:
        return []
    breaks = list(line_break_boundaries(text))
    if " " not in text:
        return breaks
    return [at for at in breaks if not 0 < at < len(text) or not is_in_korean_word(text[at - 1], text[at])]


def _choose_faces(
    clusters: Sequence[str], style: Style, library: FontLibrary, language: str, missing: list[str]
) -> list[Typeface | None]:
    faces: list[Typeface | None] = []
    for i, cluster in enumerate(clusters):
        previous = faces[-1] if faces else None
        if all(is_invisible(ch) for ch in cluster):
            faces.append(previous)
            continue
        if cluster.isspace():
            keep = previous is not None and not previous.color and previous.covers(cluster)
            faces.append(previous if keep else style.typeface)
            continue
        color = is_emoji(cluster)
        if is_ideographic_punctuation(clusters, i):
            face = library.fallback("\u4e00", style.weight, style.italic, language=language or "zh-hans")
            if face is not None and face.covers(cluster) and not style.typeface.covers("\u4e00"):
                faces.append(face)
                continue
        # The wanted font first, but for emoji, unless it is a colour font itself.
        if style.typeface.covers(cluster) and (not color or style.typeface.color):
            faces.append(style.typeface)
            continue
        face = library.fallback(cluster, style.weight, style.italic, color=color, language=language)
        if face is None and color and style.typeface.covers(cluster):
            face = style.typeface
        if face is None:
            face = _part_of(cluster, style, library, color, language)
            missing.append(cluster)
        faces.append(face)
    return faces


def _part_of(cluster: str, style: Style, library: FontLibrary, color: bool, language: str) -> Typeface | None:
    """A face for a cluster's first character where none has all of it: a letter without a rare mark is still read."""
    for face in (
        style.typeface,
        library.fallback(cluster[0], style.weight, style.italic, color=color, language=language),
    ):
        if face is not None and face.covers(cluster[0]) and not is_invisible(cluster[0]):
            return face
    return None


def _runs(paragraph: Paragraph, levels: Sequence[int], start: int, end: int) -> list[tuple[int, int, int]]:
    """Stretches of clusters of one level, script and typeface: first, one past the last, level."""
    runs: list[tuple[int, int, int]] = []
    offset = paragraph.starts[start]
    for i in range(start, end):
        level = levels[paragraph.starts[i] - offset]
        if runs:
            a, _, previous = runs[-1]
            same = previous == level and paragraph.faces[a] is paragraph.faces[i]
            if same and paragraph.scripts[a] == paragraph.scripts[i]:
                runs[-1] = (a, i + 1, level)
                continue
        runs.append((i, i + 1, level))
    return runs


def _shape_run(paragraph: Paragraph, start: int, end: int, level: int, hyphen: bool = False) -> list[Glyph]:
    key = (start, end, level, hyphen)
    if key not in paragraph._shaped:
        paragraph._shaped[key] = _shape(paragraph, start, end, level, hyphen)
    return paragraph._shaped[key]


def _shape(paragraph: Paragraph, start: int, end: int, level: int, hyphen: bool) -> list[Glyph]:
    """Glyphs of a run from left to right; x and y are offsets from the pen."""
    typeface = paragraph.faces[start]
    if typeface is None:
        return []
    first, last = paragraph.starts[start], paragraph.starts[end]
    codes = [ord(ch) for ch in paragraph.text]
    if hyphen:
        codes[last - 1] = ord(_FINAL_HYPHEN)
    buffer = hb.Buffer()
    buffer.add_codepoints(codes, first, last - first)
    buffer.direction = "rtl" if level % 2 else "ltr"
    buffer.script = paragraph.scripts[start]
    # Without a language HarfBuzz asks the locale, and the same text would look different elsewhere.
    buffer.language = paragraph.language or "und"
    hb.shape(typeface.font, buffer)
    scale = 1.0 / typeface.upem
    ranks = _ranks(paragraph, start, end)
    return [
        Glyph(
            typeface,
            info.codepoint,
            position.x_offset * scale,
            position.y_offset * scale,
            position.x_advance * scale,
            ranks.get(info.cluster, paragraph.first_rank + start),
        )
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        if info.codepoint  # 0 is the box of a character that the font does not have: it is left out, with a note
    ]


def _ranks(paragraph: Paragraph, start: int, end: int) -> dict[int, int]:
    return {
        at: paragraph.first_rank + i
        for i in range(start, end)
        for at in range(paragraph.starts[i], paragraph.starts[i + 1])
    }


def _measure(paragraph: Paragraph) -> list[float]:
    widths = [0.0] * (len(paragraph.starts) - 1)
    for a, b, level in _runs(paragraph, paragraph.levels, 0, len(widths)) if widths else []:
        for glyph in _shape_run(paragraph, a, b, level):
            widths[glyph.rank - paragraph.first_rank] += glyph.advance
    return widths
