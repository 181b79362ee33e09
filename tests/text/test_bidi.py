"""Our levels against python-bidi (the unicode-bidi crate), which hands out reordered text only."""

import unicodedata

from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.bidi import embedding_levels, line_levels, paragraph_level, visual_order

ALPHABET = [*"abאבاب12٣٤+,%:$./ ()[]{}-!", "\u0300", "\u200f", "\u200e", "\u2066", "\u2067", "\u2068", "\u2069"]


def reordered(text: str) -> str:
    base = paragraph_level(text)
    levels = line_levels(text, embedding_levels(text, base), base, 0, len(text))
    return "".join(text[i] for i in visual_order(levels))


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from(ALPHABET), min_size=1, max_size=24))
def test_the_order_is_the_one_of_another_implementation(text: str) -> None:
    assert reordered(text) == get_display(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_level_for_each_character_and_loses_none(text: str) -> None:
    levels = embedding_levels(text)
    assert len(levels) == len(text)
    assert sorted(visual_order(levels)) == list(range(len(text)))
    strong = [(ch, level) for ch, level in zip(text, levels, strict=True) if unicodedata.bidirectional(ch) == "L"]
    overridden = any(unicodedata.bidirectional(ch) in ("RLO", "LRO") for ch in text)
    assert overridden or all(level % 2 == 0 for _, level in strong)


def test_numbers_and_brackets_in_hebrew_keep_their_sense() -> None:
    assert reordered("אב (12) גד") == "דג )12( בא"
    assert reordered("price 25 שח (net)") == "price 25 חש (net)"


def test_a_line_of_a_paragraph_ends_with_its_spaces_in_the_paragraphs_own_direction() -> None:
    text = "abc אבג דהו"
    base = paragraph_level(text)
    levels = line_levels(text, embedding_levels(text, base), base, 0, 8)
    assert levels == [0, 0, 0, 0, 1, 1, 1, 0]
