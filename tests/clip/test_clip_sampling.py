"""Pictures of a clip through a lens: against a reference in float64, and against themselves."""

import tracemalloc
from math import cos, pi, sin

import numpy as np
import pytest

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.media.video import VideoPicture
from engine.raster.filters import KAISER_BETA, RADIUS, windowed_sinc
from pipelines.clip.sampling import MAX_STEP, sample
from tests.tolerances import CLIP_PSNR, CLIP_ROTATED_PSNR

SIZE = (320, 208)


def field(width, height, factor=1, first=(0.5, 0.5), phase=0.0):
    """A soft pattern known in closed form, at the samples of a plane, and as a function of luma position."""

    def value(x, y):
        return 128 + 60 * np.sin(x / 9 + phase) * np.cos(y / 7) + 35 * np.sin((x + 2 * y) / 13)

    x = factor * np.arange(width // factor) + first[0]
    y = factor * np.arange(height // factor) + first[1]
    return np.rint(value(x[None, :], y[:, None])).astype(np.uint8), value


def a_picture(alpha=False):
    y, luma = field(*SIZE)
    u, blue = field(*SIZE, 2, (0.5, 1.0), 1.0)
    v, red = field(*SIZE, 2, (0.5, 1.0), 2.0)
    plane = field(*SIZE, phase=0.5)[0] if alpha else None
    return VideoPicture(YuvFrame(y, u, v), plane), (luma, blue, red)


def psnr(a, b):
    return 10 * np.log10(255**2 / max(np.mean((np.asarray(a, float) - np.asarray(b, float)) ** 2), 1e-9))


@pytest.mark.parametrize("angle", [0.0, 0.03, -0.4, 0.7, pi / 2, 2.0, pi, -2.5])
@pytest.mark.parametrize("scale", [0.6, 1.0, 1.3])
def test_a_smooth_picture_stands_where_it_should(scale, angle):
    picture, fields = a_picture()
    out = YuvFrame.empty(96, 80)
    view = View(160.3, 103.6, scale, angle)
    sample(picture, view, out, None)
    for plane, value, factor, first in (
        (out.y, fields[0], 1, (0.5, 0.5)),
        (out.u, fields[1], 2, (0.5, 1.0)),
        (out.v, fields[2], 2, (0.5, 1.0)),
    ):
        qx = factor * np.arange(plane.shape[1]) + first[0] - 48
        qy = (factor * np.arange(plane.shape[0]) + first[1] - 40)[:, None]
        x = view.x + scale * (cos(angle) * qx - sin(angle) * qy)
        y = view.y + scale * (sin(angle) * qx + cos(angle) * qy)
        assert psnr(plane, value(x, y)) >= (CLIP_PSNR if angle == 0 else CLIP_ROTATED_PSNR)


@pytest.mark.parametrize("scale", [0.7, 1.0, 1.6, 2.0, 3.1, MAX_STEP])
def test_a_photograph_is_filtered_as_the_reference_does(shared_photo, scale):
    from PIL import Image

    grey = np.asarray(Image.open(shared_photo("fig.jpg")).convert("L"))[400:800, 600:1200]
    neutral = np.full((200, 300), 128, np.uint8)
    out = YuvFrame.empty(120, 90)
    view = View(300.37, 200.81, scale)
    sample(VideoPicture(YuvFrame(grey, neutral, neutral)), view, out, None)
    expected = grey.astype(float)
    for axis, count, middle in ((1, 120, view.x), (0, 90, view.y)):
        stretch = max(1.0, scale)
        at = middle + scale * (np.arange(count) + 0.5 - count / 2)
        weights = windowed_sinc((np.arange(expected.shape[axis]) + 0.5 - at[:, None]) / stretch, RADIUS, KAISER_BETA)
        weights /= weights.sum(1, keepdims=True)
        expected = np.moveaxis(np.tensordot(weights, expected, (1, axis)), 0, axis)
    assert psnr(out.y, np.clip(expected, 0, 255)) >= CLIP_PSNR


def test_a_view_on_the_pixels_copies_them():
    picture, _ = a_picture(alpha=True)
    out, alpha = YuvFrame.empty(100, 60), np.empty((60, 100), np.uint8)
    sample(picture, View(20 + 50, 36 + 30, 1.0), out, alpha)
    assert (out.y == picture.frame.y[36:96, 20:120]).all()
    assert (out.u == picture.frame.u[18:48, 10:60]).all()
    assert (out.v == picture.frame.v[18:48, 10:60]).all()
    assert (alpha == picture.alpha[36:96, 20:120]).all()


def test_nearly_on_the_pixels_is_nearly_the_same():
    picture, _ = a_picture(alpha=True)
    exact, near = YuvFrame.empty(100, 60), YuvFrame.empty(100, 60)
    a, b = np.empty((60, 100), np.uint8), np.empty((60, 100), np.uint8)
    sample(picture, View(70, 66, 1.0), exact, a)
    sample(picture, View(70 + 1e-6, 66, 1.0), near, b)
    for one, other in ((exact.y, near.y), (exact.u, near.u), (exact.v, near.v), (a, b)):
        assert np.abs(one.astype(int) - other).max() <= 1


@pytest.mark.parametrize(
    "view", [View(0, 0, 1.0), View(-5000, 900, 0.5), View(160, 104, 9.7), View(700, 100, 2.0, 0.4), View(160, 104, 30)]
)
def test_beside_the_picture_its_edge_goes_on(view):
    flat = YuvFrame(np.full((64, 64), 77, np.uint8), np.full((32, 32), 99, np.uint8), np.full((32, 32), 140, np.uint8))
    out, alpha = YuvFrame.empty(130, 70), np.empty((70, 130), np.uint8)
    sample(VideoPicture(flat, np.full((64, 64), 200, np.uint8)), view, out, alpha)
    assert ((out.y == 77).all(), (out.u == 99).all(), (out.v == 140).all(), (alpha == 200).all()) == (True,) * 4


@pytest.mark.parametrize("size", [(2, 2), (16, 6), (62, 200), (130, 2)])
def test_small_frames_show_what_large_ones_do(size):
    picture, _ = a_picture()
    large, small = YuvFrame.empty(200, 200), YuvFrame.empty(*size)
    sample(picture, View(150.3, 100.7, 0.8), large, None)
    sample(picture, View(150.3, 100.7, 0.8), small, None)
    x, y = 100 - size[0] // 2, 100 - size[1] // 2
    assert np.abs(small.y.astype(int) - large.y[y : y + size[1], x : x + size[0]]).max() <= 1
    if x % 2 == 0 and y % 2 == 0:
        cut = large.u[y // 2 : (y + size[1]) // 2, x // 2 : (x + size[0]) // 2]
        assert np.abs(small.u.astype(int) - cut).max() <= 1


def test_shrinking_far_does_not_fold():
    """A zone of fine lines, far beyond what the frame can hold, comes out grey."""
    for period in (2.0, 2.7, 3.3):
        lines = np.rint(128 + 100 * np.sin(2 * pi * np.arange(1200) / period)).astype(np.uint8)
        plane = np.repeat(lines[None, :], 800, 0)
        neutral = np.full((400, 600), 128, np.uint8)
        out = YuvFrame.empty(80, 60)
        sample(VideoPicture(YuvFrame(plane, neutral, neutral)), View(600.3, 400.2, 7.3), out, None)
        assert np.abs(out.y.astype(float) - 128).max() <= 4


@pytest.mark.parametrize("shape", [(1000, 1400), (2, 2000), (2, 2), (1500, 2)])
@pytest.mark.parametrize("scale", [70.0, 300.0, 5e3, 1e6, 1e9])
def test_a_clip_that_is_less_than_a_pixel_has_its_mean_colour_and_costs_little(shape, scale):
    plane = np.random.default_rng(0).integers(100, 140, shape, np.uint8)
    neutral = np.full((max(1, shape[0] // 2), max(1, shape[1] // 2)), 128, np.uint8)
    out = YuvFrame.empty(4, 4)
    view = View(shape[1] / 2, shape[0] / 2, scale)
    tracemalloc.start()
    try:
        sample(VideoPicture(YuvFrame(plane, neutral, neutral)), view, out, None)
        spent = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.abs(out.y[1:3, 1:3].astype(float) - plane.mean()).max() <= 20
    assert spent < 3e6
