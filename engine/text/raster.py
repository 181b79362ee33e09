"""Glyphs to pixels, by HarfBuzz's rasteriser: unhinted outlines with exact area coverage, glyphs in colour.

Positions are continuous canvas pixels (pixel centres at +0.5), y down, and are kept to a fraction of a pixel.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import uharfbuzz as hb  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PIL import Image

from engine.core.frames import Plane
from engine.text.typeface import Typeface

MAX_BITMAP_SIDE = 2048
"""Pixels: larger bitmaps inside a font are not decoded."""


@dataclass(frozen=True, slots=True)
class PlacedGlyph:
    """A glyph on the canvas.

    Attributes:
        typeface, id: which glyph.
        x, y: its origin, canvas pixels.
        rank: its grapheme cluster, see :class:`engine.text.shape.Glyph`.
    """

    typeface: Typeface
    id: int
    x: float
    y: float
    rank: int


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of whole canvas pixels: [left, left + width) x [top, top + height)."""

    left: int
    top: int
    width: int
    height: int


def ink_box(glyphs: Sequence[PlacedGlyph], size: float) -> tuple[float, float, float, float] | None:
    """A box around all that glyphs draw: left, top, right, bottom in canvas pixels; None where they draw nothing."""
    boxes = []
    for glyph in glyphs:
        extents = glyph.typeface.font.get_glyph_extents(glyph.id)
        if extents is None or (extents.width == 0 and extents.height == 0):
            continue
        scale = size / glyph.typeface.upem
        left, top = glyph.x + extents.x_bearing * scale, glyph.y - extents.y_bearing * scale
        right, bottom = left + extents.width * scale, top - extents.height * scale
        boxes.append((min(left, right), min(top, bottom), max(left, right), max(top, bottom)))
    if not boxes:
        return None
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def draw_coverage(glyphs: Sequence[PlacedGlyph], size: float, window: Window) -> Plane:
    """The coverage of glyphs without colours of their own: shape (H, W) of the window, uint8.

    All glyphs are one shape, so where letters touch or overlap (Arabic) no seam shows.
    """
    drawing = hb.RasterDraw()
    drawing.extents = _extents(window)
    some = False
    for glyph in glyphs:
        if not has_color(glyph):
            scale = size / glyph.typeface.upem
            drawing.transform = (scale, 0.0, 0.0, scale, glyph.x, -glyph.y)
            some |= bool(drawing.draw_glyph_or_fail(glyph.typeface.font, glyph.id))
    image = drawing.render() if some else None
    if image is None:
        return np.zeros((window.height, window.width), np.uint8)
    return np.ascontiguousarray(_rows(image, window, 1)[:, : window.width])


def draw_colors(glyphs: Sequence[PlacedGlyph], size: float, window: Window) -> NDArray[np.uint8] | None:
    """The glyphs that have colours of their own: shape (H, W, 4), R, G, B, A, uint8, times alpha; None for none.

    COLR glyphs (versions 0 and 1) are painted as outlines and gradients; bitmaps (CBDT, sbix) are scaled by Pillow's
    Lanczos filter, which widens as it shrinks.
    """
    colored = [glyph for glyph in glyphs if has_color(glyph)]
    if not colored:
        return None
    canvas = np.zeros((window.height, window.width, 4), np.uint8)
    for glyph in colored:
        box = ink_box([glyph], size)
        if box is None:
            continue
        part = _clipped(box, window)
        if part is None:
            continue
        face = glyph.typeface.hb_face
        if face.has_color_paint or face.has_color_layers:
            picture = _paint(glyph, size, part)
        else:
            picture = _bitmap(glyph, box, part)
        if picture is not None:
            y, x = part.top - window.top, part.left - window.left
            _over(canvas[y : y + part.height, x : x + part.width], picture)
    return canvas


def has_color(glyph: PlacedGlyph) -> bool:
    """Whether a glyph brings its own colours."""
    typeface = glyph.typeface
    if not typeface.color:
        return False
    face = typeface.hb_face
    if face.has_color_paint and face.glyph_has_color_paint(glyph.id):
        return True
    if face.has_color_layers and face.get_glyph_color_layers(glyph.id):
        return True
    return bool(face.has_color_png and len(typeface.font.get_glyph_color_png(glyph.id)))


def _extents(window: Window) -> "hb.RasterExtents":
    return hb.RasterExtents(
        x_origin=window.left,
        y_origin=-(window.top + window.height),
        width=window.width,
        height=window.height,
        stride=0,
    )


def _rows(image: "hb.RasterImage", window: Window, channels: int) -> NDArray[np.uint8]:
    """The picture's rows from the top down; each may be longer than the window is wide."""
    stride = image.extents.stride
    rows = np.frombuffer(image.buffer, np.uint8).reshape(window.height, stride)[::-1]
    return rows[:, : window.width * channels]


def _clipped(box: tuple[float, float, float, float], window: Window) -> Window | None:
    left, top = max(int(box[0]) - 2, window.left), max(int(box[1]) - 2, window.top)
    right = min(int(box[2]) + 3, window.left + window.width)
    bottom = min(int(box[3]) + 3, window.top + window.height)
    return Window(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _paint(glyph: PlacedGlyph, size: float, part: Window) -> NDArray[np.uint8] | None:
    painting = hb.RasterPaint()
    scale = size / glyph.typeface.upem
    painting.transform = (scale, 0.0, 0.0, scale, glyph.x, -glyph.y)
    painting.extents = _extents(part)
    if not painting.paint_glyph_or_fail(glyph.typeface.font, glyph.id):
        return None
    image = painting.render()
    if image is None:
        return None
    pixels = _rows(image, part, 4).reshape(part.height, part.width, 4)
    return pixels[:, :, [2, 1, 0, 3]]


def _bitmap(glyph: PlacedGlyph, box: tuple[float, float, float, float], part: Window) -> NDArray[np.uint8] | None:
    data = bytes(glyph.typeface.font.get_glyph_color_png(glyph.id).data or b"")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as file:
            if max(file.size) > MAX_BITMAP_SIDE:
                return None
            picture = file.convert("RGBA").convert("RGBa")
    except (OSError, ValueError, SyntaxError):
        return None
    # The window in the bitmap's own pixels; around the bitmap there is nothing.
    fx, fy = picture.width / (box[2] - box[0]), picture.height / (box[3] - box[1])
    left, top = (part.left - box[0]) * fx, (part.top - box[1]) * fy
    right, bottom = left + part.width * fx, top + part.height * fy
    pad = int(max(4.0, -left, -top, right - picture.width, bottom - picture.height)) + 2
    framed = Image.new("RGBa", (picture.width + 2 * pad, picture.height + 2 * pad))
    framed.paste(picture, (pad, pad))
    source = (left + pad, top + pad, right + pad, bottom + pad)
    size = (part.width, part.height)
    bands = [np.asarray(band.resize(size, Image.Resampling.LANCZOS, box=source)) for band in framed.split()]
    pixels = np.stack(bands, axis=-1)
    # The filter overshoots: no colour may exceed its alpha.
    np.minimum(pixels[:, :, :3], pixels[:, :, 3:], out=pixels[:, :, :3])
    return pixels


def _over(below: NDArray[np.uint8], above: NDArray[np.uint8]) -> None:
    """Porter and Duff's over, in place, colours multiplied by alpha."""
    clear = 255 - above[:, :, 3:].astype(np.uint16)
    below[:] = np.minimum(above + (below * clear + 127) // 255, 255)
