"""Disparity inside a layer: gentle enough for its rays, and otherwise left as it is."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.raster.scene.smooth import STEEPEST, gentle
from tests.raster.scene.scenes import Field, fields

SLACK = 1e-5
small = fields(24, 18)
reaches = st.floats(0.5, 20)


def steepest(field: Field) -> float:
    """The largest slope between any two samples, by the length of the way along the grid and its diagonals."""
    height, width = field.shape
    j, i = (axis.reshape(-1) for axis in np.mgrid[:height, :width])
    values = field.reshape(-1).astype(np.float64)
    across, down = np.abs(i[:, None] - i), np.abs(j[:, None] - j)
    way = np.maximum(across, down) + (np.sqrt(2) - 1) * np.minimum(across, down)
    np.fill_diagonal(way, 1)
    return float((np.abs(values[:, None] - values) / way).max())


@settings(deadline=None, max_examples=40)
@given(small, reaches)
def test_no_slope_is_steeper_than_rays_allow_and_no_value_is_new(field: Field, reach: float) -> None:
    out = gentle(field, reach)
    assert steepest(out) * reach <= STEEPEST + SLACK * reach
    assert field.min() - SLACK <= out.min()
    assert out.max() <= field.max() + SLACK


@settings(deadline=None, max_examples=40)
@given(small, reaches)
def test_what_is_gentle_stays_as_it_is(field: Field, reach: float) -> None:
    once = gentle(field, reach)
    assert np.abs(gentle(once, reach) - once).max() <= SLACK
    assert np.abs(gentle(once, reach / 2) - once).max() <= SLACK


def test_a_step_becomes_a_ramp_around_its_middle() -> None:
    field = np.zeros((9, 101), np.float32)
    field[:, 51:] = 1
    out = gentle(field, 10)
    assert np.abs(out[:, 50] + out[:, 51] - 1).max() < SLACK
    assert np.abs(out[:, 1:] + out[:, :0:-1] - 1).max() < SLACK
    assert (np.diff(out, axis=1) >= 0).all()
    assert (out[:, :30] < SLACK).all()
    assert (out[:, 72:] > 1 - SLACK).all()


def test_the_given_map_is_left_alone() -> None:
    field = np.eye(12, dtype=np.float32)
    before = field.copy()
    gentle(field, 8)
    assert (field == before).all()
