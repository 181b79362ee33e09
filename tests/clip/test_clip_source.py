"""A clip as a source: any frame on its own, from any thread; fits, speed, reverse, loops, freeze, alpha."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

from engine.core.errors import UnreadableMedia
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.media.video import VideoReader
from engine.raster.color import rgb_to_ycbcr
from engine.timeline.draft import Fit
from engine.timeline.playback import Playback
from pipelines.clip import open_clip
from tests.media.video.video_samples import CLOSED, H264, write_video

LAYER = (96, 64)
WHOLE = View(48, 32, 1.0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("clip") / "a.mp4", options=H264, count=40)


@pytest.fixture(scope="module")
def pictures(clip):
    with VideoReader(clip) as reader:
        return [reader.picture(n).frame.y.copy() for n in range(40)]


def opened(path, playback=None, mode="crop", layer=LAYER, **more):
    return open_clip(path, playback or Playback(), Fit(mode, "#204080"), layer, Fraction(8, 5), **more)


def luma(source, time, lens=WHOLE, size=LAYER):
    frame = YuvFrame.empty(*size)
    alpha = np.empty(frame.y.shape, np.uint8) if source.has_alpha else None
    source.render(time, lens, frame, alpha)
    return frame.y


def shown(source, pictures, times):
    """Numbers of the pictures that are shown at these times."""
    found = []
    for time in times:
        y = luma(source, time)
        found.append(next(n for n, picture in enumerate(pictures) if (picture == y).all()))
    return found


FRAMES = [Fraction(n, 25) for n in range(40)]


@pytest.mark.parametrize(
    ("playback", "expected"),
    [
        (Playback(), list(range(40))),
        (Playback(start=Fraction(10, 25)), [*range(10, 40), *[39] * 10]),
        (Playback(speed=Fraction(2)), [*range(0, 40, 2), *[39] * 20]),
        (Playback(speed=Fraction(1, 4)), [n // 4 for n in range(40)]),
        (Playback(reverse=True), list(reversed(range(40)))),
        (
            Playback(Fraction(4, 25), Fraction(12, 25), reverse=True, plays=2),
            [*[11, 10, 9, 8, 7, 6, 5, 4] * 2, *[4] * 24],
        ),
        (Playback(Fraction(4, 25), Fraction(12, 25), plays=0), [4 + n % 8 for n in range(40)]),
        (Playback(freeze=Fraction(17, 25)), [17] * 40),
    ],
)  # fmt: skip
def test_each_frame_shows_its_picture(clip, pictures, playback, expected):
    assert shown(opened(clip, playback), pictures, FRAMES) == expected
    back = opened(clip, playback)
    assert shown(back, pictures, reversed(FRAMES)) == list(reversed(expected))


def test_a_handle_comes_before_the_start(clip, pictures):
    source = opened(clip, Playback(start=Fraction(3, 25)), handle=Fraction(5, 25))
    assert shown(source, pictures, FRAMES[:10]) == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]


def test_many_threads_see_the_same_as_one(clip, pictures):
    source = opened(clip)
    wanted = [FRAMES[n] for n in np.random.default_rng(1).permutation(np.repeat(np.arange(40), 3))]
    with ThreadPoolExecutor(5) as pool:
        frames = list(pool.map(lambda time: luma(source, time), wanted))
    assert all((frame == pictures[int(time * 25)]).all() for time, frame in zip(wanted, frames, strict=True))


def test_two_threads_in_step_share_one_decoder(clip):
    source = opened(clip)
    with ThreadPoolExecutor(2) as pool:
        for pair in zip(FRAMES[::2], FRAMES[1::2], strict=True):
            list(pool.map(lambda time: luma(source, time), pair))
    assert len(source._pool._seats) == 1


def test_far_places_have_their_own_decoders_up_to_a_few(clip):
    source = opened(clip)
    for n in (0, 35, 1, 36, 2, 37, 18):
        luma(source, FRAMES[n])
    assert 2 <= len(source._pool._seats) <= 4


@pytest.fixture(scope="module")
def tall(tmp_path_factory):
    """60 x 100, one colour: what is not that colour is bar."""
    return write_video(
        tmp_path_factory.mktemp("tall") / "a.mp4", size=(60, 100), count=3, options=CLOSED,
        paint=lambda n, w, h: np.full((h, w, 3), (220, 60, 50), np.uint8),
    )  # fmt: skip


def test_fits_show_what_they_promise(tall):
    clip_luma = rgb_to_ycbcr(220, 60, 50)[0]
    bar_luma = rgb_to_ycbcr(0x20, 0x40, 0x80)[0]
    crop = opened(tall, mode="crop", layer=(160, 90))
    assert crop.extent == (0, 0, 160, 90)
    assert np.abs(luma(crop, Fraction(0), View(80, 45, 1), (160, 90)).astype(int) - clip_luma).max() <= 2
    contain = opened(tall, mode="contain", layer=(160, 90))
    assert contain.extent == pytest.approx((53, 0, 107, 90))
    color = luma(opened(tall, mode="color", layer=(160, 90)), Fraction(0), View(80, 45, 1), (160, 90)).astype(int)
    assert (color[:, :53] == bar_luma).all()
    assert (color[:, 107:] == bar_luma).all()
    assert np.abs(color[:, 53:107] - clip_luma).max() <= 2
    blur = luma(opened(tall, mode="blur", layer=(160, 90)), Fraction(0), View(80, 45, 1), (160, 90)).astype(int)
    darker = 16 + 0.6 * (clip_luma - 16)
    assert np.abs(blur[:, :53] - darker).max() <= 2
    assert np.abs(blur[:, 53:107] - clip_luma).max() <= 2


@pytest.mark.parametrize("mode", ["crop", "color", "blur"])
@pytest.mark.parametrize(
    "lens", [View(80, 45, 1.0), View(70.3, 40.1, 0.63), View(80, 45, 1.7), View(61.5, 51.2, 0.9, 0.2)]
)
def test_a_part_of_a_frame_is_the_part_of_the_frame(clip, mode, lens):
    """A frame of the right half through the lens shows what the right half of the whole frame shows."""
    source = opened(clip, mode=mode, layer=(160, 90))
    whole, part = YuvFrame.empty(160, 90), YuvFrame.empty(80, 90)
    source.render(FRAMES[7], lens, whole, None)
    source.render(FRAMES[7], lens.through(View(120, 45, 1.0), 160, 90), part, None)
    tolerance = 3 if mode == "blur" else 1  # the noise is the frame's own
    for one, other in ((whole.y[:, 80:], part.y), (whole.u[:, 40:], part.u), (whole.v[:, 40:], part.v)):
        assert np.abs(one.astype(int) - other).max() <= tolerance


def test_slow_motion_and_freezes_repeat_bit_by_bit(clip):
    source = opened(clip, Playback(freeze=Fraction(1)), layer=(64, 64))
    first = luma(source, Fraction(0), View(32, 32, 1.3), (64, 64)).copy()
    assert (luma(source, Fraction(1), View(32, 32, 1.3), (64, 64)) == first).all()
    assert not (luma(source, Fraction(1), View(30, 32, 1.3), (64, 64)) == first).all()


def ring(number, width, height):
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3] = (60, 200, 90)
    rgba[:, : width // 2, 3] = 255
    return rgba


def test_alpha_is_handed_on_or_put_over_bars(tmp_path):
    path = write_video(tmp_path / "a.mov", "prores_ks", "yuva444p10le", options={"profile": "4"}, count=3, paint=ring)
    source = opened(path)
    assert source.has_alpha
    frame, alpha = YuvFrame.empty(96, 64), np.empty((64, 96), np.uint8)
    source.render(Fraction(0), WHOLE, frame, alpha)
    assert (alpha[:, :44] >= 253).all()
    assert (alpha[:, 52:] <= 2).all()
    over = opened(path, mode="color")
    assert not over.has_alpha
    over.render(Fraction(0), WHOLE, frame, None)
    assert np.abs(frame.y[:, :40].astype(int) - rgb_to_ycbcr(60, 200, 90)[0]).max() <= 4
    assert np.abs(frame.y[:, 56:].astype(int) - rgb_to_ycbcr(0x20, 0x40, 0x80)[0]).max() <= 3


def test_what_is_to_be_said_is_said(clip, tmp_path):
    assert opened(clip).notes == ()
    (note,) = open_clip(clip, Playback(), Fit(), LAYER, Fraction(5)).notes
    assert note.startswith("a.mp4: The clip is shorter")
    assert open_clip(clip, Playback(plays=0), Fit(), LAYER, Fraction(5)).notes == ()
    with pytest.raises(UnreadableMedia, match=r"none\.mp4"):
        opened(tmp_path / "none.mp4")
