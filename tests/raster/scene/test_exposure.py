"""Which way a camera uncovers more."""

import numpy as np
import pytest
from hypothesis import given, settings

from engine.raster.scene.exposure import exposure
from tests.raster.scene.scenes import Field, fields


def field_of(left: float, right: float, top: float = 0.2, low: float = 0.2) -> Field:
    field = np.full((90, 120), 0.2, np.float32)
    field[:, :60] += left
    field[:, 60:] += right
    field[:45] += top
    field[45:] += low
    return field / field.max()


def test_a_thing_on_the_left_uncovers_to_the_right() -> None:
    # The near half is on the left; its right edge moves left when the camera goes right.
    assert exposure(field_of(0.6, 0.0)).shares()[0] == 1.0
    assert exposure(field_of(0.0, 0.6)).shares()[0] == 0.0
    assert exposure(field_of(0.2, 0.2, 0.8, 0.2)).shares()[1] == 1.0
    assert exposure(field_of(0.2, 0.2, 0.2, 0.8)).shares()[1] == 0.0


def test_a_thing_in_the_middle_uncovers_backwards_and_a_hole_forwards() -> None:
    field = np.full((90, 120), 0.2, np.float32)
    field[30:60, 40:80] = 0.9
    # Ahead, a near thing grows over what is behind it; back, it shrinks and uncovers.
    assert exposure(field).shares() == pytest.approx((0.5, 0.5, 0.0))
    assert exposure(1.1 - field).shares() == pytest.approx((0.5, 0.5, 1.0))


def test_a_flat_scene_and_a_slope_uncover_nothing() -> None:
    assert exposure(np.full((40, 50), 0.5, np.float32)).shares() == (0.5, 0.5, 0.5)
    ramp = np.broadcast_to(np.linspace(0, 1, 300, dtype=np.float32), (200, 300))
    assert exposure(np.ascontiguousarray(ramp)).shares() == (0.5, 0.5, 0.5)
    assert exposure(np.zeros((1, 1), np.float32)).shares() == (0.5, 0.5, 0.5)


@settings(deadline=None, max_examples=40)
@given(fields())
def test_shares_are_shares_and_mirror_with_the_scene(field: Field) -> None:
    x, y, z = exposure(field).shares()
    assert all(0 <= share <= 1 for share in (x, y, z))
    mirrored = exposure(np.ascontiguousarray(field[:, ::-1])).shares()
    assert mirrored == pytest.approx((1 - x, y, z), abs=1e-6)
    turned = exposure(np.ascontiguousarray(field[::-1])).shares()
    assert turned == pytest.approx((x, 1 - y, z), abs=1e-6)
