"""What the confined child finds in good and in damaged uploads of each kind."""

from pathlib import Path

import pytest
from PIL import Image

from api.intake.sandbox import Inspected, inspect
from engine.core.errors import FileNotSupported
from tests.intake.uploads import PICTURES, SOUNDS, VIDEOS, made
from tests.media.test_demuxers import alias, with_reference
from tests.media.video.video_samples import CLOSED, with_matrix, write_video


@pytest.mark.parametrize("kind", [*PICTURES, "HEIC"])
def test_photos_are_measured(tmp_path: Path, kind: str) -> None:
    found = inspect(made(tmp_path, kind), f"holiday.{kind.lower()}")
    side = (64, 64) if kind == "HEIC" else (32, 24)
    assert (found.kind, found.width, found.height) == ("photo", *side)
    assert (found.seconds, found.fps, found.has_audio, found.frames) == (0, 0, False, 1)
    assert found.mime.startswith("image/")


@pytest.mark.parametrize("kind", VIDEOS)
def test_videos_are_measured(tmp_path: Path, kind: str) -> None:
    found = inspect(made(tmp_path, kind), "clip")
    assert (found.kind, found.width, found.height, found.frames) == ("video", 96, 64, 3)
    assert found.fps == pytest.approx(25, abs=0.5)
    assert found.seconds == pytest.approx(0.12, abs=0.02)
    assert not found.has_audio


@pytest.mark.parametrize("kind", SOUNDS)
def test_sounds_are_measured(tmp_path: Path, kind: str) -> None:
    found = inspect(made(tmp_path, kind), "song")
    assert (found.kind, found.width, found.height, found.fps, found.frames) == ("audio", 0, 0, 0, 0)
    assert found.has_audio
    assert found.seconds == pytest.approx(0.3, abs=0.15)
    assert found.mime.startswith("audio/")


def test_a_video_is_measured_as_it_is_shown(tmp_path: Path) -> None:
    path = with_matrix(write_video(tmp_path / "a.mp4", options=CLOSED, count=50, silence=2), 0, 1, -1, 0)
    assert inspect(path, "a.mp4") == Inspected("video", "video/mp4", 64, 96, 2.0, 25.0, True, 50)


def test_an_animation_is_told_from_a_photo(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 24), (n * 60, 0, 0)) for n in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    assert inspect(tmp_path / "a.gif", "a.gif") == Inspected("animation", "image/gif", 32, 24, 0.4, 10.0, False, 4)


def test_an_mp4_without_pictures_is_a_sound(tmp_path: Path) -> None:
    path = made(tmp_path, "M4A")
    data = path.read_bytes()
    path.write_bytes(data[:8] + b"isom" + data[12:].replace(b"M4A ", b"isom", 1))
    found = inspect(path, "a.mp4")
    assert (found.kind, found.mime) == ("audio", "audio/mp4")


@pytest.mark.parametrize("kind", ["PNG", "JPG", "WEBP", "MP4", "MKV", "FLAC"])
def test_a_damaged_file_is_refused_under_its_own_name(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path, kind)
    data = path.read_bytes()
    path.write_bytes(data[:40])
    with pytest.raises(FileNotSupported, match=r"^my file: ") as refused:
        inspect(path, "some/folder/my file")
    assert str(tmp_path) not in refused.value.message


def test_a_movie_that_points_to_another_file_is_refused(tmp_path: Path) -> None:
    secret = write_video(tmp_path / "secret.mp4", options=CLOSED, count=10)
    movie = with_reference(write_video(tmp_path / "a.mov", options=CLOSED, count=10), alias(secret))
    with pytest.raises(FileNotSupported):
        inspect(movie, "a.mov")
