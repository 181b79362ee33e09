"""Generated motion in words: what lands in the draft, what is said, and what is done where it is not possible."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import EXTENDS, QUALITIES, Motion
from engine.timeline import Draft, History, SetDuration, SetMotion, apply, apply_all
from pipelines.diffusion.extend_choice import MOST_LENGTHS, choose_extend, follows_words
from pipelines.diffusion.length import SLOWEST
from pipelines.diffusion.strength import DEFAULT_STRENGTH, svd_motion
from pipelines.director import Abilities, Conversation, Plan, converse, direct
from pipelines.director.abilities import CLIP, MISSING
from pipelines.director.lexicon import languages, lexicon
from tests.director.starts import assets_of, draft_of

NOTHING = Abilities(generated=False, missing="weights")
SVD = Abilities(follows_text=False)

ASKING = {
    "en": ("bring it to life", "make the waves roll"),
    "zh": ("用AI让照片动起来", "让海浪翻滚"),
    "es": ("dale vida con IA", "haz que las olas se muevan"),
}
"""By language: generated motion of any kind, and of something that is named."""


QUOTED = re.compile("[“«](.+?)[”»]")


def talk(*turns: str, start: str = "one_photo", abilities: Abilities = Abilities()) -> tuple[Plan, Draft]:  # noqa: B008
    conversation = Conversation(History(draft_of(start)))
    for turn in turns:
        plan, conversation = converse(turn, conversation, assets_of(start), abilities=abilities)
    return plan, conversation.draft


def motion(draft: Draft) -> Motion:
    made = draft.photos[0].motion
    assert made is not None
    return made


@pytest.mark.parametrize("language", sorted(ASKING))
def test_whoever_does_not_know_the_machine_leaves_the_wish_in_the_draft(language: str) -> None:
    for text in ASKING[language]:
        plan, draft = talk(text)
        assert (motion(draft).method, motion(draft).moves) == ("diffusion", ("hold",))
        assert plan.language == language
        assert plan.not_understood == ()


@pytest.mark.parametrize("language", sorted(ASKING))
@pytest.mark.parametrize("place", [0, 1])
def test_where_it_is_not_possible_depth_is_used_and_the_answer_says_what_is_missing(language: str, place: int) -> None:
    plan, draft = talk(ASKING[language][place], abilities=NOTHING)
    made = motion(draft)
    assert (made.method, made.prompt, made.strength) == ("parallax", None, None)
    assert made.moves != ("hold",)
    words = lexicon(language)
    assert words.say("reason.missing.weights") in plan.said
    assert "svd-xt-1.1" in plan.said
    # The camera that shows the depth is named, and nothing is quoted that nobody wrote.
    assert words.say(f"phrase.move.{made.moves[0]}") in plan.said.casefold()
    assert words.say("phrase.method.parallax") not in [quote.casefold() for quote in QUOTED.findall(plan.said)]
    # What was to move is named as not done; that the photo moves in depth is no answer to it.
    assert bool(plan.not_understood) == (place == 1)


def test_the_camera_that_was_there_is_kept_where_generated_motion_is_not_possible() -> None:
    _, draft = talk("pan left", "bring it to life", abilities=NOTHING)
    assert (motion(draft).moves, motion(draft).method) == (("pan_left",), "parallax")


def test_a_camera_that_nobody_asked_for_gives_way_to_one_through_depth() -> None:
    plain = apply(draft_of("one_photo"), SetMotion(Motion(("zoom_in",))))
    plan = direct("bring it to life", plain, abilities=NOTHING)
    assert motion(apply_all(plain, plan.operations)).moves == ("dolly_in",)


def test_what_is_missing_may_be_a_sentence_of_ones_own() -> None:
    plan, _ = talk("bring it to life", abilities=Abilities(generated=False, missing="the card is on fire."))
    assert "AI motion is not possible here: the card is on fire. I used" in plan.said
    assert "no image-to-video model is ready" in talk("AI motion", abilities=Abilities(generated=False))[0].said


@pytest.mark.parametrize("language", sorted(ASKING))
def test_a_model_without_text_keeps_the_words_and_the_answer_says_so(language: str) -> None:
    plan, draft = talk(ASKING[language][1], abilities=SVD)
    assert motion(draft).method == "diffusion"
    assert motion(draft).prompt
    assert lexicon(language).say("say.prompt_unread") in plan.said
    assert lexicon(language).say("say.prompt_unread") not in talk(ASKING[language][1])[0].said
    assert lexicon(language).say("say.prompt_unread") not in talk(ASKING[language][0], abilities=SVD)[0].said


@pytest.mark.parametrize("language", languages())
def test_every_word_of_the_draft_has_a_phrase_and_every_lack_a_reason(language: str) -> None:
    words = lexicon(language)
    assert all(words.say(f"phrase.extend.{name}") for name in EXTENDS if name != "auto")
    assert all(words.say(f"phrase.quality.{name}") for name in QUALITIES)
    assert all(words.say(f"reason.missing.{name}") for name in MISSING)
    assert set(words.lists) == set(lexicon("en").lists)


@pytest.mark.parametrize(
    ("seconds", "prompt", "key"),
    [(3, False, ""), (5, False, "slow"), (10, False, "ping_pong"), (10, True, "chain"), (30, True, "loop")],
)
@pytest.mark.parametrize("language", sorted(ASKING))
def test_the_answer_says_what_fills_a_shot_that_is_longer_than_a_clip(
    language: str, seconds: int, prompt: bool, key: str
) -> None:
    draft = apply(draft_of("one_photo"), SetDuration(Fraction(seconds)))
    said = direct(ASKING[language][prompt], draft, assets_of("one_photo")).said
    told = {
        name: lexicon(language).say(f"say.fill_{name}", clip="3.4", shot=str(seconds))
        for name in ("slow", "ping_pong", "chain", "loop")
    }
    assert [name for name, sentence in told.items() if sentence in said] == ([key] if key else [])


@pytest.mark.parametrize("language", sorted(ASKING))
@pytest.mark.parametrize("place", [0, 1])
def test_what_fills_a_shot_is_of_the_model_that_is_there(language: str, place: int) -> None:
    draft = apply(draft_of("one_photo"), SetDuration(Fraction(10)))
    for abilities, clip, way in (
        (Abilities(clip=Fraction(13, 7), follows_text=False), "1.9", "loop"),
        (Abilities(clip=Fraction(5)), "5", "chain" if place else "ping_pong"),
        (Abilities(clip=Fraction(5), follows_text=False), "5", "ping_pong"),
    ):
        said = direct(ASKING[language][place], draft, assets_of("one_photo"), abilities=abilities).said
        assert lexicon(language).say(f"say.fill_{way}", clip=clip, shot="10") in said
    unknown = direct(ASKING[language][place], draft, assets_of("one_photo"), abilities=Abilities(clip=None))
    assert unknown.operations
    assert not any(
        lexicon(language).say(f"say.fill_{way}", clip="3.4", shot="10") in unknown.said
        for way in EXTENDS
        if way != "auto"
    )


def test_a_clip_follows_words_where_there_are_some_and_the_model_takes_them() -> None:
    assert follows_words("the waves roll", True)
    assert not any((follows_words(None, True), follows_words("", True), follows_words("the waves roll", False)))


@pytest.mark.parametrize(("text", "words"), [("3D please", "3D"), ("3D效果", "3D效果"), ("añade profundidad", None)])
def test_the_words_that_asked_for_depth_are_quoted_as_they_were_written(text: str, words: str | None) -> None:
    assert QUOTED.findall(talk(text)[0].said) == [words or text]


def test_what_fills_a_shot_is_said_again_only_when_it_changes() -> None:
    assert "A generated clip" not in talk("bring it to life", "make it black and white")[0].said
    assert "A generated clip" in talk("bring it to life", "make it 6 seconds long")[0].said
    assert "A generated clip" not in talk("bring it to life and loop it")[0].said
    assert "A generated clip" not in talk("zoom in, 20 seconds")[0].said


def test_a_camera_that_was_asked_for_rides_on_top_and_one_that_was_not_stands_still() -> None:
    _, draft = talk("slow zoom in", "bring it to life")
    assert (motion(draft).moves, motion(draft).speed, motion(draft).method) == (("zoom_in",), "slow", "diffusion")
    _, draft = talk("bring it to life", "zoom in")
    assert (motion(draft).moves, motion(draft).method) == (("zoom_in",), "diffusion")
    plain = apply(draft_of("one_photo"), SetMotion(Motion(("zoom_in",))))
    asked = apply_all(plain, direct("bring it to life", plain).operations)
    assert motion(asked).moves == ("hold",)


def test_a_camera_through_space_over_generated_motion_is_the_flat_one_that_is_near() -> None:
    _, draft = talk("dolly in with AI motion")
    assert (motion(draft).moves, motion(draft).method) == (("zoom_in",), "diffusion")


def test_leaving_generated_motion_leaves_its_members() -> None:
    for text in ("no AI", "make it 3D instead"):
        _, draft = talk("make the waves roll, strongly, loop it, draft quality", text)
        made = motion(draft)
        assert made.method in (None, "kenburns", "parallax")
        assert (made.prompt, made.strength, made.extend, made.quality) == (None,) * 4


def test_a_conversation_goes_on_about_the_generated_motion() -> None:
    _, draft = talk("make the waves roll", "gentler", "draft quality", "boomerang")
    made = motion(draft)
    assert (made.prompt, made.extend, made.quality) == ("the waves roll", "ping_pong", "draft")
    assert made.strength is not None
    assert made.strength < DEFAULT_STRENGTH
    _, draft = talk("make the waves roll", "make the clouds drift")
    assert motion(draft).prompt == "the clouds drift"
    # Strength has an end.
    _, draft = talk("bring it to life", *["more motion"] * 5)
    assert motion(draft).strength == 1


def test_what_is_said_of_generated_motion_leaves_the_other_shots_alone() -> None:
    _, draft = talk("bring the first photo to life", "loop it", "best quality", start="three_photos")
    first, *others = draft.photos
    assert first.motion == Motion(("hold",), method="diffusion", extend="loop", quality="exact")
    assert [photo.motion for photo in others] == [None, None]
    plan, after = talk("bring the first photo to life", "loop the second photo", start="three_photos")
    assert [photo.motion for photo in after.photos] == [Motion(("hold",), method="diffusion"), None, None]
    assert any("loop" in words for words in plan.not_understood)


def test_asking_for_motion_of_any_kind_keeps_the_generated_one() -> None:
    for text in ("animate it", "make a video of it"):
        _, draft = talk("make the waves roll", text)
        assert motion(draft) == Motion(("hold",), method="diffusion", prompt="the waves roll")


@pytest.mark.parametrize("music", ["calmer music", "add calmer music, please"])
def test_calmer_music_is_music(music: str) -> None:
    plan, draft = talk("bring it to life", music)
    assert motion(draft).strength is None
    assert "music" in plan.said.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "don't bring it to life",
        "no AI please, just a title saying Hello",
        'title "Bring it to life"',
        'add the text "make the waves roll"',
        "caption: her hair blows in the wind",
        "a girl walking on the beach, slow zoom in",
        "zoom in on the waves rolling in",
        "I want to see the waves up close",
        "make the title wave",
        "let the text fall in",
        "make the flowers look brighter",
        "let the first photo run for 3 seconds",
        "don't make the waves roll",
        "add the sound of waves crashing",
        "让画面飘起来",
        "不要让水动，放大就行",
        "加标题“让海浪翻滚”",
        "水平移动",
        "云朵的照片放最后",
        "no quiero que las olas se muevan, solo zoom",
        "texto «que las olas se muevan»",
    ],
)
def test_what_only_sounds_like_it_asks_for_nothing_generated(text: str) -> None:
    for start in ("one_photo", "three_photos", "portrait"):
        _, draft = talk(text, start=start)
        assert all(photo.motion is None or photo.motion.method != "diffusion" for photo in draft.photos)


@given(st.text(max_size=60), st.sampled_from(["“{}”", '"{}"', "「{}」"]))
def test_no_text_that_is_shown_is_ever_a_prompt(inside: str, marks: str) -> None:
    wish = f"make the waves roll {inside}".translate(dict.fromkeys(map(ord, '“”"「」'), " "))
    _, draft = talk(f"add the text {marks.format(wish)}")
    assert all(photo.motion is None or photo.motion.method is None for photo in draft.photos)


@given(
    st.fractions(Fraction(1, 30), 3600),
    st.fractions(Fraction(1, 30), 3600),
    st.fractions(1, 30),
    st.booleans(),
)
def test_a_longer_shot_never_asks_for_less(first: Fraction, second: Fraction, clip: Fraction, follows: bool) -> None:
    order = ["", "slow", "chain" if follows else "ping_pong", "loop"]
    short, long = sorted((first, second))
    assert order.index(choose_extend(short, clip, follows)) <= order.index(choose_extend(long, clip, follows))
    assert set(order) - {""} <= set(EXTENDS)


@pytest.mark.parametrize("follows", [True, False])
def test_where_one_way_to_fill_a_shot_ends_the_next_begins(follows: bool) -> None:
    little = Fraction(1, 1000)
    middle = "chain" if follows else "ping_pong"
    for ratio, below, above in ((1, "", "slow"), (1 / SLOWEST, "slow", middle), (MOST_LENGTHS, middle, "loop")):
        assert choose_extend(ratio * CLIP, CLIP, follows) == below
        assert choose_extend(ratio * CLIP + little, CLIP, follows) == above


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_strength_is_never_less_motion(first: float, second: float) -> None:
    (low_bucket, low_noise), (high_bucket, high_noise) = (svd_motion(each) for each in sorted((first, second)))
    assert 20 <= low_bucket <= high_bucket <= 255
    assert 0 <= low_noise <= high_noise <= 0.1


def test_without_a_strength_the_model_has_its_own_defaults() -> None:
    assert svd_motion(None) == svd_motion(DEFAULT_STRENGTH) == (127, 0.02)
    assert svd_motion(0) == (20, 0.005)
    assert svd_motion(1) == (255, 0.1)
    for outside in (-0.01, 1.01, float("nan")):
        with pytest.raises(ValueError, match="not within"):
            svd_motion(outside)
