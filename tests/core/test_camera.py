"""What a camera in front of a photo with depth sees where."""

from math import hypot

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.camera import Camera
from engine.core.view import View

sizes = st.tuples(st.integers(1, 8000), st.integers(1, 8000))
shares = st.floats(-0.5, 1.5)
travels = st.floats(-0.2, 0.2)
disparities = st.floats(0, 1)


@st.composite
def cameras(draw: st.DrawFn, size: tuple[int, int]) -> Camera:
    view = View(
        size[0] * draw(shares), size[1] * draw(shares), draw(st.floats(0.05, 4)), draw(st.floats(-0.8, 0.8))
    )  # fmt: skip
    return Camera(view, draw(travels), draw(travels), draw(travels))


@settings(deadline=None, max_examples=100)
@given(st.data(), sizes, disparities)
def test_a_photo_point_is_seen_where_the_lens_shows_it(data: st.DataObject, size: tuple[int, int], q: float) -> None:
    camera = data.draw(cameras(size))
    point = (size[0] * data.draw(shares), size[1] * data.draw(shares))
    there_and_back = camera.to_photo(camera.to_lens(point, q, size), q, size)
    back_and_there = camera.to_lens(camera.to_photo(point, q, size), q, size)
    slack = 1e-9 * max(size)
    assert there_and_back == pytest.approx(point, abs=slack)
    assert back_and_there == pytest.approx(point, abs=slack)


@given(sizes, disparities, shares, shares)
def test_a_camera_that_did_not_travel_sees_the_flat_photo(size: tuple[int, int], q: float, x: float, y: float) -> None:
    point = (size[0] * x, size[1] * y)
    assert Camera(View(0, 0, 1)).to_lens(point, q, size) == pytest.approx(point, abs=1e-9 * max(size))


def test_near_points_move_most_and_against_the_travel() -> None:
    size, middle = (4000, 3000), (2000.0, 1500.0)
    aside = Camera(View(0, 0, 1), x=0.05, y=0.02)
    assert aside.to_lens(middle, 1, size) == pytest.approx((2000 - 200, 1500 - 80))  # both in photo widths
    assert aside.to_lens(middle, 0.5, size) == pytest.approx((2000 - 100, 1500 - 40))
    assert aside.to_lens(middle, 0, size) == pytest.approx(middle)
    ahead = Camera(View(0, 0, 1), z=0.2)
    assert ahead.to_lens((3000, 1500), 1, size) == pytest.approx((2000 + 1000 / 0.8, 1500))
    assert ahead.to_lens((3000, 1500), 0, size) == pytest.approx((3000, 1500))


@settings(deadline=None, max_examples=150)
@given(st.data(), st.tuples(st.integers(40, 4000), st.integers(40, 4000)), disparities, disparities)
def test_inside_says_what_looking_at_every_pixel_and_every_depth_says(
    data: st.DataObject, size: tuple[int, int], one: float, other: float
) -> None:
    frame = (16, 10)
    camera = data.draw(cameras(size))
    # As large as about half of the photo, so that either answer is common.
    half = hypot(*frame) / 2
    scale = data.draw(st.floats(0.1, 1.1)) * min(size) / 2 / half
    near_middle = View(
        size[0] * data.draw(st.floats(0.3, 0.7)), size[1] * data.draw(st.floats(0.3, 0.7)), scale, camera.view.angle
    )
    camera = Camera(near_middle, camera.x / 2, camera.y / 2, camera.z)
    nearest, farthest = max(one, other), min(one, other)
    xs, ys = np.meshgrid(np.linspace(-8, 8, 17), np.linspace(-5, 5, 11))
    c, s = scale * np.cos(near_middle.angle), scale * np.sin(near_middle.angle)
    lens = np.stack([near_middle.x + c * xs - s * ys, near_middle.y + s * xs + c * ys], -1).reshape(-1, 2)
    outside = -np.inf
    for q in np.linspace(farthest, nearest, 9):
        middle = np.array(size) / 2
        photo = middle + (lens - middle) * (1 - q * camera.z) + q * size[0] * np.array([camera.x, camera.y])
        outside = max(outside, (-photo).max(), (photo - np.array(size)).max())
    if abs(outside) > 1e-5 * max(size):
        assert camera.inside(frame, size, nearest, farthest) == (outside < 0)
