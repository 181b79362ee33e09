"""Generated clips without a server: lanes, effort, patience, what is told of a rendering, what a site can do."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from api.editing.effort import check_effort
from api.editing.lane import lane_of
from api.store.blobs import BlobStore
from api.work import abilities, rendering
from api.work.abilities import FILE, abilities_of, look, write
from api.work.rendering import GENERATION_PATIENCE, GENERATION_STOP_S, PROCESSOR_PATIENCE
from api.work.slots import GPU, RENDER, slots_of_site
from api.work.task import STOP_S, TaskContext
from engine.core.errors import BadRequest, Cancelled, OptionError
from engine.timeline import Draft, read_draft
from models.image_to_video.families import FAMILIES
from pipelines.diffusion import backends
from pipelines.diffusion.backends import Found
from pipelines.director.abilities import Abilities
from pipelines.render import Progress
from tests.service.person import Json


def alive(seconds: float = 1, method: str = "diffusion", **motion: str) -> Json:
    segment = {"s": 0, "d": round(1000 * seconds), "src": "color:#336699"}
    segment["mo"] = {"move": "hold", "with": method, **motion}
    return {"v": 2, "w": 64, "h": 36, "fps": 30, "t": [{"tt": 0, "sg": [segment]}]}


def test_only_generated_motion_goes_to_the_lane_of_the_gpus() -> None:
    assert lane_of(read_draft(alive())) == GPU
    assert lane_of(read_draft(alive(method="parallax"))) == RENDER


@pytest.mark.parametrize(
    ("gpus", "wanted"),
    [
        (0, {"cpu-0": (RENDER, GPU), "cpu-1": (RENDER,)}),
        (2, {"gpu-0": (GPU, RENDER), "gpu-1": (GPU, RENDER), "cpu-0": (RENDER,), "cpu-1": (RENDER,)}),
    ],
)
def test_gpus_take_generated_motion_first_and_somebody_takes_it_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpus: int, wanted: dict[str, tuple[str, ...]]
) -> None:
    monkeypatch.setenv("MULTIPLANE_RENDER_WORKERS", "2")
    for number in range(gpus):
        (tmp_path / f"nvidia{number}").touch()
    found = {slot.name: slot.lanes for slot in slots_of_site(tmp_path) if {RENDER, GPU} & set(slot.lanes)}
    assert found == wanted


def times(draft: Draft, count: int) -> Draft:
    (track,) = draft.tracks
    return replace(draft, tracks=(replace(track, segments=track.segments * count),))


@pytest.mark.parametrize(("more", "most"), [({}, 29), ({"extend": "chain"}, 9), ({"extend": "loop"}, 29)])
def test_generated_clips_count_as_the_work_that_they_are(more: dict[str, str], most: int) -> None:
    draft = read_draft(alive(10, **more))  # a chain of 10 s is three generations
    check_effort(times(draft, most))
    with pytest.raises(BadRequest, match=r"or fewer generated clips \(120 s each\)\.$"):
        check_effort(times(draft, most + 2))


def rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Callable[[TaskContext, Callable[[Progress], None]], None]
) -> None:
    """Have a draft rendered by a renderer that only looks around."""
    context = TaskContext("job", "user", BlobStore(f"file://{tmp_path / 'blobs'}", tmp_path), tmp_path)

    def render(_draft: object, _target: object, options: object, on_progress: Callable[[Progress], None]) -> None:
        look(context, on_progress)
        raise Cancelled("enough")

    monkeypatch.setattr(rendering, "render_draft", render)
    with pytest.raises(Cancelled):
        rendering.render(context, {"draft": alive()})
    assert (context.patience, context.stop_s) == (1, STOP_S)


@pytest.mark.parametrize(("device", "times"), [("auto", GENERATION_PATIENCE), ("cpu", PROCESSOR_PATIENCE)])
def test_a_generation_may_be_silent_for_longer_and_stops_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, times: float
) -> None:
    monkeypatch.setenv("MULTIPLANE_MODEL_DEVICE", device)
    seen: list[tuple[float, float]] = []
    rendered(tmp_path, monkeypatch, lambda context, _: seen.append((context.patience, context.stop_s)))
    assert seen == [(times, GENERATION_STOP_S)]


def test_generating_is_a_stage_of_its_own_and_most_of_the_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, float]] = []

    def look(context: TaskContext, on_progress: Callable[[Progress], None]) -> None:
        for progress in (Progress(0, 30, 0.5), Progress(0, 30, 1.0), Progress(15, 30, 1.0)):
            on_progress(progress)
            seen.append((context.stage, round(context.progress, 3)))

    rendered(tmp_path, monkeypatch, look)
    assert seen == [("generating", 0.4), ("rendering", 0.8), ("rendering", 0.9)]


def test_who_looks_tells_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.diffusion.abilities.find_backends", lambda: Found((), "There is no GPU.", "gpu"))
    assert look() == Abilities(generated=False, follows_text=False, missing="gpu")
    monkeypatch.setattr(abilities, "abilities_of_site", _wrong_setting)
    assert look().missing == "MULTIPLANE_X is no such thing", "part of a sentence"


def _wrong_setting() -> Abilities:
    raise OptionError("MULTIPLANE_X is no such thing.")


def test_what_a_site_can_do_is_known_without_a_model_and_told_by_a_file_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[str] = []
    for where in (abilities, backends):
        monkeypatch.setattr(where, "installed", lambda pack: tmp_path if pack in there else None)
    nothing = Abilities(generated=False, follows_text=False, missing="weights")
    assert abilities_of(tmp_path) == look() == nothing
    write(tmp_path, Abilities())
    assert abilities_of(tmp_path) == nothing, "what was told before counts for nothing without a model"
    there.append(FAMILIES[0].packs[-1])
    for clip in (Fraction(14, 7), None):
        told = Abilities(generated=False, follows_text=False, missing="gpu", clip=clip)
        write(tmp_path, told)
        assert abilities_of(tmp_path) == told
    there.append(next(family for family in FAMILIES if family.follows_text).packs[0])
    assert abilities_of(tmp_path).follows_text
    for damaged in ("", "[]", json.dumps({"generated": True, "missing": "", "clip": "x"})):
        (tmp_path / FILE).write_text(damaged)
        assert abilities_of(tmp_path) == Abilities(), "a model that is installed is believed to run"
