"""Which moment of a clip is shown when."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.timeline.playback import ENDLESS, Playback
from pipelines.clip.timing import INSTANT, played_range, source_time

TIMES = st.integers(0, 60_000).map(lambda ms: Fraction(ms, 1000))
SPEEDS = st.integers(25, 400).map(lambda percent: Fraction(percent, 100))
MEDIA = st.integers(10, 60_000).map(lambda ms: Fraction(ms, 1000))
SHARES = st.integers(1, 999).map(lambda thousandth: Fraction(thousandth, 1000))


@st.composite
def playbacks(draw, freezes=True):
    start = draw(TIMES)
    end = draw(st.none() | MEDIA.map(lambda length: start + length))
    freeze = draw(st.none() | TIMES) if freezes else None
    return Playback(start, end, draw(SPEEDS), draw(st.booleans()), draw(st.integers(0, 4)), freeze)


@given(playbacks(), MEDIA, st.integers(-10_000, 300_000).map(lambda ms: Fraction(ms, 1000)))
def test_it_is_always_a_moment_of_the_medium(playback, media, time):
    shown = source_time(playback, media, time)
    assert isinstance(shown, Fraction)
    assert 0 <= shown < media
    if time >= 0 and playback.freeze is None:
        start, end = played_range(playback, media)
        assert start <= shown < end


@given(MEDIA, SPEEDS, SHARES, SHARES)
def test_without_more_it_is_the_time_itself_scaled(media, speed, begins, share):
    start = media * begins
    time = (media - start) / speed * share
    # Less than an instant before the end, the picture at the end stands already.
    assert source_time(Playback(start, speed=speed), media, time) == min(start + time * speed, media - INSTANT)


@given(playbacks(freezes=False), MEDIA, SHARES)
def test_reverse_is_the_mirror_of_forward(playback, media, share):
    forward, backward = (replace(playback, reverse=reverse, plays=1) for reverse in (False, True))
    start, end = played_range(playback, media)
    length = (end - start) / playback.speed
    there = source_time(forward, media, length * (1 - share))
    assert source_time(backward, media, length * share) == max(there - INSTANT, start)


@given(playbacks(freezes=False), MEDIA, SHARES, st.integers(0, 5))
def test_each_play_shows_the_same(playback, media, share, turn):
    start, end = played_range(playback, media)
    length = (end - start) / playback.speed
    turn = turn if playback.plays == ENDLESS else turn % playback.plays
    time = share * length
    assert source_time(playback, media, time + turn * length) == source_time(playback, media, time)


@given(playbacks(freezes=False).filter(lambda playback: playback.plays != ENDLESS), MEDIA, TIMES)
def test_after_the_last_play_the_last_picture_stands(playback, media, more):
    start, end = played_range(playback, media)
    length = (end - start) / playback.speed * playback.plays
    shown = source_time(playback, media, length + more)
    assert shown == (start if playback.reverse else max(end - INSTANT, start))


def test_a_handle_comes_from_beside_the_part_where_there_is_more():
    part = Playback(Fraction(2), Fraction(5))
    assert source_time(part, Fraction(10), Fraction(-1, 2)) == Fraction(3, 2)
    assert source_time(part, Fraction(10), Fraction(-3)) == 0
    backwards = Playback(Fraction(2), Fraction(5), reverse=True)
    assert source_time(backwards, Fraction(10), Fraction(-1)) == 6 - INSTANT
    assert source_time(backwards, Fraction(5), Fraction(-1)) == 5 - INSTANT


def test_a_frozen_picture_stands_whatever_the_rest_says():
    frozen = Playback(Fraction(2), speed=Fraction(3), reverse=True, plays=0, freeze=Fraction(7, 2))
    assert {source_time(frozen, Fraction(10), Fraction(t)) for t in (-1, 0, 5, 100)} == {Fraction(7, 2)}
    assert source_time(Playback(freeze=Fraction(99)), Fraction(10), Fraction(0)) == 10 - INSTANT


def test_a_part_beyond_the_end_shows_the_last_picture():
    assert source_time(Playback(Fraction(20)), Fraction(10), Fraction(3)) == 10 - INSTANT
