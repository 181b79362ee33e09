"""The timeline in words, and what aspect ratios mean in pixels."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.timeline import (
    ASPECTS,
    Canvas,
    Draft,
    aspect_name,
    canvas_for_photos,
    canvas_of_aspect,
    describe,
    read_draft,
    slideshow,
)
from tests.timeline import golden
from tests.timeline.drafts import drafts


def test_the_example_of_the_design_in_words():
    assert describe(read_draft(golden.DRAFTS["design"])) == (
        'Timeline (3 tracks): 1. Video: harbour.jpg (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)'
    )


def test_a_slideshow_in_words():
    draft = slideshow(["photos/a.jpg", "C:\\photos\\b.jpg", "https://host/c.jpg"], Fraction(10))
    assert describe(draft) == "Timeline (1 track): 1. Video: a.jpg (0-3.33s), b.jpg (3.33-6.67s), c.jpg (6.67-10s)"
    assert describe(Draft()) == "Timeline (empty)"


def segment(kind: int, **members: Any) -> str:
    """The words for a track that holds one segment of a second."""
    return describe(read_draft({"t": [{"tt": kind, "sg": [{"id": "a", "s": 0, "d": 1000} | members]}]}))


@pytest.mark.parametrize(
    ("kind", "members", "words"),
    [
        (7, {"tx": "Urban\n  Dreams"}, 'Text: "Urban Dreams" (0-1s)'),
        (7, {"m": {"text": "Sea walk"}}, 'Text: "Sea walk" (0-1s)'),
        (7, {"src": "subs/walk.srt"}, "Text: walk.srt (0-1s)"),
        (7, {}, 'Text: "" (0-1s)'),
        (1, {"src": "pack:music/lofi-01.opus", "vol": 0.35}, "Audio: lofi-01.opus (0-1s, 35%)"),
        (1, {"src": "x.opus", "m": {"title": "Lo-fi"}, "vol": 0}, "Audio: Lo-fi (0-1s, 0%)"),
        (0, {"src": "clips/waves.mp4", "vol": 0.5, "m": {"title": "waves"}}, "Video: waves.mp4 (0-1s, 50%)"),
        (0, {"src": "http://host/a/pier.jpg?key=a/b#c"}, "Video: pier.jpg (0-1s)"),
        (0, {"src": "http://[host"}, "Video: [host (0-1s)"),
        (0, {"src": "color:#102030"}, "Video: card #102030 (0-1s)"),
        (0, {"src": "gradient:#102030,#ffffff,90"}, "Video: card #102030-#ffffff (0-1s)"),
        (0, {}, "Video: a (0-1s)"),
        (5, {}, "Track of type 5: a (0-1s)"),
    ],
)
def test_what_a_segment_is_called(kind: int, members: dict[str, Any], words: str):
    assert segment(kind, **members) == f"Timeline (1 track): 1. {words}"


def test_the_example_of_the_protocol_in_words():
    assert describe(read_draft(golden.DRAFTS["protocol"])) == (
        "Timeline (3 tracks): 1. Video: pier.jpg (0-3s), waves.mp4 (3-6s) 2. BGM: Lo-fi (0-6s, 35%) "
        '3. Title: "Sea walk" (0-2.5s)'
    )


@settings(max_examples=40, deadline=None)
@given(drafts())
def test_any_draft_can_be_put_into_words(draft: Draft):
    assert describe(draft).startswith("Timeline (")


def test_the_named_aspects():
    sizes = {name: (canvas.width, canvas.height) for name, canvas in ASPECTS.items()}
    assert sizes == {
        "16:9": (1920, 1080),
        "9:16": (1080, 1920),
        "1:1": (1080, 1080),
        "4:5": (1080, 1350),
        "3:4": (1080, 1440),
        "4:3": (1440, 1080),
        "21:9": (2560, 1080),
    }
    for name in ASPECTS:
        assert canvas_of_aspect(name) == ASPECTS[name]
        assert aspect_name(ASPECTS[name]) == name


@pytest.mark.parametrize(
    ("name", "short", "size"),
    [
        ("16:9", 720, (1280, 720)),
        ("9:16", 2160, (2160, 3840)),
        ("4:5", 720, (720, 900)),
        ("2.35:1", 1080, (2538, 1080)),
        ("2:3", 1080, (1080, 1620)),
        ("21:9", 2160, (4096, 1728)),
    ],
)
def test_other_sizes_and_ratios(name: str, short: int, size: tuple[int, int]):
    canvas = canvas_of_aspect(name, short)
    assert (canvas.width, canvas.height) == size


@given(st.fractions(Fraction(1, 4), 4), st.integers(1, 5000))
def test_any_ratio_gives_an_even_canvas_close_to_it(ratio: Fraction, short: int):
    canvas = canvas_of_aspect(f"{ratio.numerator}:{ratio.denominator}", short)
    # Each side is at most one pixel away from the exact ratio.
    assert abs(canvas.width - ratio * canvas.height) <= 1 + ratio


@pytest.mark.parametrize("name", ["", "16", "16:0", "x:y", "1:5", "5:1", "-16:9", "9:16:1"])
def test_what_is_no_aspect_is_refused(name: str):
    with pytest.raises(DraftError, match="aspect ratio"):
        canvas_of_aspect(name)


@pytest.mark.parametrize(
    ("sizes", "portrait"),
    [
        ([], False),
        ([(4000, 3000)], False),
        ([(3000, 4000)], True),
        ([(3000, 3000)], False),
        ([(3000, 4000), (4000, 3000)], True),
        ([(4000, 3000), (3000, 4000)], False),
        ([(4000, 3000), (3000, 4000), (3000, 4000)], True),
    ],
)
def test_the_canvas_suits_most_photos(sizes: list[tuple[int, int]], portrait: bool):
    assert canvas_for_photos(sizes) == (Canvas(1080, 1920) if portrait else Canvas(1920, 1080))
