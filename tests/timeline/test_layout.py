"""Every frame shows something, transitions run from 0 to 1 and change nothing about the total."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.time import frame_count
from engine.timeline import (
    Draft,
    Segment,
    SetTransition,
    Shot,
    Track,
    Transition,
    apply,
    shots,
    slideshow,
    tiers_at,
)
from tests.timeline.drafts import drafts


def two(transition: Transition | None, first: int = 4, second: int = 4, gap: int = 0) -> Draft:
    segments = (
        Segment("a", Fraction(0), Fraction(first), "a.jpg", transition=transition),
        Segment("b", Fraction(first + gap), Fraction(second), "b.jpg", transition=Transition()),
    )
    return Draft(duration=segments[-1].end, tracks=(Track("t", 0, segments),))


def names(visible: tuple[Shot, ...], time: Fraction) -> list[str]:
    """The ids of the segments that a frame shows, lowest first."""
    return [layer.shot.segment.id for tier in tiers_at(visible, time) for layer in tier.layers]


@settings(max_examples=40, deadline=None)
@given(drafts(kinds=(0,), gaps=False))
def test_every_frame_is_covered_by_one_layer_or_a_transition_of_two(draft: Draft):
    visible = shots(draft)
    frames = frame_count(draft.duration, draft.frame_rate)
    for frame in range(0, frames, max(1, frames // 300)):
        (tier,) = tiers_at(visible, frame / draft.frame_rate)
        assert len(tier.layers) == (1 if tier.transition == "cut" else 2)
        assert 0 <= tier.progress < 1
        assert (tier.progress > 0) == (len(tier.layers) == 2)
        for layer in tier.layers:
            assert 0 <= layer.local_time < layer.shot.duration


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
def test_any_draft_has_an_answer_at_any_time_from_the_lowest_track_up(draft: Draft, time: Fraction):
    tiers = tiers_at(shots(draft), time)
    levels = [tier.layers[0].shot.level for tier in tiers]
    assert levels == sorted(set(levels))
    for tier in tiers:
        assert all(layer.shot.level == tier.layers[0].shot.level for layer in tier.layers)


def test_a_dissolve_is_centred_on_the_cut_and_linear():
    visible = shots(two(Transition("cross_dissolve", Fraction(1))))
    assert [(shot.start, shot.end) for shot in visible] == [(0, Fraction(9, 2)), (Fraction(7, 2), 8)]
    for step in range(1, 10):
        (tier,) = tiers_at(visible, Fraction(7, 2) + Fraction(step, 10))
        outgoing, incoming = tier.layers
        assert (outgoing.shot.segment.id, incoming.shot.segment.id) == ("a", "b")
        assert (tier.transition, tier.progress) == ("cross_dissolve", Fraction(step, 10))
        assert incoming.local_time == Fraction(step, 10)
    assert names(visible, Fraction(7, 2)) == ["a"]
    assert names(visible, Fraction(9, 2)) == ["b"]


def test_a_transition_without_a_length_suits_the_shots():
    (long, _), (short, _) = shots(two(Transition())), shots(two(Transition(), second=1))
    assert long.fade_out == Fraction(8, 10)
    assert short.fade_out == Fraction(1, 3)


def test_a_transition_is_never_longer_than_its_clips():
    assert shots(two(Transition("cross_dissolve", Fraction(60)), first=3))[0].fade_out == 3


def test_a_cut_and_a_gap_have_no_dissolve():
    for draft in (two(None), two(Transition("cut", Fraction(1))), two(Transition(), gap=1)):
        assert all(shot.fade_in == shot.fade_out == 0 for shot in shots(draft))
    assert tiers_at(shots(two(Transition(), gap=1)), Fraction(9, 2)) == ()


def test_the_higher_track_is_painted_over_the_lower():
    low = two(None)
    high = Segment("c", Fraction(3), Fraction(2), "c.jpg")
    draft = Draft(duration=low.duration, tracks=(*low.tracks, Track("u", 0, (high,))))
    assert [names(shots(draft), Fraction(time)) for time in (2, 3, 4, 5)] == [["a"], ["a", "c"], ["b", "c"], ["b"]]


def test_texts_have_no_handles_and_may_overlap():
    texts = (
        Segment("a", Fraction(0), Fraction(2), text="a", transition=Transition()),
        Segment("b", Fraction(2), Fraction(2), text="b"),
        Segment("c", Fraction(3), Fraction(2), text="c"),
    )
    visible = shots(Draft(duration=Fraction(5), tracks=(Track("t", 7, texts),)))
    assert all(shot.handle == 0 and shot.fade_out == 0 for shot in visible)
    assert [names(visible, Fraction(time)) for time in (1, 2, 3, 4)] == [["a"], ["b"], ["b", "c"], ["c"]]


def test_cuts_fall_between_the_same_frames_after_a_round_trip_through_milliseconds():
    draft = apply(slideshow([f"{index}.jpg" for index in range(7)], Fraction(10)), SetTransition(None))
    visible = shots(draft)
    first_frames = {}
    for frame in range(300):
        (name,) = names(visible, Fraction(frame, 30))
        first_frames.setdefault(name, frame)
    assert list(first_frames.values()) == [0, 43, 86, 129, 171, 214, 257]
