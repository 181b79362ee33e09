"""Where a scene is cut into layers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.raster.scene.cuts import MOST_LAYERS, find_cuts
from tests.raster.scene.scenes import Field, fields, guess_like


def square(near: float, far: float, size: tuple[int, int] = (120, 160)) -> Field:
    field = np.full(size, far, np.float32)
    field[40:80, 50:110] = near
    return field


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 0.6), st.floats(0.15, 1))
def test_one_thing_before_a_wall_is_cut_off_once_between_both(far: float, step: float) -> None:
    near = min(1.0, far + step)
    cuts = find_cuts(square(near, far), 0.06)
    assert len(cuts) == 1
    assert far + 0.2 * (near - far) < cuts[0] < near - 0.2 * (near - far)


def test_an_edge_that_is_blurred_a_little_is_still_an_edge() -> None:
    import cv2

    blurred = cv2.GaussianBlur(square(0.9, 0.2), (0, 0), 1.0)
    (cut,) = find_cuts(blurred, 0.06)
    assert 0.35 < cut < 0.75


@pytest.mark.parametrize("axis", [0, 1])
def test_a_ramp_has_no_edge(axis: int) -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 160, dtype=np.float32), (160, 160))
    assert find_cuts(np.ascontiguousarray(ramp if axis else ramp.T), 0.06) == ()


def test_what_moves_by_less_than_can_be_seen_is_no_edge() -> None:
    assert find_cuts(square(0.51, 0.5), 0.06) == ()
    assert find_cuts(square(1.0, 0.0), 0.0) == ()
    assert find_cuts(np.full((50, 70), 0.4, np.float32), 0.09) == ()


def test_a_speck_is_no_layer() -> None:
    field = np.full((120, 160), 0.2, np.float32)
    field[60, 80] = 0.9
    assert len(find_cuts(field, 0.06)) <= 1
    assert find_cuts(np.zeros((1, 1), np.float32), 0.06) == ()
    assert find_cuts(np.array([[0, 1]], np.float32), 0.06) == ()


def test_things_at_several_distances_come_apart() -> None:
    field = np.full((120, 160), 0.1, np.float32)
    for place, value in enumerate((0.35, 0.6, 0.95)):
        field[20:100, 10 + 50 * place : 45 + 50 * place] = value
    cuts = find_cuts(field, 0.09)
    values = sorted({0.1, 0.35, 0.6, 0.95})
    assert len(cuts) >= 1
    # Every edge of the scene has a cut inside its step.
    for near in values[1:]:
        assert any(0.1 < cut < near for cut in cuts)


@settings(deadline=None, max_examples=40)
@given(fields(), st.floats(0, 0.12), st.integers(1, MOST_LAYERS))
def test_cuts_fall_and_are_few_and_always_the_same(field: Field, reach: float, most: int) -> None:
    cuts = find_cuts(field, reach, most)
    assert len(cuts) <= most - 1
    assert list(cuts) == sorted(set(cuts), reverse=True)
    assert all(0 < cut < 1 for cut in cuts)
    assert find_cuts(field.copy(), reach, most) == cuts


def test_one_layer_has_no_cut() -> None:
    assert find_cuts(guess_like(160, 120), 0.09, 1) == ()
    assert len(find_cuts(guess_like(160, 120), 0.09)) >= 1
