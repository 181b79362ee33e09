"""``multiplane render`` and ``multiplane preview`` as a user meets them."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from api.cli import main
from api.cli.reporting import Pace
from pipelines.render import Progress
from tests.helpers_mp4 import read_frames
from tests.render.media import picture, tone


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A draft of two seconds beside its files: a photo, a title, music."""
    picture(tmp_path / "harbour.png", size=(640, 360))
    tone(tmp_path / "music.wav", 1.0)
    return write(tmp_path / "harbour.json", DRAFT)


DRAFT: dict[str, Any] = {
    "v": 2, "d": 2000, "w": 320, "h": 180, "fps": 30,
    "t": [
        {"id": "v", "tt": 0, "sg": [{"id": "a", "s": 0, "d": 2000, "src": "harbour.png", "mo": {"move": "zoom_in"}}]},
        {"id": "m", "tt": 1, "sg": [{"id": "b", "s": 0, "d": 2000, "src": "music.wav", "loop": 0, "vol": 0.5}]},
        {"id": "x", "tt": 7, "sg": [{"id": "c", "s": 1000, "d": 1000, "tx": "Hm", "st": {"size": 0.4, "in": "none"}}]},
    ],
}  # fmt: skip


def write(path: Path, data: dict[str, Any]) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def run(*arguments: str | Path, cwd: Path | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [sys.executable, "-m", "api.cli", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd, env=environment, **more
    )


def test_render_makes_the_file_beside_which_nothing_is_left(draft: Path, tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    done = run("render", draft.name, "-o", "out.mp4", "--quality", "draft", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "out.mp4: 60 frames, 2 s" in done.stdout
    assert '3. Text: "Hm" (1-2s)' in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == before | {"out.mp4"}
    frames = read_frames(tmp_path / "out.mp4")
    assert frames[10].y.max() < 200 < frames[45].y.max()  # the title is white
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]


def test_json_tells_the_parts_and_the_sound(draft: Path, tmp_path: Path) -> None:
    command = ["render", draft, "-o", tmp_path / "out.mp4", "--json", "--quality", "draft"]
    first = [json.loads(line) for line in run(*command).stdout.splitlines()]
    assert [event["event"] for event in (first[0], first[-1])] == ["plan", "done"]
    assert first[-1]["parts"] == 1
    assert first[-1]["sound"]["loudness"] == pytest.approx(-14, abs=0.5)
    assert first[-1]["sound"]["true_peak"] <= -1
    again = [json.loads(line) for line in run(*command, "--overwrite").stdout.splitlines()]
    assert (again[-1]["reused"], again[-1]["sound"]) == (1, first[-1]["sound"])
    fresh = [json.loads(line) for line in run(*command, "--overwrite", "--no-cache").stdout.splitlines()]
    assert fresh[-1]["reused"] == 0


def test_a_draft_may_come_from_standard_input(draft: Path, tmp_path: Path) -> None:
    done = run("render", "-", "-o", "out.mp4", "--quality", "draft", cwd=tmp_path, input=draft.read_text())
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.mp4").exists()


def test_every_problem_of_a_draft_is_named(draft: Path, tmp_path: Path) -> None:
    broken = json.loads(draft.read_text())
    broken["t"][0]["sg"][0]["mo"] = {"move": "fly"}
    broken["t"][2]["sg"][0]["st"] = {"anchor": "moon"}
    write(draft, broken)
    done = run("render", draft, "-o", tmp_path / "out.mp4", "--json")
    assert done.returncode == 2
    assert done.stderr.startswith("multiplane: harbour.json: t[0].sg[0].mo.move: ")
    assert "t[2].sg[0].st.anchor: " in done.stderr
    assert [item["path"] for item in json.loads(done.stdout)["problems"]] == [
        "t[0].sg[0].mo.move",
        "t[2].sg[0].st.anchor",
    ]
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["render", "gone.json"], "gone.json: there is no such file"),
        (["render", "."], ".: it cannot be read"),
        (["render", "harbour.json", "-o", "."], ".: the output is an MP4"),
        (["render", "harbour.png"], "harbour.png: The draft is not"),
        (["render", "harbour.json", "-o", "clip.mov"], "clip.mov: the output is an MP4"),
        (["render", "harbour.json", "-o", "music.mp4"], "music.mp4 exists already"),
        (["render", "harbour.json", "--processes", "-1"], "--processes -1 is not possible"),
        (["preview", "harbour.json", "--at", "noon"], "--at noon is not a length of time"),
        (["preview", "harbour.json", "--at", "2"], "There is no frame at 2 s"),
        (["preview", "harbour.json", "--filmstrip", "0"], "A filmstrip of 0 frames is not possible"),
        (["preview", "harbour.json", "-o", "frame.gif"], "frame.gif: the output is a picture"),
        (["preview", "harbour.json", "--at", "1", "--video"], "not allowed with"),
    ],
)
def test_wrong_use_gets_one_sentence(
    draft: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(draft.parent)
    Path("music.mp4").write_bytes(b"precious")
    before = sorted(Path().iterdir())
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    assert Path("music.mp4").read_bytes() == b"precious"


def test_preview_shows_the_frame_that_render_makes(draft: Path, tmp_path: Path) -> None:
    assert main(["preview", str(draft), "--at", "1.5s", "-o", str(tmp_path / "frame.png")]) == 0
    assert main(["render", str(draft), "-o", str(tmp_path / "out.mp4"), "--quality", "high"]) == 0
    with Image.open(tmp_path / "frame.png") as shown:
        assert shown.size == (320, 180)
        seen = np.asarray(shown.convert("RGB")).astype(float)
    with av.open(str(tmp_path / "out.mp4")) as container:
        rendered = list(container.decode(video=0))[45].to_ndarray(format="rgb24").astype(float)
    assert np.sqrt(np.mean((seen - rendered) ** 2)) < 4


def test_a_full_disk_is_one_sentence_for_a_preview_too(
    draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["preview", str(draft), "-o", str(tmp_path / "frame.png")]) == 2
    assert capsys.readouterr().err == (
        "multiplane: frame.png: the disk is full: free some space, or choose another disk.\n"
    )
    assert not (tmp_path / "frame.png").exists()


def test_preview_makes_filmstrips_and_small_videos(draft: Path, tmp_path: Path) -> None:
    big = json.loads(draft.read_text()) | {"w": 1080, "h": 1920}
    write(draft, big)
    assert main(["preview", str(draft), "--filmstrip", "7", "-o", str(tmp_path / "strip.jpg")]) == 0
    with Image.open(tmp_path / "strip.jpg") as strip:
        assert strip.size == (5 * 184 - 4, 2 * 324 - 4)
    assert main(["preview", str(draft), "--video", "-o", str(tmp_path / "small.mp4")]) == 0
    with av.open(str(tmp_path / "small.mp4")) as container:
        video = container.streams.video[0]
        assert (video.width, video.height, video.frames) == (360, 640, 60)
        assert container.streams.audio


def test_what_was_taken_from_the_cache_is_said(draft: Path, tmp_path: Path) -> None:
    long = json.loads(draft.read_text())
    long["d"] = long["t"][0]["sg"][0]["d"] = 8000
    write(draft, long)
    command = ["render", draft, "-o", tmp_path / "out.mp4", "--quality", "draft", "--overwrite"]
    assert "cache" not in run(*command).stdout
    long["t"][2]["sg"][0]["tx"] = "Another"  # from 1 to 2 s: in the first of four groups
    write(draft, long)
    assert run(*command).stdout.endswith("; 3 of 4 parts (75%) taken from the cache\n")


def test_a_small_video_tells_its_progress(draft: Path, tmp_path: Path) -> None:
    done = run("preview", draft, "--video", "-o", tmp_path / "small.mp4", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in (events[0], events[-2], events[-1])] == ["plan", "progress", "done"]
    assert (events[-2]["frame"], events[-1]["parts"]) == (60, 1)


def test_no_source_of_the_draft_is_replaced(
    draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "harbour.png").rename(tmp_path / "harbour.mp4")  # a file is what its content says
    data = json.loads(draft.read_text())
    data["t"][0]["sg"][0]["src"] = "harbour.mp4"
    write(draft, data)
    photo = (tmp_path / "harbour.mp4").read_bytes()
    (tmp_path / "link.png").symlink_to("harbour.mp4")
    picture(tmp_path / "depth.png")
    data["t"][0]["sg"][0]["mo"]["depth"] = "depth.png"
    write(draft, data)
    for arguments in (
        ["render", "harbour.json"],
        ["preview", "harbour.json", "-o", "link.png"],
        ["preview", "harbour.json", "-o", "depth.png"],
    ):
        assert main([*arguments, "--overwrite"]) == 2
        assert "is one of the draft's own files" in capsys.readouterr().err
    assert (tmp_path / "harbour.mp4").read_bytes() == photo


def test_the_pace_counts_only_what_was_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 12.0, 14.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    pace = Pace(25.0)
    assert pace.measure(Progress(900, 1000)) is None  # all of them from the cache
    assert pace.measure(Progress(950, 1000)) == (25.0, 1.0, 2.0)
    assert pace.measure(Progress(1000, 1000)) == (25.0, 1.0, 0.0)


@pytest.mark.parametrize("processes", [0, 2])
def test_ctrl_c_stops_and_leaves_nothing(draft: Path, tmp_path: Path, processes: int) -> None:
    long = json.loads(draft.read_text())
    long["d"] = long["t"][0]["sg"][0]["d"] = 60_000
    write(draft, long | {"w": 1280, "h": 720})
    before = {path.name for path in tmp_path.iterdir()}
    command = [sys.executable, "-m", "api.cli", "render", str(draft), "-o", str(tmp_path / "out.mp4"), "--json"]
    with subprocess.Popen(
        [*command, "--no-cache", "--processes", str(processes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if '"progress"' in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_draft_goes_to_other_tools_and_comes_back(draft: Path, tmp_path: Path) -> None:
    from engine.timeline import read_draft

    assert main(["convert", str(draft), str(tmp_path / "a.otio")]) == 0
    assert main(["convert", str(tmp_path / "a.otio"), str(tmp_path / "back.json")]) == 0
    assert read_draft((tmp_path / "back.json").read_bytes()) == read_draft(draft.read_bytes())


def test_a_draft_that_comes_back_elsewhere_still_finds_its_files(draft: Path, tmp_path: Path) -> None:
    from engine.timeline import read_draft

    home = tmp_path / "elsewhere"
    home.mkdir()
    (home / "music.wav").write_bytes((tmp_path / "music.wav").read_bytes())
    picture(tmp_path / "depth.png")
    data = json.loads(draft.read_text())
    data["t"][0]["sg"][0]["mo"]["depth"] = "depth.png"
    write(draft, data)
    assert main(["convert", str(draft), str(home / "a.otio")]) == 0
    assert main(["convert", str(home / "a.otio"), str(home / "back.json")]) == 0
    tracks = read_draft((home / "back.json").read_bytes()).tracks
    motion = tracks[0].segments[0].motion
    assert motion is not None
    assert motion.depth == str(tmp_path / "depth.png")
    sources = [track.segments[0].src for track in tracks]
    assert sources == [str(tmp_path / "harbour.png"), "music.wav", None]


def test_what_is_no_timeline_is_not_converted(draft: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.otio").write_text("{}")
    assert main(["convert", str(tmp_path / "broken.otio"), str(tmp_path / "x.json")]) == 2
    assert "broken.otio" in capsys.readouterr().err
    assert main(["convert", str(draft), str(tmp_path / "x.edl")]) == 2
    assert "x.edl: the output is an OpenTimelineIO file" in capsys.readouterr().err
    assert not (tmp_path / "x.json").exists()
