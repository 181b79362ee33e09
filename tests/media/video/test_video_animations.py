"""Animated GIF, WEBP and PNG: times, disposal, alpha, and picture n from any start."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from PIL import Image

from engine.media.kind import media_kind
from engine.media.video import VideoReader, probe_video
from engine.raster.color import rgb_to_ycbcr

COLOURS = [(230, 40, 40), (40, 200, 60), (50, 70, 220), (230, 210, 60), (40, 200, 210), (150, 60, 190)]


def pictures(count: int = 6, size: tuple[int, int] = (33, 21)) -> list[Image.Image]:
    """A coloured square on nothing, one place and one colour a picture."""
    made = []
    for number in range(count):
        image = Image.new("RGBA", size, (0, 0, 0, 0))
        image.paste((*COLOURS[number % 6], 255), (4 * number, 3, 4 * number + 10, 15))
        made.append(image)
    return made


def write(path, delays, **more):
    first, *rest = pictures(len(delays))
    options = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=rest, duration=delays, loop=0, **options, **more)
    return path


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_each_picture_has_its_time_its_place_and_its_alpha(tmp_path, suffix):
    delays = [100, 40, 250, 70, 120, 500]
    path = write(tmp_path / f"a.{suffix}", delays, **({"disposal": 2} if suffix == "gif" else {}))
    info = probe_video(path)
    assert info.animated
    assert info.has_alpha
    assert (info.width, info.height, info.frames, info.format) == (33, 21, 6, suffix.upper())
    assert info.duration == Fraction(sum(delays), 1000)
    assert info.variable
    order = [5, 0, 3, 3, 1, 4, 2, 5]
    Random(1).shuffle(order)
    with VideoReader(path) as reader:
        assert [reader.index.time_of(n) for n in range(6)] == [Fraction(sum(delays[:n]), 1000) for n in range(6)]
        for n in order:
            picture = reader.picture(n)
            assert (picture.frame.width, picture.frame.height) == (34, 22)
            expected = np.asarray(pictures()[n])[..., 3]
            assert (picture.alpha[:21, :33] == expected).all()
            middle = (8, 4 * n + 5)
            assert picture.frame.y[middle] == pytest.approx(rgb_to_ycbcr(*COLOURS[n])[0], abs=1)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_transparent_pixels_have_the_colours_beside_them(tmp_path, suffix):
    path = write(tmp_path / f"a.{suffix}", [100, 100])
    with VideoReader(path) as reader:
        picture = reader.picture(0)
    luma = rgb_to_ycbcr(*COLOURS[0])[0]
    assert abs(int(picture.frame.y[8, 12]) - luma) <= 3  # two pixels beside the square, fully transparent
    assert picture.alpha[8, 12] == 0


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
@pytest.mark.parametrize("delay", [0, 10])
def test_a_picture_without_a_delay_is_shown_for_a_tenth_of_a_second(tmp_path, suffix, delay):
    info = probe_video(write(tmp_path / f"a.{suffix}", [delay] * 4))
    assert info.duration == Fraction(4, 10)
    assert not info.variable
    assert info.frame_rate == 10


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_disposal_is_obeyed(tmp_path, disposal):
    path = write(tmp_path / "a.gif", [100] * 4, disposal=disposal)
    expected = []
    with Image.open(path) as image:
        for n in range(4):
            image.seek(n)
            expected.append(np.asarray(image.convert("RGBA"))[..., 3].copy())
    with VideoReader(path) as reader:
        for n in (3, 1, 2, 0):
            assert (reader.picture(n).alpha[:21, :33] == expected[n]).all()


def test_a_still_picture_does_not_move(tmp_path):
    pictures()[0].save(tmp_path / "a.png")
    pictures()[0].save(tmp_path / "a.gif")
    assert media_kind(tmp_path / "a.png") == "photo"
    assert media_kind(tmp_path / "a.gif") == "photo"
    assert media_kind(write(tmp_path / "b.png", [100] * 3)) == "clip"
    assert probe_video(tmp_path / "a.gif").frames == 1
