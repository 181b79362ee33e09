"""Labelled conversations in English and Chinese: how many come out fully right, and that no opposites are confused."""

import pytest

from engine.motion import MOVES
from engine.timeline import History
from pipelines.director import Conversation, converse
from pipelines.director.language import language_of
from tests.conftest import ROOT
from tests.director.facts import facts_of
from tests.director.run_labels import Label, load_labels, problems_of, table
from tests.director.starts import assets_of, draft_of, starts
from tests.tolerances import DIRECTOR_RIGHT

LANGUAGES = ("en", "zh", "es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_well_formed(language: str):
    labels = load_labels(language)
    assert len({label.id for label in labels}) == len(labels)
    assert {label.start for label in labels} <= set(starts())
    assert all(label.turns and label.set in ("before", "after") for label in labels)


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_conversations_come_out_fully_right(language: str):
    labels = load_labels(language)
    wrong = [label.id for label in labels if problems_of(label)]
    assert 1 - len(wrong) / len(labels) >= DIRECTOR_RIGHT[language], wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_move_is_taken_for_its_opposite(language: str):
    confused = [label.id for label in load_labels(language) if _is_confused(label)]
    assert confused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_found_out(language: str):
    """Each turn is taken for its language; where the words are those of several, English is as good."""
    turns = [turn for label in load_labels(language) for turn in label.turns]
    other = [turn for turn in turns if language_of(turn) != language]
    assert len(other) <= NEUTRAL_TURNS[language], other


NEUTRAL_TURNS = {"en": 0, "zh": 0, "es": 2}
"""Turns such as "4K a 60 fps" that no word gives away."""


def test_the_published_accuracy_is_that_of_the_labels():
    published = (ROOT / "docs" / "director.md").read_text(encoding="utf-8")
    assert table() in published, "run: python -m tests.director.run_labels --table, and put it into docs/director.md"


def _is_confused(label: Label) -> bool:
    """Whether the label wants one move for all shots, and the draft has the opposite instead."""
    wanted = label.expect.get("shots[*].move")
    if not isinstance(wanted, list):
        return False
    conversation = Conversation(History(draft_of(label.start)))
    for turn in label.turns:
        _, conversation = converse(turn, conversation, assets_of(label.start))
    shots = facts_of(conversation.draft)["shots"]
    opposites = {MOVES[name].opposite for name in wanted} - {None} - set(wanted)
    return any(opposites & set(shot["move"]) for shot in shots)
