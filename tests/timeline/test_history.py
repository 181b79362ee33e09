"""Undo and redo: a list of steps that is data."""

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.timeline import (
    AddCaptions,
    AddMusic,
    AddPhotos,
    AddText,
    Caption,
    Draft,
    History,
    RemoveSegments,
    SetText,
    SetTitle,
    read_history,
    slideshow,
    write_history,
)
from engine.timeline import history as module
from tests.timeline.edits import GROUPS, fitting_operations, full_drafts

THREE = slideshow(["a.jpg", "b.jpg", "c.jpg"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[History, list[Draft]]:
    """A history of a few steps, and the drafts that it went through."""
    history = History(draw(full_drafts(rich=False)))
    seen = [history.draft]
    for group in draw(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3)):
        try:
            history = history.do(draw(fitting_operations(history.draft, group)))
        except DraftError:
            continue
        seen.append(history.draft)
    return history, seen


@settings(max_examples=40, deadline=None)
@given(histories())
def test_undo_and_redo_go_through_the_same_drafts(case: tuple[History, list[Draft]]):
    history, seen = case
    for draft in reversed(seen[:-1]):
        history = history.undo()
        assert history.draft == draft
        # At any point it may be stored and read again.
        assert read_history(json.loads(json.dumps(write_history(history)))) == history
    for draft in seen[1:]:
        history = history.redo()
        assert history.draft == draft


def test_a_step_is_undone_as_a_whole():
    history = History(THREE).do(SetTitle("Sea"), AddText("Sea"), AddMusic(mood="calm"))
    assert len(history.done) == 1
    assert history.undo().draft == THREE
    assert history.undo().redo() == history


def test_a_step_that_fails_changes_nothing():
    history = History(THREE)
    with pytest.raises(DraftError, match="no clip"):
        history.do(SetTitle("Sea"), RemoveSegments(("zz",)))
    assert history == History(THREE)


def test_a_new_step_forgets_what_was_undone():
    history = History(THREE).do(SetTitle("Sea")).undo().do(AddPhotos(("d.jpg",)))
    assert history.undone == ()
    with pytest.raises(DraftError, match="do again"):
        history.redo()


def test_there_is_an_end_to_undoing():
    with pytest.raises(DraftError, match="nothing to undo"):
        History(THREE).undo()


def test_a_history_keeps_a_bounded_number_of_steps(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MAX_STEPS", 2)
    history = History(THREE)
    for title in "abc":
        history = history.do(SetTitle(title))
    assert len(history.done) == 2
    assert history.undo().undo().draft.meta["title"] == "a"


def test_the_inverse_holds_only_what_changed():
    cues = tuple(Caption(Fraction(n), Fraction(n + 1), f"line {n}") for n in range(100))
    history = History(slideshow(["a.jpg"], Fraction(100))).do(AddCaptions(cues=cues)).do(SetText("x50", "mended"))
    (written,) = write_history(history)["done"][1]["undo"]
    whole = [part for track in written["t"] if not isinstance(track, str) for part in track["sg"]]
    assert [part["tx"] for part in whole if not isinstance(part, str)] == ["line 49"]
    assert "d" not in written


def test_a_history_that_is_not_one_is_refused():
    with pytest.raises(DraftError, match=r"done\[0\]\.do\[1\]\.tr\.ty: .*star_wipe"):
        read_history({"done": [{"do": [{"op": "remove_music"}, {"op": "set_transition", "tr": {"ty": "star_wipe"}}]}]})
    with pytest.raises(DraftError, match=r"undone\[0\]\.undo\[0\]: must be a JSON object"):
        read_history({"undone": [{"undo": [5]}]})
    with pytest.raises(DraftError, match=r"done\[0\]\.do\[0\]\.op: 'explode'"):
        read_history({"draft": {}, "done": [{"do": [{"op": "explode"}]}]})
    with pytest.raises(DraftError, match="done"):
        read_history({"draft": {}, "done": 5})
    other = History(THREE).do(RemoveSegments(("p3",)))
    with pytest.raises(DraftError, match="not the one that was edited"):
        History(Draft(), other.done).undo()
