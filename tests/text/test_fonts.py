"""Finding fonts: by name, weight, slant and file; fallbacks; files that are broken or missing."""

from pathlib import Path

import pytest

from engine.core.errors import CorruptMedia, UnreadableMedia
from engine.text.font_file import fold_name, read_faces
from engine.text.library import DEFAULT_FAMILY, SHIPPED_FONTS, FontLibrary
from engine.text.script import guess_language, is_emoji
from tests.text.font_maker import make_font


def test_the_default_font_ships_with_its_licence_and_covers_three_scripts(library: FontLibrary) -> None:
    typeface, notes = library.find(None)
    assert notes == ()
    assert typeface.family == DEFAULT_FAMILY
    assert all(typeface.covers(ch) for ch in "AaÄßŁőĐΩωЖжЇ€„“—…→½")
    assert "SIL Open Font License" in (SHIPPED_FONTS / "Inter-LICENSE.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in SHIPPED_FONTS.iterdir()) < 1_000_000


def test_a_bold_text_is_wider_and_an_italic_one_comes_from_the_italic_file(library: FontLibrary) -> None:
    def advance(weight: int) -> int:
        typeface, _ = library.find(None, weight)
        return int(typeface.font.get_glyph_h_advance(typeface.font.get_nominal_glyph(ord("m"))))

    assert advance(100) < advance(400) < advance(700) < advance(900)
    assert library.find(None, 400, italic=True)[0].path.name == "Inter-Italic.ttf"
    assert library.find(None, 700)[0].synthetic == (False, False)


def test_names_are_found_whatever_their_case_and_spaces(library: FontLibrary) -> None:
    for name in ("inter", "INTER", " Inter ", "Inter Variable", "Inter.ttf"):
        typeface, notes = library.find(name)
        assert (typeface.path.name, notes) == ("Inter.ttf", ())
    assert fold_name("Noto Sans-CJK_SC") == "notosanscjksc"


def test_the_nearest_weight_of_a_family_is_taken_and_a_missing_bold_is_made(tmp_path: Path) -> None:
    for weight in (300, 500):
        make_font(tmp_path / f"{weight}.ttf", "ab", "Pair", weight)
    library = FontLibrary([tmp_path], system=False)
    assert [library.find("Pair", weight)[0].path.stem for weight in (1, 300, 390, 410, 500, 900)] == [
        "300", "300", "300", "500", "500", "500",
    ]  # fmt: skip
    assert library.find("Pair", 600)[0].synthetic == (False, False)
    assert library.find("Pair", 700)[0].synthetic == (True, False)
    assert library.find("Pair", 300, italic=True)[0].synthetic == (False, True)


def test_a_font_that_is_not_there_is_replaced_and_said(library: FontLibrary, tmp_path: Path) -> None:
    typeface, (note,) = library.find("Comic Neue")
    assert typeface.family == DEFAULT_FAMILY
    assert note == "No font is called 'Comic Neue': the text is set in Inter."
    _, (note,) = library.find(str(tmp_path / "gone.otf"))
    assert note.startswith("gone.otf: this font file cannot be read")
    assert note.endswith("The text is set in Inter.")


@pytest.mark.parametrize("content", [b"", b"no font at all", b"\0\1\0\0" + b"\xff" * 60, "cut"])
def test_a_broken_font_file_is_refused_and_does_not_hide_the_others(tmp_path: Path, content: bytes | str) -> None:
    whole = (SHIPPED_FONTS / "Inter.ttf").read_bytes()
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(whole[:5000] if isinstance(content, str) else content)
    make_font(tmp_path / "good.ttf", "ab", "Good")
    with pytest.raises(CorruptMedia, match=r"broken\.ttf: this is not a font that can be used"):
        read_faces(broken)
    library = FontLibrary([tmp_path], system=False)
    assert library.find("Good")[1] == ()
    assert len(library.find(str(broken))[1]) == 1


def test_a_missing_font_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match=r"gone\.ttf"):
        read_faces(tmp_path / "gone.ttf")


def test_fallbacks_come_in_the_order_of_the_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        make_font(tmp_path / name / "font.ttf", "中", f"Han {name}")
    first = FontLibrary([tmp_path / "two"], system=False).fallback("中")
    assert first is not None
    assert first.family == "Han two"
    assert FontLibrary(system=False).fallback("中") is None


def test_ideographs_come_from_a_font_of_the_texts_language(tmp_path: Path) -> None:
    for name in ("Noto Sans JP", "Noto Sans KR", "Noto Sans SC", "Noto Sans TC", "Noto Serif SC"):
        make_font(tmp_path / f"{name}.ttf", "中", name)
    library = FontLibrary([tmp_path], system=False)
    found = {text: library.fallback("中", language=guess_language(text)) for text in ("中の", "중中", "中国", "中臺灣")}
    assert [typeface and typeface.family for typeface in found.values()] == [
        "Noto Sans JP", "Noto Sans KR", "Noto Sans SC", "Noto Sans TC",
    ]  # fmt: skip


def test_emoji_want_a_colour_font_and_letters_do_not(squares: FontLibrary) -> None:
    emoji = squares.fallback("\u2764\ufe0f", color=True)
    assert emoji is not None
    assert emoji.color
    assert squares.fallback("א", color=True) is not None


@pytest.mark.parametrize("cluster", ["😀", "1️⃣", "👍🏽", "🇩🇪", "©️", "❤️", "👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_what_is_shown_as_an_emoji(cluster: str) -> None:
    assert is_emoji(cluster)


@pytest.mark.parametrize("cluster", ["a", "1", "#", "©", "❤", "☺︎", "中", "é", "א"])
def test_what_is_shown_as_text(cluster: str) -> None:
    assert not is_emoji(cluster)


def test_the_systems_fonts_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_SYSTEM_FONTS", "0")
    assert FontLibrary().families() == (DEFAULT_FAMILY,)


def test_a_font_covers_what_it_can_compose_or_take_apart(tmp_path: Path) -> None:
    make_font(tmp_path / "whole.ttf", "ée한", "Whole")
    make_font(tmp_path / "parts.ttf", "e\u0301", "Parts")
    library = FontLibrary([tmp_path], system=False)
    whole, parts = library.find("Whole")[0], library.find("Parts")[0]
    assert whole.covers("e\u0301")
    assert whole.covers("\u1112\u1161\u11ab"), "Hangul from its letters"
    assert parts.covers("é")
    assert not parts.covers("è")


def test_a_fallback_is_not_slanted_but_a_font_that_was_asked_for_is(tmp_path: Path) -> None:
    make_font(tmp_path / "a.ttf", "א", "Hebrew")
    library = FontLibrary([tmp_path], system=False)
    fallback = library.fallback("א", 400, italic=True)
    assert fallback is not None
    assert fallback.synthetic == (False, False)
    assert library.find("Hebrew", 400, italic=True)[0].synthetic == (False, True)
