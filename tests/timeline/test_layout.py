"""Every frame shows something, weights sum to one, and transitions change nothing about the total."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.time import frame_count
from engine.timeline import (
    Draft,
    Segment,
    SetTransition,
    Track,
    Transition,
    apply,
    layers_at,
    shots,
    slideshow,
)
from tests.timeline.drafts import drafts


def two(transition: Transition | None, first: int = 4, second: int = 4, gap: int = 0) -> Draft:
    segments = (
        Segment("a", Fraction(0), Fraction(first), "a.jpg", transition=transition),
        Segment("b", Fraction(first + gap), Fraction(second), "b.jpg", transition=Transition()),
    )
    return Draft(duration=segments[-1].end, tracks=(Track("t", 0, segments),))


@settings(max_examples=40, deadline=None)
@given(drafts(kinds=(0,), gaps=False))
def test_every_frame_is_covered_and_weights_sum_to_one(draft: Draft):
    visible = shots(draft)
    frames = frame_count(draft.duration, draft.frame_rate)
    for frame in range(0, frames, max(1, frames // 300)):
        layers = layers_at(visible, frame / draft.frame_rate)
        assert 1 <= len(layers) <= 2
        assert sum(layer.weight for layer in layers) == 1
        for layer in layers:
            assert 0 <= layer.local_time < layer.shot.duration
            assert layer.weight > 0


@settings(max_examples=40, deadline=None)
@given(drafts(kinds=(0,), gaps=False))
def test_clips_keep_their_place_and_the_total(draft: Draft):
    visible = shots(draft)
    assert visible[0].start == 0
    assert visible[-1].end == draft.duration
    for shot in visible:
        assert shot.start + shot.fade_in / 2 == shot.segment.start
        assert shot.end - shot.fade_out / 2 == shot.segment.end
        assert shot.fade_in / 2 + shot.fade_out / 2 <= shot.segment.duration


@settings(max_examples=40, deadline=None)
@given(drafts(), st.fractions(0, 60))
def test_any_draft_has_an_answer_at_any_time(draft: Draft, time: Fraction):
    layers = layers_at(shots(draft), time)
    assert sum(layer.weight for layer in layers) in (0, 1)


def test_a_dissolve_is_centred_on_the_cut_and_linear():
    visible = shots(two(Transition("cross_dissolve", Fraction(1))))
    assert [(shot.start, shot.end) for shot in visible] == [(0, Fraction(9, 2)), (Fraction(7, 2), 8)]
    for step in range(1, 10):
        outgoing, incoming = layers_at(visible, Fraction(7, 2) + Fraction(step, 10))
        assert (outgoing.shot.segment.id, incoming.shot.segment.id) == ("a", "b")
        assert incoming.weight == Fraction(step, 10)
        assert incoming.local_time == Fraction(step, 10)
    assert [layer.shot.segment.id for layer in layers_at(visible, Fraction(7, 2))] == ["a"]
    assert [layer.shot.segment.id for layer in layers_at(visible, Fraction(9, 2))] == ["b"]


def test_a_transition_without_a_length_suits_the_shots():
    (long, _), (short, _) = shots(two(Transition())), shots(two(Transition(), second=1))
    assert long.fade_out == Fraction(8, 10)
    assert short.fade_out == Fraction(1, 3)


def test_a_transition_is_never_longer_than_its_clips():
    assert shots(two(Transition("cross_dissolve", Fraction(60)), first=3))[0].fade_out == 3


def test_a_cut_and_a_gap_have_no_dissolve():
    for draft in (two(None), two(Transition("cut", Fraction(1))), two(Transition(), gap=1)):
        assert all(shot.fade_in == shot.fade_out == 0 for shot in shots(draft))
    assert layers_at(shots(two(Transition(), gap=1)), Fraction(9, 2)) == ()


def test_the_higher_track_covers_the_lower():
    low = two(None)
    high = Segment("c", Fraction(3), Fraction(2), "c.jpg")
    draft = Draft(duration=low.duration, tracks=(*low.tracks, Track("u", 0, (high,))))
    shown = [layers_at(shots(draft), Fraction(time))[0].shot.segment.id for time in (2, 3, 4, 5)]
    assert shown == ["a", "c", "c", "b"]


def test_cuts_fall_between_the_same_frames_after_a_round_trip_through_milliseconds():
    draft = apply(slideshow([f"{index}.jpg" for index in range(7)], Fraction(10)), SetTransition(None))
    visible = shots(draft)
    first_frames = {}
    for frame in range(300):
        (layer,) = layers_at(visible, Fraction(frame, 30))
        first_frames.setdefault(layer.shot.segment.id, frame)
    assert list(first_frames.values()) == [0, 43, 86, 129, 171, 214, 257]
