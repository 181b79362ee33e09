"""Cards: one colour, and gradients as CSS paints them."""

from fractions import Fraction

import numpy as np
import pytest

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.color import rgb_to_ycbcr, ycbcr_matrix
from engine.timeline.cards import parse_card
from pipelines.card import open_card

SIZE = (160, 90)


def painted(src, lens=None, size=SIZE, layer=SIZE):
    frame = YuvFrame.empty(*size)
    open_card(parse_card(src), layer).render(Fraction(3), lens or View.whole(*layer), frame, None)
    return frame


def test_a_colour_fills_the_frame():
    frame = painted("color:#3366cc")
    for plane, value in zip((frame.y, frame.u, frame.v), rgb_to_ycbcr(0x33, 0x66, 0xCC), strict=True):
        assert (plane == value).all()


@pytest.mark.parametrize("angle", [0, 30, 90, 135, 180, 270, 333])
def test_a_gradient_is_that_of_css(angle):
    """CSS Images 3, section 3.1.1: the line through the middle is |w sin a| + |h cos a| long, 0 degrees is up."""
    frame = painted(f"gradient:#000000,#ffffff,{angle}")
    x = np.arange(SIZE[0]) + 0.5 - SIZE[0] / 2
    y = (np.arange(SIZE[1]) + 0.5 - SIZE[1] / 2)[:, None]
    a = np.radians(angle)
    length = abs(SIZE[0] * np.sin(a)) + abs(SIZE[1] * np.cos(a))
    share = 0.5 + (x * np.sin(a) - y * np.cos(a)) / length
    expected = 16 + 219 * np.clip(share, 0, 1)
    assert np.abs(frame.y - expected).max() <= 1.6  # half a step and one of noise
    assert np.abs((frame.y - expected).mean()) <= 0.05
    assert np.abs(frame.u.astype(int) - 128).max() <= 1


def test_a_gradient_shows_no_steps():
    """Two near colours: without noise there would be five flat bands; local means must follow the line instead."""
    frame = painted("gradient:#404040,#464646,90", size=(1280, 64), layer=(1280, 64))
    means = frame.y.reshape(64, 80, 16).mean((0, 2))
    low, high = (float((ycbcr_matrix() @ [v, v, v, 1])[0]) for v in (0x40, 0x46))
    expected = low + (high - low) * (np.arange(80) + 0.5) / 80
    assert np.abs(means - expected).max() <= 0.12


def test_a_lens_shows_its_part_and_time_changes_nothing():
    card = "gradient:#102030,#e0d0a0,120"
    whole = painted(card)
    part = painted(card, View(120, 45, 1.0), (80, 90))
    assert np.abs(whole.y[:, 80:].astype(int) - part.y).max() <= 3
    assert np.abs(whole.y[:, 80:].astype(float).mean() - part.y.mean()) <= 0.1
    near = painted(card, View(80, 45, 0.25))
    assert int(near.y.max()) - int(near.y.min()) < 0.5 * (int(whole.y.max()) - int(whole.y.min()))
    source = open_card(parse_card(card), SIZE)
    first, second = YuvFrame.empty(*SIZE), YuvFrame.empty(*SIZE)
    source.render(Fraction(0), View.whole(*SIZE), first, None)
    source.render(Fraction(9), View.whole(*SIZE), second, None)
    assert (first.y == second.y).all()
    assert (source.notes, source.has_alpha, source.extent) == ((), False, (0, 0, 160, 90))
