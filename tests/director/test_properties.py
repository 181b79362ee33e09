"""Whatever a user types is answered, the same each time, with operations that the draft takes."""

import json
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.timeline import AddText, Draft, SetMotion, apply_all, read_operation, slideshow, write_operation
from pipelines.director import Asset, direct

DRAFTS = [
    Draft(),
    slideshow(["a.jpg"]),
    slideshow(["a.jpg", "b.png", "c.heic"], Fraction(7)),
]

WORDS: list[str] = []
for line in (
    "zoom in out pan left right up down slow fast rotate clockwise by 30 % 5 degrees 1.5 x for 10 seconds each photo",
    "second first last and then but no not don't without too much a little the on her face boat to from 9 : 16 square",
    "vertical tiktok 60 fps 720p 4k blurred background black bars cross-dissolve cuts music title “ ” \" ' , . ! zom",
    "secnds still drift handheld ken burns subtle motion ease linear focus keep in frame call it with while of half",
    "minute diagonally 0 99999 -",
):
    WORDS += line.split()

phrases = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
drafts = st.sampled_from(DRAFTS)

SENTENCES = ["slow zoom in", "pan left for 8 seconds", "Rotate clockwise 5 degrees, 9:16", "hold", "don't zoom"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), drafts)
@example("zoom in ½ ² ٣ ①", DRAFTS[1])
@example("“", DRAFTS[1])
@example("\ud800", DRAFTS[1])
def test_any_text_is_answered(text: str, draft: Draft):
    check(text, draft)


@settings(max_examples=400, deadline=None)
@given(phrases, drafts)
def test_any_mixture_of_known_words_is_answered(text: str, draft: Draft):
    check(text, draft)


def check(text: str, draft: Draft) -> None:
    plan = direct(text, draft)
    assert plan == direct(text, draft)
    assert plan.said
    after = apply_all(draft, plan.operations)
    replayed = [read_operation(json.loads(json.dumps(write_operation(item)))) for item in plan.operations]
    assert apply_all(draft, replayed) == after
    # A photo may be left out on request, but none comes from nowhere.
    assert {photo.src for photo in after.photos} <= {photo.src for photo in draft.photos}


@pytest.mark.parametrize("unit", ["“", "'a ", '"a', "zoom in and then ", "no ", "1 ", "photo of ", "the first "])
def test_long_texts_do_not_explode(unit: str):
    """With work that grows as the square of the length, these would take minutes."""
    check((unit * 20_000)[:20_000], DRAFTS[1])


def test_a_very_long_text_is_answered_briefly():
    plan = direct("zoom in " + "blah fuzz " * 1000, DRAFTS[1])
    assert len(plan.not_understood) <= 20
    assert len(plan.said) < 1000


@settings(max_examples=150, deadline=None)
@given(phrases, st.sampled_from([("“", "”"), ("«", "»"), ("「", "」"), ('"', '"')]))
def test_quoted_text_is_never_an_instruction(words: str, marks: tuple[str, str]):
    inside = "".join(character for character in words if character not in "“”«»「」\"'")
    plan = direct(f"{marks[0]}{inside}{marks[1]}", DRAFTS[1])
    # Words in quotation marks are shown, never followed.
    assert all(isinstance(operation, AddText) for operation in plan.operations)
    assert not inside.strip() or all(operation.text == inside.strip() for operation in plan.operations)
    titled = direct(f"zoom in with a title {marks[0]}{inside}{marks[1]}", DRAFTS[1])
    others = tuple(operation for operation in titled.operations if not isinstance(operation, AddText))
    assert others == direct("zoom in", DRAFTS[1]).operations


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("frame", ["please {}", "{} please", "{}.", "{}!", "Hi, {}, thanks!", "  {}  ", "can you {}?"])
def test_politeness_and_marks_change_nothing(sentence: str, frame: str):
    plain = direct(sentence, DRAFTS[1])
    for text in (frame.format(sentence), frame.format(sentence).upper(), frame.format(sentence).replace("'", "’")):
        plan = direct(text, DRAFTS[1])
        assert plan.operations == plain.operations
        assert plan.not_understood == ()


@pytest.mark.parametrize("name", ["zoom out fast.jpg", "pan.left.png", "10 seconds.heic"])
def test_a_file_name_is_no_instruction(name: str):
    plan = direct(f"animate {name} with a slow zoom in", slideshow([name]), [Asset(name)])
    (operation,) = plan.operations
    assert isinstance(operation, SetMotion)
    assert operation.motion is not None
    assert (operation.motion.moves, operation.motion.speed) == (("zoom_in",), "slow")
    assert plan.not_understood == ()


def test_a_file_name_selects_its_photo():
    draft = slideshow(["a.jpg", "b.jpg"])
    plan = direct("pan left on b.jpg", draft, [Asset("a.jpg"), Asset("b.jpg")])
    before, after = draft.photos, apply_all(draft, plan.operations).photos
    assert after[0].motion == before[0].motion
    assert after[1].motion is not None
    assert after[1].motion.moves == ("pan_left",)


def test_what_is_said_names_what_was_understood_and_what_was_not():
    plan = direct("slow zoom in for 8 seconds, vertical, with music and a jetpack", DRAFTS[1])
    for words in ("low zoom in", "8 s", "1080x1920", "music"):
        assert words in plan.said
    assert [item.topic for item in plan.understood] == ["canvas", "duration", "move", "music"]
    assert plan.not_understood == ("“jetpack”",)


def test_a_chosen_reading_is_said():
    assert "chose pan to the right" in direct("pan slowly", DRAFTS[1]).said
    assert "the other way" in direct("slide the picture to the left", DRAFTS[1]).said
    assert "main subject" in direct("zoom in on the old boat", DRAFTS[1]).said


def test_nothing_at_all():
    for text in ("", "   ", "please", "🙂"):
        plan = direct(text, DRAFTS[1])
        assert plan.operations == ()
        assert plan.not_understood == ()


def test_an_empty_draft_takes_no_motion():
    plan = direct("zoom in, square", DRAFTS[0])
    assert apply_all(DRAFTS[0], plan.operations).canvas.ratio == 1
    assert len(plan.not_understood) == 1
