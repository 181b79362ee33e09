"""A face opened at one weight: shaping, coverage and metrics, in units of its em square."""

import struct
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz as hb  # type: ignore[import-untyped]

from engine.text.font_file import FontFace, open_blob

SYNTHETIC_BOLD = 0.028
"""Em: how much heavier the letters become where a family has no bold face."""

SYNTHETIC_SLANT = 0.2
"""Tangent of the slant where a family has no italic face (11.3 degrees)."""

BOLD_GAP = 200
"""Weight units by which a face must fall short before its letters are made heavier."""

_CAP_HEIGHT = 0.72
_IDEOGRAPH_TOP = 0.86


@dataclass(frozen=True, slots=True)
class LineMetrics:
    """Vertical measures of a face, in em; all positive.

    Attributes:
        ascent, descent: the font's own line box above and below the baseline, half of its line gap in each.
        top: what the eye takes as the upper edge of a line: the height of capitals, or of ideographs.
    """

    ascent: float
    descent: float
    top: float


class Typeface:
    """A face at one weight and slant. Immutable once made: shaping and drawing may use it from many threads."""

    def __init__(self, face: FontFace, weight: int, italic: bool) -> None:
        self.face = face
        self.family = face.family
        self.color = face.color
        low, high = face.weights
        blob = open_blob(face.path)
        self.hb_face = hb.Face(blob, face.index)
        self.font = hb.Font(self.hb_face)
        self.upem = int(self.hb_face.upem)
        if low != high:
            self.font.set_variations({"wght": float(min(max(weight, low), high))})
        self.synthetic = (weight - high >= BOLD_GAP and not face.color, italic and not face.italic and not face.color)
        if self.synthetic[0]:
            self.font.synthetic_bold = (SYNTHETIC_BOLD, SYNTHETIC_BOLD, False)
        if self.synthetic[1]:
            self.font.synthetic_slant = SYNTHETIC_SLANT
        self.metrics = self._metrics()
        self._known: dict[str, bool] = {}
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """The font file."""
        return self.face.path

    def covers(self, cluster: str) -> bool:
        """Whether it has glyphs for all characters of a grapheme cluster; invisible ones need none."""
        known = self._known.get(cluster)
        if known is None:
            # HarfBuzz composes and decomposes characters to reach the glyphs that a font has.
            known = any(self._has_all(form) for form in dict.fromkeys((cluster, *_forms(cluster))))
            with self._lock:
                self._known[cluster] = known
        return known

    def _has_all(self, text: str) -> bool:
        return all(is_invisible(ch) or bool(self.font.get_nominal_glyph(ord(ch))) for ch in text)

    def _metrics(self) -> LineMetrics:
        extents = self.font.get_font_extents("ltr")
        ascent, descent = extents.ascender / self.upem, -extents.descender / self.upem
        # A broken table must not blow a line up, nor fold it.
        ascent, descent = min(max(ascent, 0.5), 3.0), min(max(descent, 0.0), 2.0)
        gap = min(max(extents.line_gap / self.upem, 0.0), 1.0)
        return LineMetrics(ascent + gap / 2, descent + gap / 2, self._top())

    def _top(self) -> float:
        if self.font.get_nominal_glyph(0x4E00) or self.color:
            return _IDEOGRAPH_TOP
        os2 = bytes(self.hb_face.reference_table("OS/2").data or b"")
        height = struct.unpack_from(">h", os2, 88)[0] / self.upem if len(os2) >= 90 else 0.0
        return height if 0.4 < height < 0.9 else _CAP_HEIGHT


def _forms(cluster: str) -> tuple[str, ...]:
    return () if cluster.isascii() else (unicodedata.normalize("NFC", cluster), unicodedata.normalize("NFD", cluster))


def is_invisible(ch: str) -> bool:
    """Whether a character shows nothing by itself: joiners, variation selectors, direction marks, tags, controls."""
    code = ord(ch)
    return (
        code < 0x20
        or 0x7F <= code < 0xA0
        or code in (0xAD, 0x34F, 0x61C, 0xFEFF, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0)
        or 0x180B <= code <= 0x180F
        or 0x200B <= code <= 0x200F
        or 0x2028 <= code <= 0x202E
        or 0x2060 <= code <= 0x206F
        or 0xFE00 <= code <= 0xFE0F
        or 0xFFF0 <= code <= 0xFFF8
        or 0x1D173 <= code <= 0x1D17A
        or 0xE0000 <= code <= 0xE0FFF
    )
