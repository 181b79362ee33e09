"""A cut shows: the same material and the same place at every time, before and after it."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.core.errors import DraftError
from engine.timeline import (
    VIDEO,
    Draft,
    Keyframe,
    Playback,
    Segment,
    SplitSegment,
    Track,
    TrimSegment,
    apply,
)
from engine.timeline.cutting import is_still
from pipelines.render.geometry import placement_at
from tests.timeline.drafts import seconds
from tests.timeline.edits import keyframe_lists, playbacks

LENGTH = Fraction(8)
GRID = Fraction(2, 1000)
"""Source times land on whole milliseconds, and what is over stands a millisecond before its end."""


def draft_of(**members: object) -> Draft:
    segment = replace(Segment("v", Fraction(0), LENGTH, "clip.mp4"), **members)
    return Draft(duration=LENGTH, tracks=(Track("t", VIDEO, (segment,)),))


def source_time(segment: Segment, time: Fraction) -> Fraction | None:
    """Seconds of the medium that are seen, by the words of ``Playback``; None where only the medium could tell."""
    play = segment.playback
    passed = (time - segment.start) * play.speed
    if play.freeze is not None:
        return play.freeze
    if play.end is None:
        return play.start + passed if not play.reverse and play.plays == 1 else None
    length = play.end - play.start
    if play.plays and passed >= play.plays * length:
        return play.start if play.reverse else play.end
    passed %= length
    return play.end - passed if play.reverse else play.start + passed


def at(draft: Draft, time: Fraction) -> Segment:
    return next(segment for segment in draft.photos if segment.start <= time < segment.end)


@settings(max_examples=80, deadline=None)
@given(playbacks(), seconds(1, 7999), st.lists(seconds(0, 7999), min_size=3, max_size=3), st.booleans())
def test_the_same_material_is_seen_after_a_cut(play: Playback, cut: Fraction, times: list[Fraction], halves: bool):
    draft = draft_of(playback=play)
    try:
        after = apply(draft, SplitSegment("v", cut) if halves else TrimSegment("v", start=cut, ripple=False))
    except DraftError:
        assert play.plays != 1 or (play.reverse and play.end is None)
        return
    for time in times:
        if time < cut and not halves:
            continue
        was, now = source_time(draft.photos[0], time), source_time(at(after, time), time)
        assume((was is None) == (now is None))
        if was is not None and now is not None:
            length = None if play.end is None else play.end - play.start
            # At the seam of a loop a millisecond decides which end is seen.
            seam = length is not None and play.plays != 1 and abs(abs(was - now) - length) <= GRID
            assert abs(was - now) <= GRID or seam


@settings(max_examples=80, deadline=None)
@given(keyframe_lists(), seconds(1, 7999), st.lists(seconds(0, 7999), min_size=3, max_size=3))
def test_keyframes_with_an_even_pace_go_on_over_a_cut(
    frames: tuple[Keyframe, ...], cut: Fraction, times: list[Fraction]
):
    frames = tuple(replace(frame, ease="linear") for frame in frames)
    draft = draft_of(keyframes=frames)
    after = apply(draft, SplitSegment("v", cut))
    for time in times:
        whole, half = draft.photos[0], at(after, time)
        was = placement_at(whole.placement, whole.keyframes, float(time))
        now = placement_at(half.placement, half.keyframes, float(time - half.start))
        for name in ("x", "y", "scale", "rotation", "opacity", "crop"):
            assert getattr(now, name) == pytest.approx(getattr(was, name), rel=1e-6, abs=1e-6)


def test_an_eased_way_arrives_where_it_did_and_does_not_stop_at_the_cut():
    frames = (Keyframe(Fraction(0), x=0.0, ease="in_out"), Keyframe(Fraction(8), x=1.0, ease="linear"))
    left, right = apply(draft_of(keyframes=frames), SplitSegment("v", Fraction(2))).photos
    assert left.keyframes[-1].x == right.keyframes[0].x
    assert (left.keyframes[0].ease, right.keyframes[0].ease) == ("in", "out")
    assert right.keyframes[-1] == Keyframe(Fraction(6), x=1.0, ease="linear")


@pytest.mark.parametrize(
    ("src", "still"),
    [("a.JPG", True), ("http://h/a.png?x=1.mp4", True), ("color:#000000", True), (None, True), ("a.mp4", False),
     ("a.gif", False), ("noname", False)],
)  # fmt: skip
def test_photos_are_known_by_their_names(src: str | None, still: bool):
    assert is_still(src) == still
