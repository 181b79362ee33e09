"""Pixels: places to a fraction of a pixel, colours, outlines, shadows, boxes, emoji; patches as small as their ink."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.core.frames import Patch
from engine.raster.color import rgb_to_ycbcr
from engine.text.library import FontLibrary
from engine.text.paint import Ink, paint
from engine.text.raster import PlacedGlyph, Window
from engine.text.source import open_text
from engine.timeline.text_style import Box, Outline, Shadow, TextStyle
from tests.text.font_maker import SQUARE, add_bitmaps, make_font
from tests.text.view import alpha_of, box_of, middle_of, to_rgb
from tests.tolerances import TEXT_COLOUR, TEXT_POSITION

CANVAS = Window(0, 0, 400, 300)
SIZE = 100.0
LEFT, BOTTOM, RIGHT, TOP = (value / 1000 * SIZE for value in SQUARE)


def square(library: FontLibrary, ch: str = "א", x: float = 100.0, y: float = 200.0) -> PlacedGlyph:
    typeface = library.fallback(ch, color=ch == "\U0001f600")
    assert typeface is not None
    return PlacedGlyph(typeface, typeface.font.get_nominal_glyph(ord(ch)), x, y, 0)


def painted(glyph: PlacedGlyph, **ink: Any) -> Patch:
    patch = paint(Ink((glyph,), SIZE, ink.pop("color", "#ffffff"), **ink), CANVAS)
    assert patch is not None
    return patch


def alpha(patch: Patch) -> np.ndarray:
    return alpha_of([(patch, 1.0)], (CANVAS.width, CANVAS.height))


@pytest.mark.parametrize("x", [100.0, 100.25, 100.5, 100.9, 101.0])
@pytest.mark.parametrize("y", [200.0, 199.7])
def test_a_glyph_stands_where_it_was_put_to_a_fraction_of_a_pixel(squares: FontLibrary, x: float, y: float) -> None:
    coverage = alpha(painted(square(squares, x=x, y=y)))
    assert middle_of(coverage) == pytest.approx((x + (LEFT + RIGHT) / 2, y - (BOTTOM + TOP) / 2), abs=TEXT_POSITION)
    assert coverage.sum() == pytest.approx((RIGHT - LEFT) * (TOP - BOTTOM), rel=0.002)


def test_a_patch_is_as_small_as_its_ink_and_lies_on_even_pixels(squares: FontLibrary) -> None:
    patch = painted(square(squares, x=101.0))
    assert (patch.x, patch.y) == (110, 120)
    assert patch.frame.height == 80
    assert patch.frame.width in (82, 84)


@pytest.mark.parametrize("color", ["#ffffff", "#ff0000", "#1234ab", "#000000"])
def test_letters_have_their_colour_up_to_the_edge_and_beyond(squares: FontLibrary, color: str) -> None:
    patch = painted(square(squares, x=100.3, y=200.4), color=color)
    rgb = tuple(int(color[n : n + 2], 16) for n in (1, 3, 5))
    for plane, value in zip((patch.frame.y, patch.frame.u, patch.frame.v), rgb_to_ycbcr(*rgb), strict=True):
        assert (plane == value).all()


def test_an_outline_is_as_wide_as_asked_and_lies_under_the_letter(squares: FontLibrary) -> None:
    patch = painted(square(squares), outline=Outline("#0000ff", width=0.08))
    left, top, right, bottom = box_of(alpha(patch) > 0.5)
    reach = 8
    assert (left, right) == (100 + LEFT - reach, 100 + RIGHT + reach)
    assert (top, bottom) == (200 - TOP - reach, 200 - BOTTOM + reach)
    colours = to_rgb(patch)
    middle, edge = colours[160 - patch.y, 150 - patch.x], colours[160 - patch.y, 106 - patch.x]
    assert middle == pytest.approx([255, 255, 255], abs=TEXT_COLOUR)
    assert edge == pytest.approx([0, 0, 255], abs=TEXT_COLOUR)
    corner = alpha(patch)[int(top) + 1, int(left) + 1]
    assert corner < 0.1, "joins are round"


def test_an_outline_at_the_canvas_edge_is_the_part_that_is_on_it(squares: FontLibrary) -> None:
    outline = Outline("#0000ff", width=0.08)
    whole = alpha(painted(square(squares, x=100.0), outline=outline))
    cut = alpha(painted(square(squares, x=-80.0), outline=outline))
    assert cut[:, :18] == pytest.approx(whole[:, 180:198], abs=1e-9)
    assert cut[160, 10:17] == pytest.approx(1.0)


def test_a_shadow_is_moved_and_soft_and_as_dark_as_asked(squares: FontLibrary) -> None:
    shadow = Shadow("#000000", opacity=0.5, dx=1.2, dy=0.1, blur=0.05)
    coverage = alpha(painted(square(squares), shadow=shadow))
    cast = coverage[:, 215:]
    assert cast.max() == pytest.approx(0.5, abs=0.01)
    x, y = middle_of(cast)
    assert (x + 215, y) == pytest.approx((100 + (LEFT + RIGHT) / 2 + 120, 200 - TOP / 2 + 10), abs=0.3)
    edge = coverage[170, 225:235]
    assert (np.diff(edge) > 0).all(), "a soft edge rises"
    sharp = alpha(painted(square(squares), shadow=Shadow(opacity=0.5, dx=1.2, dy=0, blur=0)))
    assert sharp[170, 231] == pytest.approx(0.5, abs=0.01)
    assert sharp[170, 228] == 0


def test_a_wide_blur_keeps_the_shadows_weight_and_place(squares: FontLibrary) -> None:
    def middle(blur: float) -> tuple[float, float, float]:
        style = TextStyle(size=0.05, shadow=Shadow(opacity=1, dx=2, dy=2, blur=blur))
        source = open_text("א", style, (640, 640), Fraction(1), squares)
        patches = source.patches(Fraction(1, 2))
        coverage = alpha_of(patches, (640, 640))
        return (*middle_of(coverage), coverage.sum())

    narrow, wide = middle(0.36), middle(0.40)  # 11.5 and 12.8 px: on either side of the smaller plane
    assert wide[:2] == pytest.approx(narrow[:2], abs=0.05)
    assert wide[2] == pytest.approx(narrow[2], rel=0.02)


def test_a_box_covers_its_rectangle_with_round_corners(squares: FontLibrary) -> None:
    panel = (60.5, 80.0, 260.0, 220.25)
    box = Box("#00ff00", opacity=0.5, padding=0, radius=0.2)
    patch = painted(square(squares), box=box, panel=panel)
    coverage = alpha(patch)
    assert coverage[100, 61:260] == pytest.approx(0.5, abs=0.005)
    assert coverage[100, 60] == pytest.approx(0.25, abs=0.005)
    assert coverage[220, 150] == pytest.approx(0.125, abs=0.005)
    assert coverage[81, 62] == 0
    radius = 20
    quarter = coverage[80:100, 61:81].sum() / 0.5
    assert quarter == pytest.approx(np.pi * radius**2 / 4 + 8.5, abs=2)  # half a pixel more on its right
    assert to_rgb(patch)[100 - patch.y, 200 - patch.x] == pytest.approx([0, 255, 0], abs=TEXT_COLOUR)


def test_an_emoji_brings_its_own_colour_whatever_the_texts_is(squares: FontLibrary) -> None:
    patch = painted(square(squares, "\U0001f600"), color="#00ff00", outline=Outline("#0000ff"))
    assert to_rgb(patch)[160 - patch.y, 150 - patch.x] == pytest.approx([255, 0, 0], abs=TEXT_COLOUR)
    assert alpha(patch).sum() == pytest.approx((RIGHT - LEFT) * (TOP - BOTTOM), rel=0.002)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
@pytest.mark.parametrize("size", [24.0, 100.0, 170.0])
def test_a_bitmap_emoji_is_scaled_in_its_colours(tmp_path: Path, mode: str, size: float) -> None:
    picture = Image.new("RGBA", (100, 100), (0, 0, 255, 255))
    picture.paste((255, 255, 0, 255), (0, 0, 50, 100))
    with io.BytesIO() as file:
        (picture if mode == "RGBA" else picture.convert("P")).save(file, "PNG")
        add_bitmaps(make_font(tmp_path / "font.ttf", "\U0001f600", "Bitmap Emoji"), file.getvalue())
    typeface = FontLibrary([tmp_path], system=False).fallback("\U0001f600", color=True)
    assert typeface is not None
    assert typeface.color
    glyph = PlacedGlyph(typeface, typeface.font.get_nominal_glyph(0x1F600), 100.3, 250.6, 0)
    patch = paint(Ink((glyph,), size, "#ffffff"), CANVAS)
    assert patch is not None
    coverage = alpha(patch)
    assert coverage.sum() == pytest.approx(size**2, rel=0.01)
    x, y = middle_of(coverage)
    assert (x, y) == pytest.approx((100.3 + size / 2, 250.6 - size / 2), abs=0.1)
    colours = to_rgb(patch)
    left, right = (colours[round(y) - patch.y, round(x + step * size) - patch.x] for step in (-0.25, 0.25))
    assert left == pytest.approx([255, 255, 0], abs=TEXT_COLOUR)
    assert right == pytest.approx([0, 0, 255], abs=TEXT_COLOUR)


def test_letters_and_emoji_meet_without_a_fringe(squares: FontLibrary) -> None:
    """Chroma where two colours share a sample is their mean by coverage, so no third colour appears."""
    patch = painted(square(squares, "\U0001f600", x=100.5), color="#ff0000")
    visible = patch.alpha[0::2, 0::2] > 16  # type: ignore[index]
    red = rgb_to_ycbcr(255, 0, 0)
    assert np.abs(patch.frame.u[visible].astype(int) - red[1]).max() <= TEXT_COLOUR
    assert np.abs(patch.frame.v[visible].astype(int) - red[2]).max() <= TEXT_COLOUR


def test_nothing_to_show_makes_no_patch(library: FontLibrary) -> None:
    for text in ("", "   ", "\n\n", "\u200b"):
        source = open_text(text, TextStyle(), (640, 360), Fraction(1), library)
        assert source.patches(Fraction(1, 2)) == []
        assert source.notes == ()


def test_a_canvas_with_an_odd_side_is_refused(library: FontLibrary) -> None:
    with pytest.raises(ValueError, match="even sizes"):
        open_text("a", None, (641, 360), Fraction(1), library)
