"""Small fonts made by the tests: every glyph is a square, so a test knows where the ink must be."""

from pathlib import Path

from fontTools.colorLib.builder import buildCOLR, buildCPAL
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables.sbixGlyph import Glyph
from fontTools.ttLib.tables.sbixStrike import Strike

UPEM = 1000
ADVANCE = 1000
SQUARE = (100, 0, 900, 800)
"""Left, bottom, right, top of every glyph's square, font units."""

RED = (1.0, 0.0, 0.0, 1.0)


def make_font(path: Path, characters: str, family: str = "Squares", weight: int = 400, color: bool = False) -> Path:
    """Write a TrueType font with a square for each character; with ``color`` every glyph is a red one (COLR 0)."""
    names = [f"c{index}" for index in range(len(characters))]
    order = [".notdef", "space", *names, *(["red"] if color else [])]
    builder = FontBuilder(UPEM, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord(ch): name for ch, name in zip(characters, names, strict=True)} | {0x20: "space"})
    left, bottom, right, top = SQUARE
    pen = TTGlyphPen(None)
    pen.moveTo((left, bottom))
    pen.lineTo((left, top))
    pen.lineTo((right, top))
    pen.lineTo((right, bottom))
    pen.closePath()
    square, empty = pen.glyph(), TTGlyphPen(None).glyph()
    builder.setupGlyf({name: empty if name == "space" else square for name in order})
    builder.setupHorizontalMetrics({name: (ADVANCE, 0 if name == "space" else left) for name in order})
    builder.setupHorizontalHeader(ascent=900, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "fullName": family, "psName": family})
    builder.setupOS2(usWeightClass=weight, sTypoAscender=900, sTypoDescender=-200, sCapHeight=800, version=4)
    builder.setupPost()
    if color:
        builder.font["COLR"] = buildCOLR({name: [("red", 0)] for name in names}, version=0)
        builder.font["CPAL"] = buildCPAL([[RED]])
    builder.save(path)
    return path


def add_bitmaps(path: Path, picture: bytes, ppem: int = 100) -> Path:
    """Give every glyph of a font the same PNG, ``ppem`` pixels to the em (table ``sbix``)."""
    font = TTFont(path)
    strike = Strike(ppem=ppem, resolution=72)
    for name in font.getGlyphOrder():
        shown = name not in (".notdef", "space")
        strike.glyphs[name] = Glyph(
            glyphName=name,
            graphicType="png " if shown else None,
            imageData=picture if shown else None,
            originOffsetX=0,
            originOffsetY=0,
        )
    table = newTable("sbix")
    table.version, table.flags, table.numStrikes, table.strikes = 1, 1, 1, {ppem: strike}
    font["sbix"] = table
    font.save(path)
    return path
