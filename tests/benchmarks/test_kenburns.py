"""The benchmark runs, and its result says what it must. No time is asserted."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks.kenburns import SCHEMA, main

FRAMES = 15


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("kenburns")
    noise = np.random.default_rng(1).integers(0, 256, (360, 640, 3), np.uint8)
    smooth = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 2.5) - 128
    photo = folder / "texture.png"
    Image.fromarray(np.clip(128 + 8 * smooth, 0, 255).astype(np.uint8)).save(photo)
    output = folder / "result.json"
    names = "ours,bare,opencv,zoompan"
    options = ["--photo", str(photo), "--size", "320x180", "--seconds", "0.5", "--repeat", "1", "--only", names]
    assert main([*options, "--output", str(output)]) == 0
    read: dict[str, Any] = json.loads(output.read_text())
    return read


def test_says_what_was_measured_where(result: dict[str, Any]) -> None:
    assert result["schema"] == SCHEMA
    assert result["machine"]["usable_cores"] >= 1
    assert result["machine"]["cpu"]
    assert {"multiplane", "python", "av", "numpy"} <= result["versions"].keys()
    assert result["clip"]["frames"] == FRAMES
    assert "/" not in result["clip"]["photo"]
    assert result["x264_settings"]["preset"] == "veryfast"


@pytest.mark.parametrize("name", ["ours", "bare", "opencv", "zoompan"])
def test_every_contender_reports_the_same_figures(result: dict[str, Any], name: str) -> None:
    entry = result["contenders"][name]
    if name == "zoompan" and shutil.which("ffmpeg") is None:
        assert "ffmpeg" in entry["skipped"]
        return
    assert not entry["skipped"]
    assert not entry["failed"]
    assert entry["frames"] == FRAMES
    (run,) = entry["repetitions"]
    assert run["covers"] == ("section" if name == "bare" else "process")
    assert 0 < run["wall"] <= run["process"]["wall"]
    assert run["cpu"] > 0
    assert run["peak_mb"] > 1
    assert entry["summary"]["wall_s"].keys() == {"min", "median", "max"}
    assert entry["jitter"]["frames"] == FRAMES


@pytest.mark.parametrize("name", ["bare", "opencv"])
def test_the_stream_proves_that_the_settings_are_ours(result: dict[str, Any], name: str) -> None:
    proof = result["contenders"][name]["x264"]
    assert proof["options"]["crf"] == "20.0"
    # Ours encodes groups of pictures apart, each with one thread and a narrower bucket (engine/media/rate_bound.py).
    assert proof["differs"].keys() == {"threads", "vbv_maxrate", "vbv_bufsize"}


def test_the_headline_and_the_start_up_are_there(result: dict[str, Any]) -> None:
    assert {"ours_to_bare", "ours_cpu_to_bare", "ours_render_to_bare", "to_ours"} == result["ratios"].keys()
    assert "opencv" in result["ratios"]["to_ours"]
    assert {"interpreter", "imports", "decode", "levels", "first frame"} <= result["startup"]["steps"].keys()
    assert 0 < result["jitter_floor"]["uncoded"]["jitter_px"] < result["jitter_floor"]["coded"]["jitter_px"]


def test_a_photo_of_another_shape_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = tmp_path / "square.png"
    Image.new("RGB", (400, 400)).save(photo)
    assert main(["--photo", str(photo), "--output", str(tmp_path / "r.json")]) == 2
    assert "square.png" in capsys.readouterr().err


def test_an_unknown_contender_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "ours,theirs"])
    assert "theirs" in capsys.readouterr().err
