"""What a scene relies on when a disparity map is continued."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.raster.scene.push_pull import fill_smooth


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**16), st.sampled_from([None, 1, 3]), st.booleans())
def test_what_is_known_stays_and_the_rest_is_within_its_range(
    height: int, width: int, seed: int, channels: int | None, weighted: bool
) -> None:
    rng = np.random.default_rng(seed)
    plane = rng.random((height, width) if channels is None else (height, width, channels)).astype(np.float32)
    hole = rng.random((height, width)) < rng.random()
    weights = np.where(rng.random((height, width)) < 0.5, rng.random((height, width)), 0).astype(np.float32)
    out = fill_smooth(plane, hole, weights if weighted else None)
    np.testing.assert_array_equal(out[~hole], plane[~hole])
    believed = ~hole & (weights > 0) if weighted else ~hole
    if hole.any() and believed.any():
        assert out[hole].min() >= plane[believed].min() - 1e-5
        assert out[hole].max() <= plane[believed].max() + 1e-5


def test_a_ramp_goes_on_as_a_ramp() -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 200, dtype=np.float32), (120, 200)).copy()
    hole = np.zeros((120, 200), np.bool_)
    hole[30:90, 60:140] = True
    np.testing.assert_allclose(fill_smooth(ramp, hole), ramp, atol=0.04)


def test_only_what_has_weight_is_continued() -> None:
    plane = np.full((40, 40), 0.25, np.float32)
    plane[:, 25:] = 1
    hole = np.zeros((40, 40), np.bool_)
    hole[10:30, 15:25] = True
    out = fill_smooth(plane, hole, (plane < 1).astype(np.float32))
    np.testing.assert_allclose(out[hole], 0.25, atol=1e-5)


def test_what_is_in_the_hole_is_not_read() -> None:
    plane = np.full((30, 30), 0.5, np.float32)
    hole = np.zeros((30, 30), np.bool_)
    hole[5:20, 5:20] = True
    plane[hole] = np.nan
    np.testing.assert_allclose(fill_smooth(plane, hole), 0.5, atol=1e-6)


def test_nothing_known_gives_zero() -> None:
    np.testing.assert_array_equal(fill_smooth(np.ones((9, 7), np.float32), np.ones((9, 7), np.bool_)), 0)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        fill_smooth(np.zeros((4, 5), np.float32), np.zeros((5, 4), np.bool_))
