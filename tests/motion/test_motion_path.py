"""How the camera moves in time: smooth, at the perceived speed that was asked for, the same every time."""

from fractions import Fraction
from itertools import pairwise
from math import degrees, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.motion import Motion, Subject, plan_camera

PHOTO, FRAME = (5312, 2988), (1920, 1080)
FLOWER = Subject(0.3, 0.34, (0.14, 0.1, 0.46, 0.58), 0.8)


def curve(path, times):
    views = [path.at(time) for time in times]
    return np.array([(view.x, view.y, log(view.scale), view.angle) for view in views])


@pytest.mark.parametrize(
    "motion",
    [
        Motion(("zoom_in",), 1.5),
        Motion(("zoom_out", "pan_left")),
        Motion(("pan_right", "rotate_cw")),
        Motion(("zoom_in", "pan_up", "rotate_ccw"), (1.3, 0.5, 8.0), "fast"),
        Motion(("drift",)),
        Motion(("zoom_in", "drift"), speed="fast"),
        Motion(("handheld",)),
        Motion(("zoom_in", "handheld"), speed="fast"),
    ],
)
def test_position_scale_and_angle_are_twice_continuously_differentiable(motion):
    """A jump in the second derivative does not shrink with the step; a continuous one shrinks in proportion."""
    path = plan_camera(motion, PHOTO, FRAME, 8, FLOWER, seed=4)

    def largest_jump(step):
        seconds = np.arange(0, 8 + step / 2, step)
        second = np.diff(curve(path, seconds), 2, axis=0) / step**2
        return np.abs(np.diff(second, axis=0)).max(axis=0), np.abs(second).max(axis=0)

    coarse, size = largest_jump(1 / 100)
    fine, _ = largest_jump(1 / 800)
    moving = size > 1e-6 * np.array([PHOTO[0], PHOTO[1], 1, 1])
    assert moving.any()
    assert (fine[moving] < 0.2 * coarse[moving]).all()


@pytest.mark.parametrize("moves", [("zoom_in",), ("zoom_out", "pan_left"), ("pan_right", "rotate_cw"), ("drift",)])
def test_an_eased_shot_starts_and_ends_at_rest(moves):
    path = plan_camera(Motion(moves), PHOTO, FRAME, 8, FLOWER)
    moved = np.abs(curve(path, [0, 4, 8]) - curve(path, [1 / 30, 4 + 1 / 30, 8 - 1 / 30])).max(axis=1)
    assert moved[0] < 0.002 * moved[1]
    assert moved[2] < 0.002 * moved[1]


def test_zoom_and_pan_run_at_constant_perceived_speed():
    path = plan_camera(Motion(("zoom_in", "pan_right"), (1.8, 0.8), ease="linear"), PHOTO, FRAME, 10, FLOWER)
    views = [path.at(second / 10) for second in range(101)]
    growth = [log(b.scale / a.scale) for a, b in pairwise(views)]
    slide = [(b.x - a.x) / (0.5 * (a.scale + b.scale)) for a, b in pairwise(views)]
    assert np.ptp(growth) < 1e-12
    assert np.ptp(slide) < 1e-6 * abs(slide[0])


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(1.01, 10), st.sampled_from(["zoom_in", "zoom_out"]))
def test_a_zoom_keeps_its_focus_point_in_place(x, y, amount, move):
    path = plan_camera(Motion((move,), amount, focus=(x, y)), (4000, 3000), FRAME, 5, FLOWER)
    places = [
        ((4000 * x - view.x) / view.scale, (3000 * y - view.y) / view.scale)
        for view in (path.at(second / 4) for second in range(21))
    ]
    assert np.ptp(np.array(places), axis=0).max() < 1e-6 * FRAME[0]
    assert abs(places[0][0]) <= FRAME[0] / 2 * (1 + 1e-9)
    assert abs(places[0][1]) <= FRAME[1] / 2 * (1 + 1e-9)


def test_nearly_no_zoom_is_as_smooth_as_none():
    path = plan_camera(Motion(("zoom_in", "pan_right"), (1 + 1e-13, 1.0)), PHOTO, FRAME, 10, FLOWER)
    x = curve(path, np.arange(0, 10.01, 1 / 30))[:, 0]
    assert (np.diff(x) >= 0).all()
    assert np.abs(np.diff(x, 2)).max() < 0.2


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 120), st.integers(0, 2**63), st.sampled_from(["linear", "in", "out", "in_out"]))
def test_a_drift_ends_exactly_where_it_began(duration, seed, ease):
    path = plan_camera(Motion(("drift",), ease=ease), PHOTO, FRAME, duration, FLOWER, seed)
    assert path.at(0) == path.at(duration)
    assert any(path.at(duration * share) != path.at(0) for share in (0.31, 0.37))


def test_a_linear_drift_loops_without_a_kink():
    path = plan_camera(Motion(("drift",), ease="linear"), PHOTO, FRAME, 10, FLOWER)
    around = curve(path, [9.98, 9.99, 0.0, 0.01, 0.02])
    second = np.diff(around, 2, axis=0)
    assert np.abs(np.diff(second, axis=0)).max(axis=0) == pytest.approx(0, abs=0.001)


def test_drift_is_slow_and_small():
    path = plan_camera(Motion(("drift",)), PHOTO, FRAME, 10, FLOWER)
    views = [path.at(frame / 30) for frame in range(301)]
    x = np.array([view.x for view in views]) / path.at(0).scale
    assert 0.02 < np.ptp(x) / FRAME[0] < 0.05
    assert np.abs(np.diff(x)).max() < 1.5  # px a frame
    assert max(abs(degrees(view.angle)) for view in views) < 0.3
    scales = [view.scale for view in views]
    assert 1.001 < max(scales) / min(scales) < 1.02


def test_handheld_keeps_to_its_band_and_its_bound():
    rate, seconds = 30, 200
    path = plan_camera(Motion(("handheld",), 0.01), PHOTO, FRAME, seconds, FLOWER, seed=2)
    values = curve(path, np.arange(0, seconds, 1 / rate))
    scale = path.at(0).scale
    x, y, angle = values[:, 0] / scale, values[:, 1] / scale, np.degrees(values[:, 3])
    assert np.ptp(x) < 2 * 0.01 * FRAME[0]
    assert 2 < x.std() < 10  # px of a 1920 px frame
    assert 2 < y.std() < 10
    assert 0.01 < angle.std() < 0.1
    power = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(len(x)))) ** 2
    hertz = np.fft.rfftfreq(len(x), 1 / rate)
    assert power[(hertz >= 0.28) & (hertz <= 3.05)].sum() > 0.999 * power.sum()


def test_a_view_is_a_function_of_the_plan_and_the_time_alone():
    def plan(seed):
        return plan_camera(Motion(("zoom_in", "drift", "handheld")), PHOTO, FRAME, Fraction(10), FLOWER, seed)

    first, second = plan(7), plan(7)
    times = [Fraction(frame * 1001, 30000) for frame in range(290)]
    forwards = [first.at(time) for time in times]
    backwards = [second.at(time) for time in reversed(times)]
    assert forwards == backwards[::-1]
    assert plan(8).at(3) != first.at(3)


def test_the_seeded_wander_is_the_same_on_every_machine():
    """Golden values: a change here changes every video that was planned with a seed."""
    path = plan_camera(Motion(("drift", "handheld")), (4000, 3000), (1920, 1080), 10, Subject(), seed=1)
    view = path.at(2.5)
    assert (view.x, view.y, view.scale, view.angle) == pytest.approx(GOLDEN, rel=1e-9)


GOLDEN = (2041.6687974980537, 1532.7381350393175, 1.9412118780166665, -0.0018784209787861476)


def test_times_outside_the_clip_are_its_ends():
    path = plan_camera(Motion(), PHOTO, FRAME, 10, FLOWER)
    assert path.at(-1) == path.at(0)
    assert path.at(11) == path.at(10)
