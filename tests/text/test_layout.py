"""Lines: breaking, balance, fit, place, direction; and what is said when something is left out."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.layout import MAX_MARKS, MAX_SPACES, OUTSIDE, Layout, clean, lay_out
from engine.text.library import FontLibrary
from engine.text.roles import ROLES, resolve, safe_area
from engine.text.shape import Style, make_paragraph
from engine.timeline.text_style import ANCHORS, Box, TextStyle
from tests.text.font_maker import make_font

WIDE = (1920, 1080)
TALL = (1080, 1920)


def laid(text: str, library: FontLibrary, frame: tuple[int, int] = WIDE, **style: Any) -> Layout:
    return lay_out(text, resolve(TextStyle(**style), *frame), frame, library)


def ranks(layout: Layout) -> list[list[int]]:
    """The clusters of each line from left to right."""
    return [[glyph.rank for glyph in line.glyphs] for line in layout.lines]


def test_a_short_title_stands_in_the_middle_at_the_roles_size(library: FontLibrary) -> None:
    layout = laid("Urban Dreams", library)
    assert layout.size == pytest.approx(ROLES["title"].size * 1080)
    assert ((layout.left + layout.right) / 2, (layout.top + layout.bottom) / 2) == pytest.approx((960, 540))
    assert len(layout.lines) == 1
    assert layout.notes == ()


def test_every_kind_of_line_separator_breaks_and_blank_lines_stay(library: FontLibrary) -> None:
    layout = laid("a\nb\r\nc\rd\u2028e\x85f\n\ng\n\n", library)
    assert [len(line.glyphs) for line in layout.lines] == [1, 1, 1, 1, 1, 1, 0, 1]
    baselines = [line.baseline for line in layout.lines]
    pitch = baselines[1] - baselines[0]
    assert all(b - a == pytest.approx(pitch) for a, b in pairwise(baselines))


def test_a_long_title_breaks_between_words_into_lines_of_like_length(library: FontLibrary) -> None:
    layout = laid("A very long title that needs to break over some lines", library)
    widths = [line.width for line in layout.lines]
    assert len(widths) == 2
    assert min(widths) > 0.8 * max(widths)


def test_ideographs_break_anywhere_but_not_before_a_full_stop(squares: FontLibrary) -> None:
    text = "一" * 9 + "。" + "一"
    layout = laid(text, squares, (1000, 1000), size=0.1, width=0.9)
    first = ranks(layout)[0]
    assert len(layout.lines) == 2
    assert layout.size == pytest.approx(100)
    assert 9 not in (line[0] for line in ranks(layout))
    assert first == list(range(len(first)))


def test_korean_words_stay_whole_where_there_are_spaces(library: FontLibrary) -> None:
    def parts(text: str) -> list[str]:
        typeface, _ = library.find(None)
        found = make_paragraph(text, Style(typeface, 400, False), library, "ko", 0, []).breaks
        return [text[a:b] for a, b in pairwise([0, *found])]

    assert parts("2024년 서울(한국)에서 50%의 K-팝 봄/가을") == [
        "2024년 ", "서울(한국)에서 ", "50%의 ", "K-", "팝 ", "봄/", "가을",
    ]  # fmt: skip
    assert parts("노래했다") == list("노래했다"), "without a space there is no other place"
    assert parts("韓国 한국") == ["韓", "国 ", "한국"]


def test_thai_words_are_not_broken_without_a_dictionary(squares: FontLibrary) -> None:
    layout = laid("กขคงจฉ กขคงจฉ", squares, (1000, 1000), size=0.1, width=0.9)
    assert [len(line) for line in ranks(layout)] == [6, 6]


def test_thai_that_must_be_broken_within_words_is_said(squares: FontLibrary) -> None:
    layout = laid("กขคงจฉ" * 9, squares, (1000, 1000), width=0.3)
    assert len(layout.lines) > 1
    (note,) = layout.notes
    assert note.startswith("The Thai text is long")


def test_a_soft_hyphen_shows_only_where_the_line_breaks(library: FontLibrary) -> None:
    whole = laid("Donau\xaddampf", library)
    broken = laid("Donau\xaddampf", library, (400, 1000), size=0.1, width=0.9)
    assert len(whole.lines) == 1
    assert len(broken.lines) == 2
    plain = laid("Donau\ndampf", library, (400, 1000), size=0.1, width=0.9)
    assert broken.lines[0].width > plain.lines[0].width
    assert broken.lines[1].width == pytest.approx(plain.lines[1].width)


def test_a_word_that_is_too_long_shrinks_the_text_before_it_is_cut(library: FontLibrary) -> None:
    shrunk = laid("Donaudampfschifffahrtsgesellschaft", library)
    assert len(shrunk.lines) == 1
    assert shrunk.size < ROLES["title"].size * 1080
    cut = laid("W" * 120, library)
    assert len(cut.lines) > 1
    assert cut.size == pytest.approx(ROLES["title"].min_size * 1080)
    assert cut.notes == ()


def test_a_text_that_fits_nowhere_ends_in_an_ellipsis_and_says_so(library: FontLibrary) -> None:
    layout = laid("word " * 600, library, role="caption")
    (note,) = layout.notes
    assert "too long for the canvas" in note
    assert layout.ranks == layout.lines[-1].glyphs[-1].rank + 1, "a typewriter types no more than that"
    assert layout.bottom - layout.top <= ROLES["caption"].height * 1080 + 1
    face, _ = library.find(None)
    assert layout.lines[-1].glyphs[-1].id == face.font.get_nominal_glyph(ord("…"))


@pytest.mark.parametrize("size", [WIDE, TALL, (1080, 1080)])
@pytest.mark.parametrize("anchor", ANCHORS)
def test_every_anchor_keeps_the_block_and_its_box_in_the_safe_area(
    library: FontLibrary, size: tuple[int, int], anchor: str
) -> None:
    box = Box(padding=0.5)
    layout = laid("Some words of a title\nand more", library, size, anchor=anchor, box=box)
    area, padding = safe_area(*size), box.padding * layout.size
    assert area.left - 1e-6 <= layout.left - padding
    assert layout.right + padding <= area.right + 1e-6
    assert area.top - 1e-6 <= layout.top - padding
    assert layout.bottom + padding <= area.bottom + 1e-6
    if "left" in anchor:
        assert layout.left - padding == pytest.approx(area.left)
    if "bottom" in anchor:
        assert layout.bottom + padding == pytest.approx(area.bottom)


def test_captions_of_tall_canvases_stay_clear_of_the_players_buttons(library: FontLibrary) -> None:
    layout = laid("A caption", library, TALL, role="caption")
    assert layout.bottom <= 0.8 * 1920 + 1e-6


def test_a_place_of_its_own_wins_over_the_anchor_on_its_axis(library: FontLibrary) -> None:
    layout = laid("Here", library, x=0.25, anchor="bottom")
    assert (layout.left + layout.right) / 2 == pytest.approx(480)
    assert layout.bottom == pytest.approx(safe_area(*WIDE).bottom)


def test_a_place_that_cuts_the_text_off_is_said(library: FontLibrary) -> None:
    assert laid("A title", library, x=0.2, y=0.9).notes == ()
    for place in ({"x": 0.0}, {"x": 0.98}, {"y": 1.0}, {"x": -1.0}):
        assert laid("A title", library, **place).notes == (OUTSIDE,)
    assert laid("", library, x=0.0).notes == ()


def test_right_to_left_text_reads_from_the_right_and_starts_there(squares: FontLibrary) -> None:
    layout = laid("אבג דה", squares, role="lower_third")
    assert ranks(layout) == [[5, 4, 3, 2, 1, 0]]
    two = laid("אבג דה\nא", squares, role="lower_third")
    assert two.lines[1].x + two.lines[1].width == pytest.approx(two.lines[0].x + two.lines[0].width)
    latin = laid("abc de\na", squares, role="lower_third")
    assert latin.lines[1].x == pytest.approx(latin.lines[0].x)


def test_mixed_directions_take_their_order_from_the_paragraph(squares: FontLibrary) -> None:
    assert ranks(laid("ab אב cd", squares)) == [[0, 1, 2, 4, 3, 5, 6, 7]]
    assert ranks(laid("אב ab גד", squares)) == [[7, 6, 5, 3, 4, 2, 1, 0]]


@pytest.mark.parametrize(("align", "share"), [("left", 0), ("center", 0.5), ("right", 1), ("start", 0), ("end", 1)])
def test_lines_are_aligned_within_the_block(library: FontLibrary, align: str, share: float) -> None:
    layout = laid("a long line of words\nshort", library, align=align)
    long, short = layout.lines
    assert short.x - long.x == pytest.approx((long.width - short.width) * share, abs=1e-6)


def test_missing_characters_are_left_out_with_the_pack_and_the_package_to_install(library: FontLibrary) -> None:
    notes = laid("A 你好 の 한 א ب 😀 ก \ue000", library).notes
    text = " ".join(notes)
    for pack in ("fonts-japanese", "fonts-korean", "fonts-hebrew", "fonts-arabic", "fonts-emoji"):
        assert f"multiplane packs pull {pack}" in text
    assert "Thai" in text
    assert "fonts-noto-core" in text
    assert not any(ch in text for ch in "你好の한אب😀ก")
    only = laid("A你B", library)
    assert [line.glyphs[-1].id for line in only.lines] == [laid("AB", library).lines[0].glyphs[-1].id]
    assert only.lines[0].width == pytest.approx(laid("AB", library).lines[0].width, rel=0.02)
    assert "fonts-chinese," in only.notes[0]
    assert "fonts-chinese-traditional" in laid("臺灣", library).notes[0]


def test_emoji_without_colour_are_said_with_what_to_install(tmp_path: Path) -> None:
    make_font(tmp_path / "plain.ttf", "\U0001f600\u2764", "Plain")
    (note,) = laid("A \U0001f600 \u2764 \u2764\ufe0f", FontLibrary([tmp_path], system=False)).notes
    assert note.startswith("No font has these emoji in colour, they are shown without (U+1F600, U+2764 U+FE0F): run ")
    assert "multiplane packs pull fonts-emoji, or install the Debian package fonts-noto-color-emoji." in note


def test_controls_and_halves_of_surrogate_pairs_are_no_text(library: FontLibrary) -> None:
    assert ranks(laid("a\x00\x07b\ud83dc\uffff", library)) == ranks(laid("abc", library))


@pytest.mark.parametrize("ch", ["\u0301", "\u200d", "\u202e", "\u2068", "\U000e0061", " "])
def test_endless_marks_and_spaces_are_cut_for_what_segments_a_text_in_squared_time(ch: str) -> None:
    for text in (f"a{ch * 4000}b", ch * 4000):
        assert len(clean(text, [])) <= 2 + (MAX_SPACES if ch == " " else MAX_MARKS)


def test_as_many_marks_as_any_writing_has_are_kept() -> None:
    for text in ("a" + "\u0301" * MAX_MARKS + "b", "a" + " " * 40 + "b", "🏴\U000e0067\U000e0062\U000e0065\U000e007f"):
        assert clean(text, []) == text


def test_an_emoji_of_several_characters_is_one_cluster(squares: FontLibrary) -> None:
    layout = laid("❤️❤️", squares)
    assert layout.ranks == 2
    assert [sorted(set(line)) for line in ranks(layout)] == [[0, 1]]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.sampled_from([WIDE, TALL, (64, 64)]), st.sampled_from(sorted(ROLES)))
def test_any_text_is_laid_out_within_the_width_that_it_may_take(
    library: FontLibrary, text: str, size: tuple[int, int], role: str
) -> None:
    layout = laid(text, library, size, role=role)
    for line in layout.lines:
        one = len({glyph.rank for glyph in line.glyphs}) <= 1
        assert one or line.width <= ROLES[role].width * size[0] + 1
