"""The way from few small pictures to a clip, with stand-ins for interpolation and enlarging that say what they did."""

import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.core.errors import DeviceMemoryError
from engine.core.frames import YuvFrame
from engine.media.video import VideoReader
from engine.media.video.convert import convert_rgba
from engine.media.video.rgb import to_rgb
from pipelines.diffusion.finishing import AHEAD, AT_ONCE, Finish, write_clip
from pipelines.diffusion.framing import Framing, place_for
from pipelines.diffusion.length import plan_course
from pipelines.diffusion.repeats import what_is_shown
from pipelines.diffusion.yuv import fill


class Blend:
    name = "blend"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def between(self, first: np.ndarray, second: np.ndarray, times: Sequence[float]) -> list[np.ndarray]:
        self.calls.append(len(times))
        return [np.rint(first + (second.astype(np.float32) - first) * time).astype(np.uint8) for time in times]


class Enlarge:
    name = "enlarge"

    def enlarge(self, rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        assert size[0] >= rgb.shape[1]
        return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def greys(count: int, width: int = 64, height: int = 36) -> list[np.ndarray]:
    """Pictures whose grey is 60 and 8 more each time."""
    return [np.full((height, width, 3), 60 + 8 * number, np.uint8) for number in range(count)]


def made(path: Path) -> list[np.ndarray]:
    reader = VideoReader(path)
    return [to_rgb(reader.picture(number).frame) for number in range(reader.info.frames)]


def written(pictures: Sequence[np.ndarray], way: str, seconds: Fraction, target: Path, **more: object) -> Blend:
    blend = Blend()
    finish = Finish((128, 72), Fraction(30), seconds, blend, Enlarge(), **more)  # type: ignore[arg-type]
    course = plan_course(seconds, len(pictures), 7, way)
    assert list(write_clip(pictures, course, finish, target)) == list(range(1, finish.frames + 1))
    return blend


def test_seven_pictures_a_second_become_thirty(tmp_path: Path) -> None:
    blend = written(greys(8), "plain", Fraction(1), tmp_path / "clip.mp4")
    shown = [frame.mean() for frame in made(tmp_path / "clip.mp4")]
    assert len(shown) == 30
    expected = [60 + 8 * number * 7 / 30 for number in range(30)]
    assert np.abs(np.array(shown) - expected).max() <= 1.5  # what 8-bit Y'CbCr and crf 12 leave
    assert max(blend.calls) <= AT_ONCE
    assert sum(blend.calls) == 30 - 1  # the first picture was made by the model


@pytest.mark.parametrize("way", ["slow", "ping_pong", "loop", "chain"])
def test_every_way_fills_its_length(way: str, tmp_path: Path) -> None:
    blend = Blend()
    finish = Finish((128, 72), Fraction(30), Fraction(5, 2), blend, Enlarge())
    course = plan_course(Fraction(5, 2), 8, 7, way)
    assert len(list(write_clip(greys(course.last + 1), course, finish, tmp_path / "clip.mp4"))) == 75
    shown = [frame.mean() for frame in made(tmp_path / "clip.mp4")]
    assert len(shown) == 75
    # 8 grey values a picture, 7 pictures a second; a loop goes 48 back in a third of a second, softly.
    assert np.abs(np.diff(shown)).max() <= (8.0 if way == "loop" else 3.0)
    assert max(shown) - min(shown) > 15


def test_what_stands_still_around_the_moving_part_stays_the_photo(tmp_path: Path) -> None:
    photo = np.full((36, 256, 3), 100, np.uint8)
    framing = Framing((0.0, 0.0, 256.0, 36.0), (96.0, 0.0, 160.0, 36.0), (64, 36), put_back=True)
    place = place_for(framing, photo, (256, 36), (128, 72))
    written(greys(8), "plain", Fraction(1), tmp_path / "clip.mp4", place=place)
    last = made(tmp_path / "clip.mp4")[-1].astype(int)
    assert np.abs(last[:, :40] - 100).max() <= 2
    assert np.abs(last[:, 88:] - 100).max() <= 2
    assert abs(last[30:40, 62:66].mean() - (60 + 8 * 29 * 7 / 30)) <= 2


def test_a_clip_that_is_given_up_leaves_no_file(tmp_path: Path) -> None:
    finish = Finish((64, 36), Fraction(30), Fraction(1), Blend(), Enlarge())
    begun = write_clip(greys(8), plan_course(Fraction(1), 8, 7, "plain"), finish, tmp_path / "clip.mp4")
    next(begun)
    begun.close()
    assert not (tmp_path / "clip.mp4").exists()


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    """Pictures are made as the encoder takes them: no more than a few, and one run between two, before that."""
    alive: list[int] = []

    class Counting(Enlarge):
        def enlarge(self, rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
            alive.append(1)
            return super().enlarge(rgb, size)

    finish = Finish((128, 72), Fraction(30), Fraction(3), Blend(), Counting())
    for number in write_clip(greys(22), plan_course(Fraction(3), 22, 7, "plain"), finish, tmp_path / "clip.mp4"):
        assert number <= len(alive) <= number + AHEAD + AT_ONCE


@pytest.mark.parametrize("way", ["ping_pong", "loop"])
def test_what_is_shown_again_is_made_once_and_is_the_same(way: str, tmp_path: Path) -> None:
    seconds = Fraction(4)
    enlarged: list[int] = []

    class Counting(Enlarge):
        def enlarge(self, rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
            enlarged.append(1)
            return super().enlarge(rgb, size)

    course = plan_course(seconds, 8, 7, way)
    finish = Finish((128, 72), Fraction(30), seconds, Blend(), Counting())
    assert len(list(write_clip(greys(8), course, finish, tmp_path / "clip.mp4"))) == 120
    assert len(enlarged) == len(set(what_is_shown(course, Fraction(30), 120)))
    # 31 there, and the last frames of the way back, which slow down for the second way there; 20 of a loop's round.
    assert len(enlarged) <= 50
    shown = np.array([frame.mean() for frame in made(tmp_path / "clip.mp4")])
    time = np.arange(120) / 30
    expected = np.array([sum(share * (60 + 8 * place) for place, share in course.at(each)) for each in time])
    assert np.abs(shown - expected).max() <= 2.0  # measured: 0.8; half a frame of a fast way back is 0.9
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_where_the_disk_has_no_room_all_is_made_anew_and_comes_out_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(greys(8), "ping_pong", Fraction(3), tmp_path / "kept.mp4")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.diffusion.repeats.os.posix_fallocate", full)
    blend = written(greys(8), "ping_pong", Fraction(3), tmp_path / "anew.mp4")
    assert sum(blend.calls) > 80
    assert (tmp_path / "kept.mp4").read_bytes() == (tmp_path / "anew.mp4").read_bytes()


@pytest.mark.parametrize("way", ["ping_pong", "loop"])
def test_the_same_pictures_are_the_same_bytes_whatever_the_threads(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dandelion: Path
) -> None:
    from models.interpolation import open_interpolator
    from models.super_resolution import open_upscaler

    with Image.open(dandelion) as photo:
        whole = np.array(photo.convert("RGB").resize((200, 130)))
    pictures = [np.ascontiguousarray(whole[number : number + 90, 4 * number : 4 * number + 160]) for number in range(8)]
    clips = []
    for workers in (4, 1, 3):
        monkeypatch.setattr("pipelines.diffusion.finishing.WORKERS", workers)
        monkeypatch.setattr("pipelines.diffusion.finishing.os.cpu_count", lambda: 8)
        target = tmp_path / f"{workers}.mp4"
        finish = Finish((320, 180), Fraction(30), Fraction(3), open_interpolator(None), open_upscaler(None))
        list(write_clip(pictures, plan_course(Fraction(3), 8, 7, way), finish, target))
        clips.append(target.read_bytes())
    assert clips[0] == clips[1] == clips[2]


def test_models_that_need_a_device_are_asked_by_one_thread(tmp_path: Path) -> None:
    threads: set[int] = set()

    class Watched(Blend):
        def between(self, first: np.ndarray, second: np.ndarray, times: Sequence[float]) -> list[np.ndarray]:
            threads.add(threading.get_ident())
            return super().between(first, second, times)

    class Enlarging(Enlarge):
        def enlarge(self, rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
            threads.add(threading.get_ident())
            return super().enlarge(rgb, size)

    finish = Finish((128, 72), Fraction(30), Fraction(1), Watched(), Enlarging())
    list(write_clip(greys(8), plan_course(Fraction(1), 8, 7, "plain"), finish, tmp_path / "clip.mp4"))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_what_a_model_cannot_make_ends_the_clip_and_leaves_no_file(tmp_path: Path) -> None:
    class Failing(Blend):
        def between(self, first: np.ndarray, second: np.ndarray, times: Sequence[float]) -> list[np.ndarray]:
            if first.mean() > 90:
                raise DeviceMemoryError("There is not enough memory.")
            return super().between(first, second, times)

    finish = Finish((128, 72), Fraction(30), Fraction(1), Failing(), Enlarge())
    with pytest.raises(DeviceMemoryError):
        list(write_clip(greys(8), plan_course(Fraction(1), 8, 7, "plain"), finish, tmp_path / "clip.mp4"))
    assert list(tmp_path.iterdir()) == []


def test_frames_are_those_of_the_engine_to_within_a_code_value(dandelion: Path) -> None:
    with Image.open(dandelion) as photo:
        picture = np.array(photo.convert("RGB").resize((320, 180)))
    noise = np.random.default_rng(1).integers(0, 256, (180, 320, 3), np.uint8)
    edges = np.zeros((180, 320, 3), np.uint8)
    edges[::3, :, 0] = edges[:, ::5, 2] = edges[60:, 91:] = 255
    for rgb in (picture, noise, edges):
        frame = YuvFrame.empty(320, 180)
        fill(frame, rgb)
        wanted = convert_rgba(np.dstack([rgb, np.full((180, 320), 255, np.uint8)])).frame
        for plane, other in ((frame.y, wanted.y), (frame.u, wanted.u), (frame.v, wanted.v)):
            assert np.abs(plane.astype(int) - other).max() <= 1


def test_pictures_of_a_chain_are_made_when_they_are_looked_at() -> None:
    from pipelines.diffusion.colour import statistics
    from pipelines.diffusion.held import NEAR, HeldPictures

    rng = np.random.default_rng(2)
    clips = [rng.integers(0, 255, (3, 20, 30, 3), np.uint8) for _ in range(2)]
    looked: list[int] = []

    class Watched:
        def __init__(self, clip: np.ndarray) -> None:
            self.clip = clip

        def __len__(self) -> int:
            return len(self.clip)

        def __getitem__(self, number: int) -> np.ndarray:
            looked.append(number)
            return np.asarray(self.clip[number])

    held = HeldPictures([Watched(clip) for clip in clips], statistics(clips[0][0]))  # type: ignore[misc]
    assert (len(held), looked) == (5, [])
    assert np.abs(held[0].astype(int) - clips[0][0]).max() <= 1
    assert np.array_equal(held[-1], held[4])
    assert looked == [0, 2], "the first of the second clip is left out"
    assert [picture.shape for picture in held[1:4]] == [(20, 30, 3)] * 3
    assert np.array_equal(held.shown((2, 1, 12, 9))[3], held[3][1:9, 2:12])
    for number in range(NEAR):
        assert held[1 + number] is held[1 + number]
