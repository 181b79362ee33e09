"""The line around letters: FreeType's stroker over the outlines that HarfBuzz gives.

HarfBuzz draws a face as it was set up (weight axis, synthetic weight and slant); FreeType strokes those outlines with
round joins and rasterises the result with exact area coverage.
"""

import ctypes
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import freetype  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane
from engine.text.typeface import Typeface

MAX_STROKES = 2048
"""Stroked outlines that are kept."""

_UNIT = 64  # FreeType's positions are 26.6 fixed point
_ON, _CONIC, _CUBIC = 1, 0, 2
_MAX_POINTS = 32_000  # of one outline: FreeType counts them in 16 bits

# FreeType's library object may not be used by two threads at once.
_LOCK = threading.Lock()
_STROKES: OrderedDict[tuple[int, int, int, int], "tuple[Typeface, _Points | None]"] = OrderedDict()


class _Points:
    """An outline: the arrays that an ``FT_Outline`` points to."""

    def __init__(self, points: NDArray[np.int64], tags: NDArray[np.uint8], ends: NDArray[np.uint16]) -> None:
        self.points, self.tags, self.ends = points, tags, ends

    def outline(self, dx: int = 0, dy: int = 0) -> "freetype.FT_Outline":
        """An ``FT_Outline`` over a moved copy of the points; dx, dy in 1/64 px."""
        moved = np.ascontiguousarray(self.points + np.array([dx, dy], np.int64), dtype=_fixed())
        outline = freetype.FT_Outline()
        outline.n_contours, outline.n_points = len(self.ends), len(self.tags)
        for name, array in (("points", moved), ("tags", self.tags), ("contours", self.ends)):
            kind = dict(freetype.FT_Outline._fields_)[name]
            setattr(outline, name, ctypes.cast(array.ctypes.data_as(ctypes.c_void_p), kind))
        outline.keep = (moved, self.tags, self.ends)
        return outline


def draw_strokes(
    glyphs: Sequence[tuple[Typeface, int, float, float]], size: float, radius: float, left: int, top: int, out: Plane
) -> None:
    """Draw the lines around glyphs into a plane, over what is in it (the larger coverage wins).

    Args:
        glyphs: typeface, glyph number, and the glyph's origin in canvas pixels, y down.
        size: pixels of the em square.
        radius: pixels from the outline to either side.
        left, top: where the plane's top left pixel lies on the canvas.
        out: shape (H, W), uint8 coverage 0..255.
    """
    with _LOCK:
        for typeface, glyph, x, y in glyphs:
            stroke = _stroke(typeface, glyph, size, radius)
            if stroke is not None:
                _draw(stroke, round((x - left) * _UNIT), round((y - top) * _UNIT), out)


def _draw(stroke: _Points, x: int, y: int, out: Plane) -> None:
    # FreeType's planes have their origin at the bottom left, and it draws what lies within.
    low, high = stroke.points.min(axis=0), stroke.points.max(axis=0)
    x0, x1 = (int(low[0]) + x) // _UNIT, (int(high[0]) + x) // _UNIT + 1
    y0, y1 = (y - int(high[1])) // _UNIT, (y - int(low[1])) // _UNIT + 1
    height, width = out.shape
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    if x1 <= x0 or y1 <= y0:
        return
    plane = np.zeros((y1 - y0, x1 - x0), np.uint8)
    bitmap = freetype.FT_Bitmap()
    bitmap.rows, bitmap.width, bitmap.pitch = plane.shape[0], plane.shape[1], plane.shape[1]
    bitmap.num_grays, bitmap.pixel_mode = 256, freetype.FT_PIXEL_MODE_GRAY
    bitmap.buffer = ctypes.cast(plane.ctypes.data_as(ctypes.c_void_p), dict(freetype.FT_Bitmap._fields_)["buffer"])
    outline = stroke.outline(x - x0 * _UNIT, y1 * _UNIT - y)
    if freetype.FT_Outline_Get_Bitmap(freetype.get_handle(), ctypes.byref(outline), ctypes.byref(bitmap)):
        return
    target = out[y0:y1, x0:x1]
    np.maximum(target, plane, out=target)


def _stroke(typeface: Typeface, glyph: int, size: float, radius: float) -> _Points | None:
    key = (id(typeface), glyph, round(size * _UNIT), round(radius * _UNIT))
    if key in _STROKES:
        _STROKES.move_to_end(key)
        return _STROKES[key][1]
    # The typeface is kept beside, so that no other object can take its id.
    _STROKES[key] = typeface, _make_stroke(typeface, glyph, size, radius)
    while len(_STROKES) > MAX_STROKES:
        _STROKES.popitem(last=False)
    return _STROKES[key][1]


def _make_stroke(typeface: Typeface, glyph: int, size: float, radius: float) -> _Points | None:
    pen = _Pen(size / typeface.upem * _UNIT)
    typeface.font.draw_glyph_with_pen(glyph, pen)
    source = pen.points()
    if source is None:
        return None
    outline = source.outline()
    stroker = freetype.FT_Stroker()
    if freetype.FT_Stroker_New(freetype.get_handle(), ctypes.byref(stroker)):
        return None
    try:
        freetype.FT_Stroker_Set(
            stroker,
            round(radius * _UNIT),
            freetype.FT_STROKER_LINECAP_ROUND,
            freetype.FT_STROKER_LINEJOIN_ROUND,
            0,
        )
        points, contours = ctypes.c_uint(), ctypes.c_uint()
        if freetype.FT_Stroker_ParseOutline(stroker, ctypes.byref(outline), False) or freetype.FT_Stroker_GetCounts(
            stroker, ctypes.byref(points), ctypes.byref(contours)
        ):
            return None
        if not 0 < points.value <= _MAX_POINTS:
            return None
        result = _Points(
            np.zeros((points.value, 2), np.int64),
            np.zeros(points.value, np.uint8),
            np.zeros(contours.value, np.uint16),
        )
        exported = result.outline()
        exported.n_points = exported.n_contours = 0
        freetype.FT_Stroker_Export(stroker, ctypes.byref(exported))
        moved = exported.keep[0]
        return _Points(moved.astype(np.int64), result.tags, result.ends)
    finally:
        freetype.FT_Stroker_Done(stroker)


def _fixed() -> "np.dtype[np.signedinteger[Any]]":
    """``FT_Pos``: a C long."""
    return np.dtype(np.int64 if ctypes.sizeof(ctypes.c_long) == 8 else np.int32)


class _Pen:
    """Collects an outline in 1/64 px, y up (the pen protocol of fontTools)."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._points: list[tuple[int, int]] = []
        self._tags: list[int] = []
        self._ends: list[int] = []

    def points(self) -> _Points | None:
        if not self._points or len(self._points) > _MAX_POINTS:
            return None
        return _Points(
            np.array(self._points, np.int64), np.array(self._tags, np.uint8), np.array(self._ends, np.uint16)
        )

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._add(point, _ON)

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._add(point, _ON)

    def qCurveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        for point in points[:-1]:
            self._add(point, _CONIC)
        self._add(points[-1], _ON)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        for point in points[:-1]:
            self._add(point, _CUBIC)
        self._add(points[-1], _ON)

    def closePath(self) -> None:  # noqa: N802
        start = self._ends[-1] + 1 if self._ends else 0
        # FreeType closes contours itself; a last point upon the first would be a corner of its own.
        if len(self._points) - start > 1 and self._points[-1] == self._points[start] and self._tags[-1] == _ON:
            self._points.pop()
            self._tags.pop()
        if len(self._points) - start < 3:
            del self._points[start:], self._tags[start:]
        else:
            self._ends.append(len(self._points) - 1)

    def endPath(self) -> None:  # noqa: N802
        self.closePath()

    def _add(self, point: tuple[float, float], tag: int) -> None:
        self._points.append((round(point[0] * self._scale), round(point[1] * self._scale)))
        self._tags.append(tag)
