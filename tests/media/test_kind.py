"""What a file of a draft is, by its content."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.core.errors import UnreadableMedia
from engine.media.kind import media_kind
from tests.render.media import counting_clip, tone


def gif(path: Path, frames: int) -> Path:
    pictures = [Image.fromarray(np.full((20, 30, 3), 40 * n, np.uint8)) for n in range(frames)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    return path


def test_photos_and_clips_are_told_apart_whatever_their_names(tmp_path: Path):
    photo = tmp_path / "photo.mp4"
    Image.new("RGB", (30, 20)).save(photo, "JPEG")
    clip = counting_clip(tmp_path / "clip.mp4", 3).rename(tmp_path / "clip.jpg")
    assert media_kind(photo) == "photo"
    assert media_kind(clip) == "clip"
    assert media_kind(tone(tmp_path / "tone.wav", 0.1)) == "clip"
    assert media_kind(gif(tmp_path / "still.gif", 1)) == "photo"
    assert media_kind(gif(tmp_path / "moving.gif", 3)) == "clip"


def test_what_is_neither_is_left_to_whoever_opens_it(tmp_path: Path):
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    assert media_kind(text) == "photo"


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path):
    with pytest.raises(UnreadableMedia, match=r"^gone\.gif: "):
        media_kind(tmp_path / "gone.gif")
