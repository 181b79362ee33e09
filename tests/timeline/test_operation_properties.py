"""Whatever is done to whatever draft: the result is a draft, the operation is data, and it can be taken back."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.timeline import (
    Draft,
    Operation,
    SetSpeed,
    apply,
    apply_all,
    draft_text,
    invert,
    read_draft,
    read_operation,
    write_operation,
)
from tests.timeline.edits import GROUPS, fitting_operations, full_drafts

EXAMPLES = 40
"""Of each group: enough to meet every operation, few enough for seconds."""


@st.composite
def edits(draw: st.DrawFn, group: str) -> tuple[Draft, Operation]:
    draft = draw(full_drafts(rich=group == "layers"))
    return draft, draw(fitting_operations(draft, group))


def through_json(operation: Operation) -> Operation:
    written: Any = json.loads(json.dumps(write_operation(operation)))
    return read_operation(written)


def after_or_none(draft: Draft, operation: Operation) -> Draft | None:
    try:
        return apply(draft, operation)
    except DraftError:
        return None


@pytest.mark.parametrize("group", GROUPS)
def test_an_edit_gives_a_draft_or_says_why_not_and_can_be_taken_back(group: str):
    @settings(max_examples=EXAMPLES, deadline=None)
    @given(edits(group))
    def check(edit: tuple[Draft, Operation]) -> None:
        draft, operation = edit
        assert through_json(operation) == operation
        after = after_or_none(draft, operation)
        if after is None:
            return
        assert read_draft(draft_text(after)) == after
        names = [name for track in after.tracks for name in (track.id, *(segment.id for segment in track.segments))]
        assert len(set(names)) == len(names)
        for track in after.tracks:
            assert all(segment.start >= 0 and segment.duration > 0 for segment in track.segments)
            assert all(left.end <= right.start for left, right in pairwise(track.segments))
        inverse = invert(draft, operation)
        assert apply_all(after, inverse) == draft
        assert apply_all(after, [through_json(item) for item in inverse]) == draft
        # What undoes the undoing is the operation's own work again.
        for item in inverse:
            assert apply_all(draft, invert(after, item)) == after

    check()


@settings(max_examples=EXAMPLES, deadline=None)
@given(edits("layers"))
def test_a_look_changes_no_time_and_no_other_segment(edit: tuple[Draft, Operation]):
    draft, operation = edit
    target = getattr(operation, "target", None)
    after = after_or_none(draft, operation)
    if after is None or isinstance(operation, SetSpeed):
        return
    assert after.duration == draft.duration
    for old_track, track in zip(draft.tracks, after.tracks, strict=True):
        for old, segment in zip(old_track.segments, track.segments, strict=True):
            assert (segment.id, segment.start, segment.duration) == (old.id, old.start, old.duration)
            if target is not None and segment.id not in target:
                assert segment == old
