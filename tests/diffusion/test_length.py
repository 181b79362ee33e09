from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.diffusion.length import MOST_CLIPS, SLOWEST, Course, plan_course

WAYS = ("plain", "slow", "ping_pong", "loop", "chain")
durations = st.integers(300, 60_000).map(lambda ms: Fraction(ms, 1000))
clips = st.tuples(st.sampled_from([14, 25, 49, 121]), st.sampled_from([6, 7, 24]))
STEP = 1 / 240


def times(duration: Fraction) -> list[float]:
    return [number * STEP for number in range(int(float(duration) / STEP))]


def mean_place(course: Course, time: float) -> float:
    return sum(place * weight for place, weight in course.at(time))


def most_seen(course: Course, time: float) -> float:
    return max(course.at(time), key=lambda item: item[1])[0]


@given(durations, clips, st.sampled_from(WAYS), st.floats(0, 1))
def test_places_are_pictures_and_weights_are_shares(
    duration: Fraction, clip: tuple[int, int], way: str, share: float
) -> None:
    course = plan_course(duration, *clip, way)
    places = course.at(share * float(duration))
    assert sum(weight for _, weight in places) == pytest.approx(1)
    assert all(0 <= place <= course.last and 0 <= weight <= 1 for place, weight in places)


@given(durations, clips, st.sampled_from(("plain", "slow", "ping_pong", "chain")))
def test_it_begins_with_the_photo_s_picture(duration: Fraction, clip: tuple[int, int], way: str) -> None:
    assert plan_course(duration, *clip, way).at(0.0) == ((0.0, 1.0),)


@pytest.mark.parametrize("way", ["plain", "slow", "ping_pong", "chain"])
@pytest.mark.parametrize("duration", [Fraction(2), Fraction(5), Fraction(11), Fraction(40)])
def test_nothing_jumps_and_nothing_runs_faster_than_meant(way: str, duration: Fraction) -> None:
    course = plan_course(duration, 25, 7, way)
    places = [mean_place(course, time) for time in times(duration)]
    fastest = max(abs(b - a) for a, b in pairwise(places))
    assert fastest <= 7 * STEP * 1.001


@pytest.mark.parametrize("duration", [Fraction(8), Fraction(20)])
def test_ping_pong_turns_softly(duration: Fraction) -> None:
    course = plan_course(duration, 25, 7, "ping_pong")
    places = [mean_place(course, time) for time in times(duration)]
    speeds = [(b - a) / STEP for a, b in pairwise(places)]
    # From 7 to -7 pictures a second within twice 0.3 s, and not at once.
    assert max(abs(b - a) for a, b in pairwise(speeds)) <= 14 / 0.6 * STEP * 1.1
    assert min(speeds) < -6.9


def test_slow_motion_fills_the_length_exactly_and_no_slower_than_it_may() -> None:
    course = plan_course(Fraction(5), 25, 7, "slow")
    assert mean_place(course, 5.0) == pytest.approx(24)
    assert plan_course(Fraction(60), 25, 7, "slow").pace == pytest.approx(7 * float(SLOWEST))


@given(st.integers(3000, 60_000).map(lambda ms: Fraction(ms, 1000)))
def test_a_loop_has_no_seam(duration: Fraction) -> None:
    course = plan_course(duration, 25, 7, "loop")
    period = course.seconds - min(0.8, course.seconds / 3)
    rounds = float(duration) / period
    if abs(rounds - round(rounds)) < 1e-6:
        assert most_seen(course, float(duration)) == pytest.approx(most_seen(course, 0.0), abs=1e-3)
    # Within: just before a period ends and just after, one picture is seen.
    seam = period - min(0.8, course.seconds / 3)
    assert most_seen(course, seam - 1e-6) == pytest.approx(most_seen(course, seam + 1e-6), abs=1e-3)


def test_most_lengths_of_a_loop_are_whole_rounds() -> None:
    for seconds in (3, 4, 5, 8, 10, 15, 30):
        course = plan_course(Fraction(seconds), 25, 7, "loop")
        period = course.seconds - min(0.8, course.seconds / 3)
        assert seconds / period == pytest.approx(round(seconds / period), abs=1e-6)


def test_a_chain_takes_as_many_clips_as_it_needs_and_no_more_than_are_good() -> None:
    assert plan_course(Fraction(3), 25, 7, "chain").clips == 1
    assert plan_course(Fraction(10), 25, 7, "chain").clips == 2
    long = plan_course(Fraction(60), 25, 7, "chain")
    assert long.clips == MOST_CLIPS
    assert long.turns
