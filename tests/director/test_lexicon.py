"""The lexicon: no phrase twice, typing errors mended only where that is safe, no text missing."""

import re
import tomllib

import pytest

from engine.audio.library import moods
from engine.motion import EASES, METHODS, MOVES, SPEEDS
from engine.timeline import FIT_MODES, TRANSITIONS
from engine.timeline.effects import EFFECTS
from engine.timeline.text_style import ROLES
from pipelines.director.lexicon import LEXICON_FOLDER, Lexicon, lexicon
from pipelines.director.looks import COMPOUND
from pipelines.director.moves import LITTLE, NAMED_MOVES, STRONG, VERBS
from pipelines.director.tokens import tokenize


@pytest.mark.parametrize(
    ("word", "keyword"),
    [
        ("zom", "zoom"),
        ("zooom", "zoom"),
        ("slwo", "slow"),
        ("secnds", "seconds"),
        ("rigth", "right"),
        ("lefft", "left"),
    ],
)
def test_slips_are_mended(word: str, keyword: str):
    assert lexicon("en").correct(word) == keyword


@pytest.mark.parametrize(
    "word", ["flower", "dawn", "town", "bar", "boom", "gold", "bold", "lift", "saying", "x", "", "qqqqqq"]
)
def test_other_words_are_left_alone(word: str):
    assert lexicon("en").correct(word) is None


def test_a_phrase_with_two_meanings_is_refused():
    with pytest.raises(ValueError, match="'zoom' means both"):
        Lexicon({"language": "xx", "verb": {"zoom": ["zoom"]}, "filler": {"filler": ["zoom/zooms"]}})


@pytest.mark.parametrize("path", sorted(LEXICON_FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_text_of_the_answer_is_there(path):
    words = lexicon(path.stem)
    needed = [f"phrase.move.{name}" for name in MOVES]
    needed += [f"phrase.speed.{name}" for name in SPEEDS] + [f"phrase.ease.{name}" for name in EASES]
    needed += [f"phrase.fit.{name}" for name in FIT_MODES] + [f"phrase.transition.{name}" for name in TRANSITIONS]
    needed += [f"phrase.look.{name}" for name in (*EFFECTS, *COMPOUND)] + [f"phrase.method.{name}" for name in METHODS]
    needed += [f"phrase.role.{name}" for name in ROLES] + [f"phrase.mood.{mood.name}" for mood in moods()]
    assert [key for key in needed if key not in words.texts] == []
    # A sentence that one language has, every language has, with the same values in it.
    english = lexicon("en").texts
    assert sorted(words.texts) == sorted(english)
    for key, text in words.texts.items():
        assert sorted(re.findall(r"{(\w+)}", text)) == sorted(re.findall(r"{(\w+)}", english[key])), key


@pytest.mark.parametrize("path", sorted(LEXICON_FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_meaning_is_known_to_the_grammar(path):
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(data["verb"]) <= set(VERBS)
    assert set(data["move"]) <= set(NAMED_MOVES)


def test_amount_words_have_a_meaning_for_every_unit():
    units = {move.unit for move in MOVES.values() if move.unit}
    assert set(LITTLE) == set(STRONG) == units
    assert all(LITTLE[unit] < STRONG[unit] for unit in units)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("don't", ["word"]),
        ("a 'zoom out' title", ["word", "quote", "word"]),
        ('10" tall', ["number", "sign", "word"]),
        ("the dogs' tails", ["word", "word", "word"]),
        ("“never closed", ["sign", "word", "word"]),
        ("10-second cross-dissolve", ["number", "word", "word", "word"]),
        ("缓慢", ["word", "word"]),
    ],
)
def test_tokens(text: str, kinds: list[str]):
    assert [token.kind for token in tokenize(text)] == kinds
