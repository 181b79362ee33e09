"""The parallax benchmark runs, its arithmetic is right, and its drafts are valid. No time is asserted."""

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.environments import Environment
from benchmarks.parallax import SCHEMA, grouped, main, table
from benchmarks.parallax_contenders import ASIDE, CONTENDERS, FLAT, IN, Stage
from benchmarks.parallax_figures import Figures, figures_of, ratios
from benchmarks.process import ContenderFailed, ProcessFigures
from engine.timeline import read_draft


def photo(folder: Path) -> Path:
    path = folder / "photo.png"
    Image.fromarray(np.random.default_rng(1).integers(90, 160, (360, 640, 3), np.uint8)).save(path)
    return path


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("parallax")
    output = folder / "result.json"
    options = ["--photo", str(photo(folder)), "--size", "320x180", "--seconds", "0.4", "--repeat", "1"]
    assert main([*options, "--only", "bare,ours", "--output", str(output)]) == 0
    read: dict[str, Any] = json.loads(output.read_text())
    return read


def test_says_what_was_measured_where(result: dict[str, Any]) -> None:
    assert result["schema"] == SCHEMA
    assert result["machine"]["usable_cores"] >= 1
    assert {"multiplane", "commit", "python", "numba"} <= result["versions"].keys()
    assert result["clip"]["frames"]["ours"] == 12
    assert "/" not in result["clip"]["photo"]
    assert result["ratios"].keys() == {"ours / bare"}


@pytest.mark.parametrize("name", ["ours", "bare"])
def test_every_contender_reports_the_same_figures(result: dict[str, Any], name: str) -> None:
    (run,) = result["contenders"][name]["repetitions"]
    assert run["covers"] == ("section" if name == "bare" else "process")
    assert run["cpu"] > 0
    assert run["peak_mb"] > 1
    assert run["frame_ms"] > 0
    assert (run["setup"] is None) == (name == "bare")


def test_the_table_has_a_line_for_everyone_and_what_was_said(result: dict[str, Any]) -> None:
    result["contenders"]["ours"]["summary"]["notes"] = ["The photo is flat."]
    text = table(result)
    assert "ours / bare" in text
    assert "ours said: The photo is flat." in text


def test_who_needs_another_runs_just_behind_it() -> None:
    assert ["ours-first", "ours-again"] in grouped(list(CONTENDERS))
    assert grouped(["bare", "ours-again"]) == [["bare"], ["ours-again"]]


@pytest.mark.parametrize("motion", [IN, ASIDE, FLAT])
def test_the_drafts_are_drafts(motion: dict[str, Any], tmp_path: Path) -> None:
    stage = Stage(photo(tmp_path), tmp_path, (320, 180), 30, Fraction(3))
    draft = read_draft(stage.draft(motion, stage.frames(3)).read_bytes())
    assert draft.duration == 1
    assert draft.tracks[0].segments[0].motion is not None


def process(wall: float, cpu: float, *events: tuple[float, dict[str, Any]]) -> ProcessFigures:
    return ProcessFigures(wall, cpu, 0.0, 100.0, list(events))


def test_two_excerpts_say_what_frames_cost_and_what_comes_before_them() -> None:
    figures = figures_of([process(5.0, 8.0), process(15.0, 26.0)], [2, 12], 900)
    assert figures.covers == "projected"
    assert figures.setup == pytest.approx(3.0)
    assert figures.frame_ms == pytest.approx(1000.0)
    assert figures.wall == pytest.approx(903.0)
    assert figures.cpu == pytest.approx(4.4 + 900 * 1.8)


def test_set_up_ends_with_the_first_frame() -> None:
    first = (2.0, {"event": "progress", "frame": 1})
    done = (12.0, {"event": "done", "notes": ["n"]})
    figures = figures_of([process(12.5, 20.0, first, done)], [101], 101)
    assert (figures.setup, figures.frame_ms, figures.wall, figures.notes) == (2.0, 100.0, 12.5, ["n"])
    with pytest.raises(ContenderFailed, match="progress"):
        figures_of([process(12.5, 20.0)], [101], 101)


def test_ratios_are_taken_within_a_repetition() -> None:
    def run(wall: float, setup: float) -> Figures:
        return Figures(wall, 1.0, 100.0, setup, 1.0, "process")

    found = ratios({"ours-first": [run(10, 4), run(20, 8)], "ours-again": [run(5, 1), run(20, 2)]})
    assert found["again / first, whole"] == {"min": 0.5, "median": 0.75, "max": 1.0}
    assert found["again / first, set-up"]["median"] == 0.25


def test_an_environment_that_works_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    environment = Environment("Program", tmp_path, tmp_path / "none.txt", "import json")
    assert environment.problem() == ""
    assert environment.ask('print(\'{"a": "b"}\')') == {"a": "b"}
