"""Photos in depth in the one renderer: the same frames from threads, processes, previews and the cache, and nothing is
prepared twice."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.core.frames import YuvFrame
from engine.media import PRESETS
from engine.motion import Motion
from engine.raster.scene.scene import Scene
from engine.raster.scene.warm import load_scene_kernels
from engine.timeline import TEXT, VIDEO, Canvas, Draft, Segment, Track
from pipelines.parallax import depth
from pipelines.parallax.packs import packs_in_use
from pipelines.parallax.source import GUESSED
from pipelines.render import RenderOptions, render_draft
from pipelines.render.cache import FOLDER
from pipelines.render.gop_renderer import GopRenderer
from pipelines.render.preview import filmstrip, frame_at, small_draft
from pipelines.render.scene import prepare
from tests.render.test_chunks import packets, pictures

LAYERS = RenderOptions(preset=PRESETS["standard"], device="cpu")
"""Layers; the quality ``draft`` is a height field."""

SECOND = Fraction(1)


@pytest.fixture(autouse=True)
def no_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has installed."""
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "packs"))
    # The fonts of packs are held in the process: those found here are forgotten again.
    monkeypatch.setattr("pipelines.render.fonts._held", None)
    load_scene_kernels()  # once in this process, and not while scenes are counted


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER.variable, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often depth was found and photos were taken apart anew in this process."""
    count: Counter[str] = Counter()

    def counted(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **named: object) -> object:
            count[name] += 1
            return call(*arguments, **named)

        return run

    monkeypatch.setattr(depth, "_find", counted("depth", depth._find))
    monkeypatch.setattr(Scene, "from_photo", counted("scene", Scene.from_photo))
    return count


def street(path: Path) -> Path:
    """A post before a wall, over ground."""
    rng = np.random.default_rng(4)
    pixels = np.kron(rng.integers(90, 170, (18, 32, 3)), np.ones((20, 20, 1)))
    pixels[240:] *= 0.6
    pixels[70:300, 280:360] = (230, 60, 40)
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path


def draft_of(photo: Path, *moves: str, text: str = "") -> Draft:
    """Two seconds for each move, which is one GOP; a title over the last one."""
    segments = tuple(
        Segment(f"p{number}", 2 * number * SECOND, 2 * SECOND, str(photo), Motion((move,), method="parallax"))
        for number, move in enumerate(moves)
    )
    length = 2 * len(moves) * SECOND
    titles = (Track("t", TEXT, (Segment("t", length - SECOND, SECOND, text=text),)),) if text else ()
    return Draft(Canvas(160, 90), duration=length, tracks=(Track("v", VIDEO, segments), *titles))


def kinds(cache: Path) -> Counter[str]:
    """How many parts of each kind the cache holds."""
    return Counter(part.parent.parent.name for part in cache.glob("*/*/*") if part.is_file())


def render(draft: Draft, target: Path, **options: object) -> str:
    render_draft(draft, target, replace(LAYERS, **options))  # type: ignore[arg-type]
    return packets(target)


@pytest.mark.parametrize("quality", ["standard", "draft"])
def test_threads_processes_and_the_cache_give_the_same_frames(tmp_path: Path, cache: Path, quality: str) -> None:
    draft = draft_of(street(tmp_path / "street.png"), "dolly_in", "orbit_left")
    preset = {"preset": PRESETS[quality]}
    alone = render(draft, tmp_path / "alone.mp4", threads=1, **preset)
    frames = pictures(tmp_path / "alone.mp4")
    assert len(frames) == 120
    assert len(set(frames)) > 60, "the camera moves; where it begins and ends it is too slow for so few pixels"
    ways: dict[str, dict[str, object]] = {
        "threads": {"threads": 3}, "processes": {"processes": 2, "cached": True}, "again": {"cached": True},
    }  # fmt: skip
    for name, options in ways.items():
        assert render(draft, tmp_path / f"{name}.mp4", **options, **preset) == alone, name
        assert pictures(tmp_path / f"{name}.mp4") == frames


def test_scenes_from_the_cache_give_the_same_frames(tmp_path: Path, cache: Path, made: Counter[str]) -> None:
    draft = draft_of(street(tmp_path / "street.png"), "truck_left")
    first = render(draft, tmp_path / "1.mp4", cached=True)
    for part in [*cache.glob("gop/*/*")]:
        part.unlink()
    assert render(draft, tmp_path / "2.mp4", cached=True) == first
    assert made == {"depth": 1, "scene": 1}


def test_another_title_takes_no_photo_apart(tmp_path: Path, cache: Path, made: Counter[str]) -> None:
    photo = street(tmp_path / "street.png")
    render(draft_of(photo, "dolly_in", "dolly_in", text="One"), tmp_path / "1.mp4", cached=True)
    assert made == {"depth": 1, "scene": 1}
    before = kinds(cache)
    other = draft_of(photo, "dolly_in", "dolly_in", text="Two")
    report = render_draft(other, tmp_path / "2.mp4", replace(LAYERS, cached=True))
    assert (report.gops, report.reused) == (2, 1)
    assert made == {"depth": 1, "scene": 1}
    assert kinds(cache) - before == {"gop": 1, "gop-notes": 1}


def test_another_move_finds_depth_and_layers(tmp_path: Path, cache: Path, made: Counter[str]) -> None:
    photo = street(tmp_path / "street.png")
    for move in ("dolly_in", "truck_left", "orbit_right", "sway"):
        render(draft_of(photo, move), tmp_path / f"{move}.mp4", cached=True)
    assert made == {"depth": 1, "scene": 1}
    assert (kinds(cache)["depth"], kinds(cache)["scene"]) == (1, 1)


def test_a_photo_that_is_shown_twice_is_taken_apart_once(tmp_path: Path, cache: Path, made: Counter[str]) -> None:
    render(draft_of(street(tmp_path / "street.png"), "dolly_in", "truck_left"), tmp_path / "1.mp4", cached=True)
    assert made == {"depth": 1, "scene": 1}


@pytest.mark.parametrize("options", [{"threads": 2}, {"processes": 1}], ids=str)
def test_what_was_said_of_a_photo_is_said_of_the_cached_video_too(
    tmp_path: Path, cache: Path, options: dict[str, int]
) -> None:
    photo = street(tmp_path / "street.png")
    cached = replace(LAYERS, cached=True, **options)
    first = render_draft(draft_of(photo, "dolly_in"), tmp_path / "1.mp4", cached)
    assert f"street.png: {GUESSED}" in first.notes
    assert f"street.png: {depth.UNMASKED}" in first.notes
    again = render_draft(draft_of(photo, "dolly_in"), tmp_path / "2.mp4", cached)
    assert (again.reused, again.notes) == (1, first.notes)
    # The sentences name the file, so they are not told of the same photo under another name.
    other = draft_of(photo.rename(tmp_path / "road.png"), "dolly_in")
    assert not [note for note in render_draft(other, tmp_path / "3.mp4", cached).notes if "street" in note]


def test_previews_show_the_scene(tmp_path: Path, cache: Path, made: Counter[str]) -> None:
    draft = draft_of(street(tmp_path / "street.png"), "truck_left")
    options = replace(LAYERS, cached=True)
    first, last = (frame_at(draft, options, Fraction(number, 30)).pixels.astype(int) for number in (0, 59))
    assert np.abs(first - last).mean() > 2
    assert frame_at(draft, options, Fraction(0)).notes[0].endswith(GUESSED)
    scene = prepare(draft, options.base)
    renderer = GopRenderer(scene, options, 1)
    frames = [YuvFrame.empty(160, 90) for _ in range(2)]
    for number, frame in zip((59, 0), frames, strict=True):
        renderer.painter.paint(number, frame)
    renderer.close()
    from engine.media.video.rgb import to_rgb

    assert np.array_equal(to_rgb(frames[0]), last)
    assert filmstrip(draft, options, 3).pixels.shape[:2] == (90, 3 * 160 + 8)
    assert made == {"depth": 1, "scene": 1}
    render_draft(small_draft(draft), tmp_path / "small.mp4", replace(options, preset=PRESETS["draft"]))
    assert made == {"depth": 1, "scene": 1}, "the small video is a height field over the same depth"


def test_a_depth_model_that_nothing_here_can_run_leaves_the_depth_to_a_guess(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the doctor says; and what was made so is not taken for the model's once its libraries are there."""
    for module in ("pipelines.parallax.packs", "pipelines.parallax.depth"):
        found = {"depth-anything-v2-small": tmp_path}
        monkeypatch.setattr(f"{module}.installed", lambda pack, found=found: found.get(pack))
    monkeypatch.setattr("pipelines.parallax.packs.DEPTH_LIBRARIES", ("no_such_library",))
    without = packs_in_use()
    draft = draft_of(street(tmp_path / "street.png"), "dolly_in")
    report = render_draft(draft, tmp_path / "1.mp4", replace(LAYERS, cached=True))
    assert f"street.png: {GUESSED}" in report.notes
    monkeypatch.setattr("pipelines.parallax.packs.DEPTH_LIBRARIES", ())
    assert packs_in_use() != without
