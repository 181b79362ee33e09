"""Eased ends are at rest, and what lies between is smooth."""

import numpy as np
import pytest

from engine.motion import EASES
from engine.motion.easing import RAMP_SHARE, ease

N = 4000
STEP = 1 / N
U = np.arange(N + 1) * STEP


def derivatives(name):
    way = np.array([ease(u, name) for u in U])
    speed = np.gradient(way, STEP)
    return way, speed, np.gradient(speed, STEP)


@pytest.mark.parametrize("name", EASES)
def test_the_whole_way_is_done_and_never_backwards(name):
    way = derivatives(name)[0]
    assert way[0] == 0
    assert way[-1] == 1
    assert (np.diff(way) > 0).all()
    assert ease(-3, name) == 0
    assert ease(7, name) == 1


@pytest.mark.parametrize("name", EASES)
def test_position_speed_and_acceleration_are_continuous(name):
    _, speed, acceleration = derivatives(name)
    # Halving the step would halve these: a jump in either would stand out as a constant of 1.3 or 10.
    assert np.abs(np.diff(speed)).max() < 0.005
    assert np.abs(np.diff(acceleration[2:-2])).max() < 0.1


def test_eased_ends_start_and_stop_at_rest_without_acceleration():
    _, speed, acceleration = derivatives("in_out")
    for end in (0, -1):
        assert abs(speed[end]) < 1e-4
        assert abs(acceleration[end]) < 0.1
    assert abs(derivatives("in")[1][0]) < 1e-4
    assert derivatives("in")[1][-1] > 1
    assert derivatives("out")[1][0] > 1
    assert abs(derivatives("out")[1][-1]) < 1e-4


def test_the_middle_runs_at_one_speed():
    speed = derivatives("in_out")[1]
    middle = speed[(U > RAMP_SHARE + 0.01) & (U < 1 - RAMP_SHARE - 0.01)]
    assert np.ptp(middle) < 1e-9
    assert middle[0] == pytest.approx(4 / 3)


def test_in_out_is_symmetric_and_out_is_in_reversed():
    for u in np.linspace(0, 1, 97):
        assert ease(u, "in_out") + ease(1 - u, "in_out") == pytest.approx(1, abs=1e-12)
        assert ease(u, "out") + ease(1 - u, "in") == pytest.approx(1, abs=1e-12)
