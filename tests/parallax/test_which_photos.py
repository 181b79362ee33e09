"""Which photos of a timeline are seen in depth, and what is said of those that stay flat."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.media import PRESETS
from engine.motion import Motion
from engine.raster.scene.relief import ReliefSampler
from engine.timeline import VIDEO, Draft, Fit, Segment, Track
from pipelines.kenburns import KenBurnsSource
from pipelines.parallax.source import ParallaxSource
from pipelines.render import RenderOptions, render_draft
from pipelines.render.opening import open_shot
from pipelines.render.scene import prepare
from pipelines.render.source import Source
from pipelines.render.window import WindowSource
from tests.render.media import SMALL, disc, picture

SECOND = Fraction(1)


@pytest.fixture(autouse=True)
def no_packs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No model of this machine has a say."""
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "no-packs"))
    # The fonts of packs are held in the process: those found here are forgotten again.
    monkeypatch.setattr("pipelines.render.fonts._held", None)


def opened(folder: Path, *segments: Segment, options: RenderOptions | None = None) -> Source:
    """The source of the last segment; each lies on a track of its own, the first the lowest."""
    tracks = tuple(Track(f"v{n}", VIDEO, (segment,)) for n, segment in enumerate(segments))
    scene = prepare(Draft(SMALL, duration=SECOND, tracks=tracks), folder)
    shot = next(shot for shot in scene.shots if shot.segment.id == segments[-1].id)
    source = open_shot(shot, scene, options or RenderOptions(base=folder), 1).source
    assert source is not None
    return source


def photo(motion: Motion | None, fit: str = "crop", src: str = "a.png") -> Segment:
    return Segment("p", 0 * SECOND, SECOND, src, motion, fit=Fit(fit))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture(tmp_path / "a.png")
    disc(tmp_path / "disc.png")
    return tmp_path


@pytest.mark.parametrize(
    "motion",
    [
        Motion(("zoom_in",), method="parallax"),
        Motion(("hold",), method="parallax"),
        Motion(("orbit_left",)),
        Motion(("sway",)),
        Motion(("zoom_in", "truck_left")),
    ],
)
def test_what_asks_for_depth_has_it(folder: Path, motion: Motion) -> None:
    source = opened(folder, photo(motion))
    assert isinstance(source, ParallaxSource)
    assert any("guessed" in note for note in source.notes)


@pytest.mark.parametrize(
    "motion",
    [None, Motion(("zoom_in",)), Motion(("drift",)), Motion(("orbit_left",), method="kenburns"), Motion(("hold",))],
)
def test_what_does_not_ask_for_depth_is_flat(folder: Path, motion: Motion | None) -> None:
    assert isinstance(opened(folder, photo(motion)), KenBurnsSource)


@pytest.mark.parametrize("fit", ["blur", "color"])
def test_a_photo_between_bars_is_a_window_into_its_scene(folder: Path, fit: str) -> None:
    source = opened(folder, photo(Motion(("truck_left",), method="parallax"), fit))
    still = opened(folder, photo(None, fit))
    assert isinstance(source, WindowSource)
    assert isinstance(still, KenBurnsSource)
    size = (SMALL.width, SMALL.height)
    frames = [YuvFrame.empty(*size) for _ in range(3)]
    for frame, (each, time) in zip(frames, ((source, 0), (source, 1), (still, 0)), strict=True):
        each.render(Fraction(time), View.whole(*size), frame, None)
    left, top, right, bottom = (round(side) for side in source.inside.extent)
    inside = np.zeros(frames[0].y.shape, bool)
    inside[top:bottom, left:right] = True
    for frame in frames[:2]:
        assert (frame.y[~inside] == frames[2].y[~inside]).all()
    assert (frames[0].y != frames[1].y)[inside].mean() > 0.05
    assert any("guessed" in note for note in source.notes)


def test_a_transparent_photo_over_others_stays_flat_and_it_is_said(folder: Path) -> None:
    move = Motion(("orbit_left",))
    source = opened(folder, photo(None), Segment("d", 0 * SECOND, SECOND, "disc.png", move, fit=Fit("crop")))
    assert isinstance(source, KenBurnsSource)
    assert source.has_alpha
    assert any("transparent" in note.lower() for note in source.notes)
    # The lowest of all has its background, and depth.
    assert isinstance(opened(folder, photo(move, src="disc.png")), ParallaxSource)


def test_the_draft_preset_draws_a_height_field(folder: Path) -> None:
    segment = photo(Motion(("dolly_in",)))
    draft = opened(folder, segment, options=RenderOptions(PRESETS["draft"], base=folder))
    assert isinstance(draft, ParallaxSource)
    assert isinstance(draft.renderer, ReliefSampler)


def test_a_video_in_depth_is_rendered_and_says_that_depth_was_guessed(folder: Path) -> None:
    segment = Segment("p", 0 * SECOND, SECOND / 2, "a.png", Motion(("orbit_left",)), fit=Fit("crop"))
    draft = Draft(SMALL, duration=SECOND / 2, tracks=(Track("v", VIDEO, (segment,)),))
    report = render_draft(draft, folder / "out.mp4", RenderOptions(base=folder))
    assert (folder / "out.mp4").stat().st_size > 500
    assert sum("--depth" in note for note in report.notes) == 1


def test_a_photo_that_is_not_there_is_the_same_error_in_depth(folder: Path) -> None:
    from engine.core.errors import MediaError

    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(folder / "b.png")
    (folder / "b.png").write_bytes((folder / "b.png").read_bytes()[:40])
    with pytest.raises(MediaError, match=r"b\.png"):
        opened(folder, photo(Motion(("sway",)), src="b.png"))
