"""Edit operations: data that replays, exact durations, refusals that say why."""

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.core.time import FRAME_RATES, frame_count
from engine.motion import Motion
from engine.timeline import (
    AUDIO,
    AddPhotos,
    Canvas,
    Draft,
    Fit,
    Operation,
    Segment,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetMotion,
    SetSegmentDuration,
    SetTitle,
    SetTransition,
    Track,
    Transition,
    apply,
    apply_all,
    draft_text,
    read_draft,
    read_operation,
    slideshow,
    write_operation,
)
from tests.timeline.drafts import canvases, fits, motions, rates, seconds, transitions

targets = st.none() | st.sampled_from([("p1",), ("p2", "p3")])
operations = st.one_of(
    st.builds(AddPhotos, st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple), st.none() | seconds()),
    st.builds(SetMotion, st.none() | motions, targets),
    st.builds(SetDuration, seconds(1000)),
    st.builds(SetSegmentDuration, seconds(), targets),
    st.builds(SetCanvas, canvases),
    st.builds(SetFrameRate, rates),
    st.builds(SetFit, fits, targets),
    st.builds(SetTransition, st.none() | transitions, targets),
    st.builds(SetTitle, st.text(max_size=20)),
)
THREE = slideshow(["a.jpg", "b.jpg", "c.jpg"])


@settings(max_examples=150, deadline=None)
@given(st.lists(operations, max_size=6))
def test_a_list_of_operations_is_data_that_replays(items: list[Operation]):
    replayed = [read_operation(json.loads(json.dumps(write_operation(item)))) for item in items]
    assert replayed == items
    draft = apply_all(THREE, items)
    assert draft == apply_all(THREE, replayed)
    assert read_draft(draft_text(draft)) == draft


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 12), seconds(1000, 120_000), rates, st.booleans())
def test_a_duration_is_met_exactly_and_shared_out(count: int, duration: Fraction, rate: Fraction, uneven: bool):
    draft = slideshow([f"{index}.jpg" for index in range(count)], frame_rate=rate)
    if uneven:
        draft = apply(draft, SetSegmentDuration(Fraction(1, 1000), ("p1",)))
    draft = apply(draft, SetDuration(duration))
    photos = draft.photos
    assert draft.duration == photos[-1].end == duration
    assert photos[0].start == 0
    period_ms = 1000 / rate
    for left, right in pairwise(photos):
        assert left.end == right.start
        # On a millisecond at or less than one before a frame's time: that frame is the first of the clip.
        assert -(-right.start * rate // 1) * period_ms - 1000 * right.start < 1
    first_frames = [-(-photo.start * rate // 1) for photo in photos]
    assert len(set(first_frames)) == count
    assert first_frames[-1] < frame_count(duration, rate)
    if not uneven:
        lengths = [photo.duration for photo in photos]
        assert max(lengths) - min(lengths) <= 2 / rate + Fraction(2, 1000)


def test_too_many_photos_for_a_duration_are_refused():
    with pytest.raises(DraftError, match=r"3 photos do not fit in 0\.05 s"):
        apply(THREE, SetDuration(Fraction(5, 100)))
    assert len(apply(THREE, SetDuration(Fraction(1, 10))).photos) == 3


def test_an_empty_draft_has_no_duration():
    with pytest.raises(DraftError, match="no photo"):
        apply(Draft(), SetDuration(Fraction(5)))


def test_each_photo_as_long_as_asked():
    draft = apply(THREE, SetSegmentDuration(Fraction(3)))
    assert [(photo.start, photo.end) for photo in draft.photos] == [(0, 3), (3, 6), (6, 9)]
    assert draft.duration == 9
    longer = apply(THREE, SetSegmentDuration(Fraction(10), ("p2",)))
    assert [photo.start for photo in longer.photos] == [0, 4, 14]


def test_other_tracks_stay_and_the_longest_decides():
    music = Track("m", AUDIO, (Segment("song", Fraction(0), Fraction(30), "song.opus"),))
    draft = Draft(duration=Fraction(30), tracks=(*THREE.tracks, music))
    shorter = apply(draft, SetSegmentDuration(Fraction(1)))
    assert shorter.duration == 30
    assert shorter.tracks[1] == music


def test_new_photos_get_names_motion_and_dissolves():
    draft = apply(slideshow(["a.jpg"]), AddPhotos(("b.jpg", "c.jpg")))
    assert [photo.id for photo in draft.photos] == ["p1", "p2", "p3"]
    assert [photo.duration for photo in draft.photos] == [10, 4, 4]
    assert [photo.transition is not None for photo in draft.photos] == [True, True, False]
    assert [photo.motion.moves for photo in draft.photos if photo.motion] == [("zoom_in",), ("zoom_out",), ("zoom_in",)]


def test_slideshow_defaults():
    assert slideshow(["a.jpg"]).duration == 10
    assert THREE.duration == 12
    assert slideshow(["a.jpg", "b.jpg"], Fraction(15)).duration == 15
    assert slideshow(["a.jpg"], title="Sea").meta == {"title": "Sea"}
    with pytest.raises(DraftError, match="no photo"):
        slideshow([])


def test_targets_are_the_only_ones_changed():
    draft = apply_all(
        THREE,
        [
            SetMotion(Motion(("hold",)), ("p2",)),
            SetFit(Fit("blur"), ("p3",)),
            SetTransition(None, ("p1",)),
        ],
    )
    first, second, third = draft.photos
    assert second.motion == Motion(("hold",))
    assert first.motion == THREE.photos[0].motion
    assert [photo.fit.mode for photo in draft.photos] == ["auto", "auto", "blur"]
    assert first.transition is None
    assert second.transition == Transition()
    assert third.transition is None


def test_the_last_photo_has_no_transition():
    draft = apply(THREE, SetTransition(Transition("cross_dissolve", Fraction(1))))
    assert [photo.transition is not None for photo in draft.photos] == [True, True, False]


@pytest.mark.parametrize(
    "operation",
    [
        SetMotion(None, ("x",)),
        SetFit(Fit(), ("x",)),
        SetTransition(None, ("x",)),
        SetSegmentDuration(Fraction(1), ("x",)),
    ],
)
def test_an_unknown_target_is_refused(operation: Operation):
    with pytest.raises(DraftError, match="no clip 'x'"):
        apply(THREE, operation)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SetDuration(Fraction(0)), "duration"),
        (lambda: SetDuration(Fraction(10**9)), "duration"),
        (lambda: SetSegmentDuration(Fraction(-1)), "duration"),
        (lambda: SetFrameRate(Fraction(31)), "31 frames per second"),
        (lambda: SetCanvas(Canvas(1921, 1080)), "even"),
        (lambda: SetFit(Fit("stretch")), "stretch"),
        (lambda: Fit("color", "red"), "#rrggbb"),
        (lambda: Transition("melt"), "melt"),
        (lambda: AddPhotos(()), "no photo"),
        (lambda: SetTitle("x" * 1001), "1000"),
        (lambda: apply(THREE, SetSegmentDuration(Fraction(86_400))), "longer than a day"),
    ],
)
def test_impossible_operations_are_refused(make: Any, words: str):
    with pytest.raises(DraftError, match=words):
        make()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "op: "),
        ({"op": "explode"}, "op: 'explode' is not an operation"),
        ({"op": "set_duration"}, "d: is missing"),
        ({"op": "set_duration", "d": 5, "speed": 1}, "speed: is not a member"),
        ({"op": "set_motion", "mo": {"move": "zoom_in", "later": "x"}}, r"mo\.later: is not"),
        ({"op": "set_motion", "mo": {"move": "zoom_in", "with": "magic"}}, r"mo\.with: "),
        ({"op": "set_motion", "mo": None, "target": "p1"}, "target: must be a list"),
        ({"op": "set_motion", "target": ["p1"]}, "mo: is missing"),
        ({"op": "set_transition"}, "tr: is missing"),
        ({"op": "set_text_style"}, "st: is missing"),
        ({"op": "set_fit", "bg": "#102030"}, "fit: is missing"),
        (5, "An operation must be a JSON object, not 5"),
        ({"op": "set_canvas", "w": 100}, "h: is missing"),
        ({"op": "set_frame_rate"}, "fps: is missing"),
        ({"op": "set_title"}, "title: is missing"),
        ({"op": "add_photos", "src": [5]}, "src: must be a list of files"),
    ],
)
def test_bad_operations_in_json_are_refused(value: dict[str, Any], words: str):
    with pytest.raises(DraftError, match=words):
        read_operation(value)


def test_every_frame_rate_can_be_set():
    for rate in FRAME_RATES.values():
        assert apply(THREE, SetFrameRate(rate)).frame_rate == rate
