"""Views put one behind the other show what both of them, one after the other, would."""

from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.raster.turn import render_turned, within_an_eighth

views = st.builds(View, st.floats(-50, 50), st.floats(-50, 50), st.floats(0.1, 5), st.floats(-7, 7))


def seen(view: View, x: float, y: float, width: float, height: float) -> tuple[float, float]:
    """The point under (x, y) of a frame of width x height, straight from the definition."""
    qx, qy = x - width / 2, y - height / 2
    c, s = cos(view.angle) * view.scale, sin(view.angle) * view.scale
    return view.x + c * qx - s * qy, view.y + s * qx + c * qy


@settings(max_examples=100, deadline=None)
@given(views, views, st.floats(0, 64), st.floats(0, 36))
def test_one_view_through_another(outer: View, inner: View, x: float, y: float):
    both = outer.through(inner, 160, 90)
    assert seen(both, x, y, 64, 36) == pytest.approx(seen(outer, *seen(inner, x, y, 64, 36), 160, 90), abs=1e-6)


def test_the_whole_is_the_picture_itself():
    assert View.whole(160, 90).through(View.whole(160, 90), 160, 90) == View.whole(160, 90)
    assert seen(View.whole(160, 90), 3.5, 7.5, 160, 90) == (3.5, 7.5)


@settings(max_examples=100, deadline=None)
@given(st.floats(-30, 30))
def test_an_angle_is_parted_into_quarter_turns_and_a_rest(angle: float):
    rest, quarters = within_an_eighth(angle)
    assert abs(rest) <= pi / 4 + 1e-9
    assert (angle - rest - quarters * pi / 2) % (2 * pi) == pytest.approx(0, abs=1e-6) or (
        angle - rest - quarters * pi / 2
    ) % (2 * pi) == pytest.approx(2 * pi, abs=1e-6)


@pytest.mark.parametrize("quarters", range(4))
def test_quarter_turns_move_whole_pixels(quarters: int):
    """A sampler that writes each point's own place shows whether the turned picture is the one that was asked for."""
    view = View(10.0, 20.0, 0.5, quarters * pi / 2 + 0.1)

    def places(upright: View, frame: YuvFrame, alpha: Plane | None) -> None:
        assert abs(upright.angle) <= pi / 4
        for y in range(frame.height):
            for x in range(frame.width):
                px, py = seen(upright, x + 0.5, y + 0.5, frame.width, frame.height)
                frame.y[y, x] = round(8 * px) % 256
                if alpha is not None:
                    alpha[y, x] = round(8 * py) % 256
        frame.u[:] = frame.v[:] = 128

    frame, alpha = YuvFrame.empty(12, 6), np.empty((6, 12), np.uint8)
    render_turned(places, view, frame, alpha)
    for y in range(6):
        for x in range(12):
            px, py = seen(view, x + 0.5, y + 0.5, 12, 6)
            assert (frame.y[y, x], alpha[y, x]) == (round(8 * px) % 256, round(8 * py) % 256)
