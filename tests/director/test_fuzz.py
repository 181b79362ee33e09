"""Conversations of anything at all: each turn is answered, the same each time, and leads to a draft that stands."""

import json
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.timeline import History, apply_all, read_operation, write_operation
from pipelines.director import Conversation, converse
from pipelines.director.lexicon import languages, lexicon
from tests.director.run_labels import load_labels
from tests.director.starts import assets_of, draft_of, starts

LONGEST = 10_000
"""Characters of an instruction that must be answered."""


@cache
def pieces(language: str) -> list[str]:
    """What instructions are made of: the phrases of a lexicon, and signs and numbers between them."""
    words = lexicon(language)
    between = "" if language == "zh" else " "
    phrases = sorted({between.join(phrase) for phrase in words.phrases})
    signs = [
        ",",
        ".",
        "，",
        "。",
        ":",
        "“",
        "”",
        "'",
        "2",
        "10",
        "1.5",
        "-",
        "+",
        "x",
        "%",
        "#ff0000",
        "9:16",
        "a.jpg",
        "walk.mp4",
    ]
    return phrases + signs * (len(phrases) // (3 * len(signs)))


def turns(language: str) -> st.SearchStrategy[str]:
    between = "" if language == "zh" else " "
    return st.lists(st.sampled_from(pieces(language)), min_size=1, max_size=12).map(between.join)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[str, list[str]]:
    language = draw(st.sampled_from(languages()))
    return draw(st.sampled_from(sorted(starts()))), draw(st.lists(turns(language), min_size=1, max_size=4))


@settings(max_examples=400, deadline=None)
@given(conversations())
def test_any_conversation_of_known_phrases_is_answered(case: tuple[str, list[str]]):
    hold(*case)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(starts())), st.lists(st.text(max_size=120), min_size=1, max_size=3))
@example("finished", ["\ud800", "\u0000", "٣ ثانية", "🙂" * 50])
@example("finished", ["a\u0301" * 60, "ﬁrst ①", "½ ² ⅷ"])
def test_any_conversation_of_any_text_is_answered(start: str, turns: list[str]):
    hold(start, turns)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(starts())), st.data())
def test_labelled_instructions_cut_and_mixed_are_answered(start: str, data: st.DataObject):
    texts = [turn for language in ("en", "zh") for label in load_labels(language) for turn in label.turns]
    cuts = data.draw(st.lists(st.tuples(st.sampled_from(texts), st.integers(0, 60), st.integers(0, 60)), max_size=6))
    hold(start, ["".join(text[begin : begin + length] for text, begin, length in cuts)])


@pytest.mark.parametrize("start", sorted(starts()))
@pytest.mark.parametrize(
    "unit",
    [
        "zoom in, ",
        "把第二张放大，",
        "no ",
        "“",
        "the first ",
        "1 ",
        "标题写",
        "undo ",
        "𝟙",
        "e\u0301",
        "in ",
        "a,",
        "那样子",
    ],
)
def test_the_longest_text_is_answered(start: str, unit: str):
    hold(start, [(unit * LONGEST)[:LONGEST]])


def hold(start: str, texts: list[str]) -> None:
    """Hold a conversation twice and compare."""
    first, second = (Conversation(History(draft_of(start))) for _ in range(2))
    for text in texts:
        before = first.draft
        plan, first = converse(text, first, assets_of(start))
        again, second = converse(text, second, assets_of(start))
        assert plan == again
        assert plan.said
        replayed = [read_operation(json.loads(json.dumps(write_operation(item)))) for item in plan.operations]
        assert apply_all(before, replayed) == first.draft == second.draft
