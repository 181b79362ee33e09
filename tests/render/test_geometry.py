"""Where a layer is seen, and what is seen of it: the lens is the placement's map, turned around."""

from fractions import Fraction
from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.timeline import Keyframe, Placement
from engine.timeline.placement import MAX_SCALE
from pipelines.render.geometry import coverage, placement_at, spot_of, visible_box

CANVAS = (320, 180)
WHOLE = (0.0, 0.0, 320.0, 180.0)

shares = st.floats(0, 0.45)
placements = st.builds(
    Placement,
    x=st.floats(-0.5, 1.5),
    y=st.floats(-0.5, 1.5),
    scale=st.floats(0.05, 8),
    rotation=st.floats(-720, 720),
    opacity=st.floats(0, 1),
    crop=st.tuples(shares, shares, shares, shares),
)


def on_canvas(placement: Placement, x: float, y: float) -> tuple[float, float]:
    """Where a point of the layer comes to lie, straight from the definition."""
    angle = radians(placement.rotation)
    qx, qy = x - 160, y - 90
    return (
        placement.x * 320 + placement.scale * (cos(angle) * qx - sin(angle) * qy),
        placement.y * 180 + placement.scale * (sin(angle) * qx + cos(angle) * qy),
    )


@settings(max_examples=200, deadline=None)
@given(placements, st.floats(0, 320), st.floats(0, 180))
def test_the_lens_shows_each_point_where_the_placement_puts_it(placement: Placement, x: float, y: float):
    spot = spot_of(placement, CANVAS, WHOLE)
    if spot is None:
        return
    px, py = on_canvas(placement, x, y)
    # Back through the lens: the view's own definition, for the point's place in the spot.
    qx, qy = px - spot.x - spot.width / 2, py - spot.y - spot.height / 2
    c, s = cos(spot.lens.angle) * spot.lens.scale, sin(spot.lens.angle) * spot.lens.scale
    assert (spot.lens.x + c * qx - s * qy, spot.lens.y + s * qx + c * qy) == pytest.approx((x, y), abs=1e-6)


@settings(max_examples=200, deadline=None)
@given(placements)
def test_a_spot_is_even_inside_the_canvas_and_holds_all_that_is_seen(placement: Placement):
    spot = spot_of(placement, CANVAS, WHOLE)
    box = visible_box(placement, CANVAS, WHOLE)
    points = [
        on_canvas(placement, box[0] + u * (box[2] - box[0]), box[1] + v * (box[3] - box[1]))
        for u in np.linspace(0, 1, 9)
        for v in np.linspace(0, 1, 9)
    ]
    inside = [(x, y) for x, y in points if 0 <= x <= 320 and 0 <= y <= 180]
    if spot is None:
        assert not [point for point in inside if 0 < point[0] < 320 and 0 < point[1] < 180]
        return
    assert spot.x % 2 == spot.y % 2 == spot.width % 2 == spot.height % 2 == 0
    assert 0 <= spot.x <= spot.x + spot.width <= 320
    assert 0 <= spot.y <= spot.y + spot.height <= 180
    for x, y in inside:
        assert spot.x - 1e-6 <= x <= spot.x + spot.width + 1e-6
        assert spot.y - 1e-6 <= y <= spot.y + spot.height + 1e-6


@settings(max_examples=100, deadline=None)
@given(placements)
def test_coverage_is_the_area_that_the_layer_covers(placement: Placement):
    spot = spot_of(placement, CANVAS, WHOLE)
    if spot is None:
        return
    box = visible_box(placement, CANVAS, WHOLE)
    mask = coverage(spot, box)
    if spot.covered:
        assert mask.min() >= 254
        return
    # The truth by counting 8 x 8 points in each pixel.
    steps = (np.arange(8) + 0.5) / 8
    x = (np.arange(spot.width)[:, None] + steps).ravel() - spot.width / 2
    y = (np.arange(spot.height)[:, None] + steps).ravel()[:, None] - spot.height / 2
    c, s = cos(spot.lens.angle) * spot.lens.scale, sin(spot.lens.angle) * spot.lens.scale
    lx, ly = spot.lens.x + c * x - s * y, spot.lens.y + s * x + c * y
    hit = (lx >= box[0]) & (lx <= box[2]) & (ly >= box[1]) & (ly <= box[3])
    truth = hit.reshape(spot.height, 8, spot.width, 8).mean((1, 3))
    # Turned edges are taken as straight through the pixel, and a corner as the product of its two edges.
    worst = 0.16 if placement.rotation % 90 == 0 else 0.3
    assert np.abs(mask / 255 - truth).max() <= worst
    assert abs(float((mask / 255 - truth).mean())) <= 0.04


def test_a_layer_at_rest_covers_the_canvas_pixel_for_pixel():
    spot = spot_of(Placement(), CANVAS, WHOLE)
    assert spot is not None
    assert spot.covered
    assert (spot.x, spot.y, spot.width, spot.height) == (0, 0, 320, 180)
    assert (spot.lens.x, spot.lens.y, spot.lens.scale, spot.lens.angle) == (160, 90, 1, 0)


def test_what_is_off_the_canvas_is_not_seen():
    assert spot_of(Placement(x=3), CANVAS, WHOLE) is None
    assert spot_of(Placement(y=-2, rotation=33), CANVAS, WHOLE) is None


def test_an_empty_extent_is_not_seen():
    assert spot_of(Placement(crop=(0.6, 0, 0, 0)), CANVAS, (0, 0, 100, 180)) is None


def test_keyframes_move_each_value_on_its_own():
    keyframes = (
        Keyframe(Fraction(0), x=0.0, scale=1.0, ease="linear"),
        Keyframe(Fraction(1), opacity=0.5, ease="linear"),
        Keyframe(Fraction(2), x=1.0, scale=4.0, ease="linear"),
        Keyframe(Fraction(3), opacity=0.0),
    )
    placement = Placement(y=0.25)
    middle = placement_at(placement, keyframes, 1.0)
    assert (middle.x, middle.y, middle.opacity) == (0.5, 0.25, 0.5)
    assert middle.scale == pytest.approx(2.0)  # half-way in ratio, not in size
    assert placement_at(placement, keyframes, 2.0).opacity == pytest.approx(0.25)
    assert placement_at(placement, keyframes, -1.0).x == 0.0
    end = placement_at(placement, keyframes, 9.0)
    assert (end.x, end.y, end.opacity, end.scale) == (1.0, 0.25, 0.0, pytest.approx(4.0))


@pytest.mark.parametrize("scale", [MAX_SCALE, 0.3, 1e-4])
def test_a_scale_that_stays_is_the_one_that_was_given(scale: float):
    others = (Keyframe(Fraction(0), opacity=0.0), Keyframe(Fraction(1), opacity=1.0))
    assert placement_at(Placement(scale=scale), others, 0.37).scale == scale
    held = (Keyframe(Fraction(0), scale=scale), Keyframe(Fraction(1), scale=scale))
    assert [placement_at(Placement(), held, time).scale for time in (-1, 0, 0.37, 1, 2)] == [scale] * 5


def test_a_crop_moves_too():
    keyframes = (
        Keyframe(Fraction(0), crop=(0.0, 0.0, 0.0, 0.0), ease="linear"),
        Keyframe(Fraction(2), crop=(0.4, 0.0, 0.2, 0.0)),
    )
    assert placement_at(Placement(), keyframes, 1.0).crop == pytest.approx((0.2, 0.0, 0.1, 0.0))
