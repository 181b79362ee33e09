"""Videos, sounds and captions beside the photos: what is made of them, with words and without."""

import json
import math
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from api.cli import main
from engine.timeline import apply_all, read_draft, read_operation

FAST = ["--size", "128x72", "--quality", "draft", "--no-cache"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A photo, a clip of two seconds, a tone of three, and captions."""
    Image.new("RGB", (320, 180), (40, 90, 140)).save(tmp_path / "photo.jpg")
    with wave.open(str(tmp_path / "song.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        tone = [int(12000 * math.sin(2 * math.pi * 440 * n / 24000)) for n in range(72000)]
        file.writeframes(np.array(tone, dtype="<i2").tobytes())
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(50):
            picture = np.full((180, 320, 3), 4 * number, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    (tmp_path / "words.srt").write_text("1\n00:00:00,200 --> 00:00:01,000\nHello\n", encoding="utf-8")
    return tmp_path


def plan(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> dict[str, Any]:
    files = [str(folder / text) if "." in text and " " not in text else text for text in arguments]
    capsys.readouterr()
    assert main(["plan", *files, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def tracks(answer: dict[str, Any], kind: int) -> list[dict[str, Any]]:
    return [segment for track in answer["draft"]["t"] if track["tt"] == kind for segment in track["sg"]]


def test_photos_and_videos_become_shots_in_their_order(capsys: pytest.CaptureFixture[str], folder: Path):
    answer = plan(capsys, folder, "photo.jpg", "clip.mp4", "photo.jpg")
    shots = tracks(answer, 0)
    assert [Path(shot["src"]).name for shot in shots] == ["photo.jpg", "clip.mp4", "photo.jpg"]
    assert [shot["d"] for shot in shots] == [4000, 2000, 4000]
    faster = plan(capsys, folder, "photo.jpg", "clip.mp4", "play the clip at double speed")
    assert [shot["d"] for shot in tracks(faster, 0)] == [4000, 1000]


@pytest.mark.parametrize(
    ("words", "music"),
    [
        ("zoom in", True),
        ("", True),
        ("use song.wav as music at 40%", True),
        ("no music please", False),
        ("add some calm music", False),
    ],
)
def test_a_sound_is_the_music_unless_words_say_otherwise(
    capsys: pytest.CaptureFixture[str], folder: Path, words: str, music: bool
):
    answer = plan(capsys, folder, "photo.jpg", "song.wav", *([words] if words else []))
    names = [Path(sound.get("src", "")).name for sound in tracks(answer, 1)]
    assert ("song.wav" in names) == music
    if words in ("zoom in", ""):
        assert "song.wav is the music" in answer["said"]


def test_captions_are_shown(capsys: pytest.CaptureFixture[str], folder: Path):
    answer = plan(capsys, folder, "photo.jpg", "words.srt", "放大")
    assert "words.srt" in answer["said"]
    assert any("captions" in json.dumps(track) for track in answer["draft"]["t"])
    assert "words.srt" in json.dumps(answer["draft"])


def test_the_printed_operations_lead_to_the_printed_draft(capsys: pytest.CaptureFixture[str], folder: Path):
    files = ["photo.jpg", "clip.mp4", "song.wav"]
    bare = plan(capsys, folder, *files, "no music")
    draft = read_draft({**bare["draft"]})
    said = plan(
        capsys, folder, *files, "slow zoom in on the first, title 'Hi', vertical", "--fps", "25", "--move", "drift"
    )
    again = apply_all(draft, [read_operation(operation) for operation in said["operations"]])
    assert again == read_draft(said["draft"])
    assert (
        plan(
            capsys, folder, *files, "slow zoom in on the first, title 'Hi', vertical", "--fps", "25", "--move", "drift"
        )
        == said
    )


def test_without_json_all_of_it_is_printed(capsys: pytest.CaptureFixture[str], folder: Path):
    assert main(["plan", str(folder / "photo.jpg"), str(folder / "song.wav"), "zoom out and add a jetpack"]) == 0
    printed = capsys.readouterr().out
    for words in (
        '"op": "set_motion"',
        '"op": "add_music"',
        "Timeline",
        "Zoom out",
        "Not done: “",
        "song.wav is the music.",
    ):
        assert words in printed


def test_a_sound_alone_shows_nothing(capsys: pytest.CaptureFixture[str], folder: Path):
    assert main(["plan", str(folder / "song.wav"), "zoom in"]) == 2
    assert "song.wav shows no picture" in capsys.readouterr().err


def test_a_broken_sound_is_named(capsys: pytest.CaptureFixture[str], folder: Path):
    (folder / "broken.mp3").write_bytes(b"ID3" + bytes(400))
    assert main(["plan", str(folder / "photo.jpg"), str(folder / "broken.mp3"), "zoom in"]) == 2
    assert "broken.mp3" in capsys.readouterr().err


def test_the_music_is_heard_in_the_file(capsys: pytest.CaptureFixture[str], folder: Path):
    out = folder / "out.mp4"
    files = [str(folder / name) for name in ("photo.jpg", "clip.mp4", "song.wav", "words.srt")]
    assert main(["animate", *files, "3 seconds", "-o", str(out), *FAST]) == 0
    with av.open(str(out)) as container:
        assert container.streams.video[0].frames == 90
        loudest = max(float(np.abs(frame.to_ndarray()).max()) for frame in container.decode(audio=0))
    assert loudest > 0.05
