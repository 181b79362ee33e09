"""A photo in depth, from the file to the frame: what is said, what is kept, what is drawn where."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pipelines.parallax.depth as depth_module
import pipelines.parallax.prepared as prepared_module
from engine.core.errors import MediaError
from engine.core.frames import YuvFrame
from engine.core.stages import Stages
from engine.core.view import View
from engine.motion import Motion
from engine.raster.scene.relief import ReliefSampler
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene
from engine.raster.scene.warm import load_scene_kernels
from engine.timeline import Fit
from pipelines.kenburns import open_kenburns
from pipelines.parallax.prepared import RUNGS, working_size
from pipelines.parallax.source import ParallaxSource, open_parallax
from pipelines.render.cache import Cache
from pipelines.render.stages import CachedStages
from tests.raster.reference import psnr
from tests.raster.scene.scenes import guess_like, sentinel_frame

SECOND = Fraction(1)
SIZE, FRAME = (400, 300), (160, 90)
GUESSED = "give a map with --depth"


@pytest.fixture(autouse=True)
def no_packs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No model of this machine has a say."""
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "no-packs"))
    # The fonts of packs are held in the process: those found here are forgotten again.
    monkeypatch.setattr("pipelines.render.fonts._held", None)
    load_scene_kernels()  # once in this process, and not while scenes are counted


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Blobs of colour, smooth enough to be compared."""
    rng = np.random.default_rng(4)
    small = Image.fromarray(rng.integers(40, 216, (12, 16, 3), np.uint8))
    small.resize(SIZE, Image.Resampling.BICUBIC).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def depth_file(tmp_path: Path) -> Path:
    """A studio's own map: a thing in front of ground."""
    field = guess_like(200, 150)
    Image.fromarray((field * 255).astype(np.uint8)).save(tmp_path / "depth.png")
    return tmp_path / "depth.png"


def opened(
    photo: Path, *moves: str, fit: str = "crop", frame: tuple[int, int] = FRAME, **more: object
) -> ParallaxSource:
    return open_parallax(photo, Motion(moves or ("dolly_in",)), Fit(fit), frame, 3 * SECOND, **more)


def drawn(source: ParallaxSource, time: Fraction = SECOND, size: tuple[int, int] = FRAME) -> YuvFrame:
    frame = sentinel_frame(*size)
    source.render(time, View.whole(*size), frame)
    return frame


def same(a: YuvFrame, b: YuvFrame) -> bool:
    return bool((a.y == b.y).all() and (a.u == b.u).all() and (a.v == b.v).all())


class Counted:
    """How often depth was looked for and a photo was taken apart."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.depths = self.scenes = 0
        find, make = depth_module._find, Scene.from_photo

        def counting_find(*args: object) -> object:
            self.depths += 1
            return find(*args)

        def counting_make(*args: object, **more: object) -> Scene:
            self.scenes += 1
            return make(*args, **more)

        monkeypatch.setattr(depth_module, "_find", counting_find)
        monkeypatch.setattr(prepared_module.Scene, "from_photo", counting_make)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


def test_a_guess_is_said_and_a_map_of_ones_own_is_not(photo: Path, depth_file: Path) -> None:
    guess, own = opened(photo), opened(photo, depth_file=depth_file)
    assert sum(GUESSED in note for note in guess.notes) == 1
    assert not any(GUESSED in note for note in own.notes)
    assert all(note.startswith("photo.png: ") for note in guess.notes)
    # Where depth is guessed, near and far come apart less.
    spread = [
        abs(path.at(3).z - path.at(0).z) * (path.depths.nearest - path.depths.farthest)
        for path in (guess.path, own.path)
    ]
    assert spread[0] < spread[1]


def test_a_map_that_does_not_fit_is_refused_with_a_sentence(photo: Path, tmp_path: Path) -> None:
    Image.new("L", (100, 300), 90).save(tmp_path / "tall.png")
    with pytest.raises(MediaError, match=r"tall\.png"):
        opened(photo, depth_file=tmp_path / "tall.png")
    with pytest.raises(MediaError, match=r"gone\.png"):
        opened(photo, depth_file=tmp_path / "gone.png")


@pytest.mark.parametrize("move", ["dolly_in", "truck_left", "orbit_right", "zoom_in", "sway", "pan_up"])
def test_every_sample_of_every_frame_is_drawn(photo: Path, depth_file: Path, move: str) -> None:
    source = opened(photo, move, depth_file=depth_file)
    for time in (0 * SECOND, SECOND, 3 * SECOND):
        frame = drawn(source, time)
        for plane in (frame.y, frame.u, frame.v):
            assert plane.min() > 16


def test_near_things_move_and_far_ones_stay(photo: Path, depth_file: Path) -> None:
    source = opened(photo, "truck_right", depth_file=depth_file)
    first, last = drawn(source, 0 * SECOND), drawn(source, 3 * SECOND)
    change = np.abs(first.y.astype(int) - last.y)
    assert change[35:55, 50:90].mean() > 4  # the subject
    assert change[:8].mean() < 0.5 * change[35:55, 50:90].mean()  # the sky


def test_another_move_finds_depth_and_layers_ready(photo: Path, tmp_path: Path, counted: Counted) -> None:
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    first = drawn(opened(photo, "truck_left", stages=stages))
    assert (counted.depths, counted.scenes) == (1, 1)
    again = opened(photo.rename(tmp_path / "renamed.png"), "truck_left", stages=stages)
    assert (counted.depths, counted.scenes) == (1, 1)
    assert same(drawn(again), first)
    other = opened(tmp_path / "renamed.png", "orbit_right", stages=stages)
    assert (counted.depths, counted.scenes) == (1, 1)
    assert not same(drawn(other), first)
    assert again.notes == opened(tmp_path / "renamed.png", "truck_left").notes


def test_another_photo_another_map_and_another_background_are_not_taken_for_the_kept(
    photo: Path, depth_file: Path, tmp_path: Path, counted: Counted
) -> None:
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    opened(photo, stages=stages)
    opened(photo, stages=stages, depth_file=depth_file)
    assert (counted.depths, counted.scenes) == (2, 2)
    Image.fromarray(np.full((150, 200), 90, np.uint8)).save(depth_file)
    opened(photo, stages=stages, depth_file=depth_file)
    assert (counted.depths, counted.scenes) == (3, 3)
    Image.open(photo).rotate(180).save(photo)
    opened(photo, stages=stages)
    assert (counted.depths, counted.scenes) == (4, 4)
    open_parallax(photo, None, Fit("crop", "#ff0000"), FRAME, SECOND, stages=stages)
    assert counted.depths == 5


class Careless:
    """Stages that hand out whatever lies on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def find(self, kind: str, key: str) -> Path | None:
        path = self.folder / f"{kind}-{key}"
        return path if path.exists() else None

    def keep(self, kind: str, key: str, write: Callable[[Path], object]) -> Path | None:
        write(self.folder / f"{kind}-{key}")
        return self.find(kind, key)

    def discard(self, kind: str, key: str) -> None:
        (self.folder / f"{kind}-{key}").unlink(missing_ok=True)


@pytest.mark.parametrize("bytes_left", [0, 5, 200, 3000, -1])
@pytest.mark.parametrize("careless", [False, True])
def test_what_was_damaged_on_the_disk_is_made_again(
    photo: Path, tmp_path: Path, counted: Counted, bytes_left: int, careless: bool
) -> None:
    stages: Stages = Careless(tmp_path / "kept") if careless else CachedStages(Cache(tmp_path / "kept", 10**8))
    first = drawn(opened(photo, stages=stages))
    for path in [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]:
        path.write_bytes(path.read_bytes()[:bytes_left])
    assert same(drawn(opened(photo, stages=stages)), first)
    assert (counted.depths, counted.scenes) == (2, 2)
    assert same(drawn(opened(photo, stages=stages)), first)
    assert (counted.depths, counted.scenes) == (2, 2)


def test_a_draft_is_a_height_field_and_shows_nearly_the_same(photo: Path, depth_file: Path) -> None:
    draft = opened(photo, depth_file=depth_file, draft=True)
    whole = opened(photo, depth_file=depth_file)
    assert isinstance(draft.renderer, ReliefSampler)
    assert isinstance(whole.renderer, SceneSampler)
    assert draft.path == whole.path
    a, b = drawn(draft), drawn(whole)
    assert psnr(a.y, b.y.astype(np.float64)) > 28


def test_a_draft_takes_nothing_apart(photo: Path, depth_file: Path, counted: Counted) -> None:
    drawn(opened(photo, depth_file=depth_file, draft=True))
    assert (counted.depths, counted.scenes) == (1, 0)


@pytest.mark.parametrize("frame", [(160, 90), (90, 160), (120, 120)])
def test_contain_shows_the_photo_whole_within_its_extent(photo: Path, depth_file: Path, frame: tuple[int, int]) -> None:
    source = opened(photo, "hold", fit="contain", frame=frame, depth_file=depth_file)
    flat = open_kenburns(photo, Motion(("hold",)), Fit("contain"), frame, 3 * SECOND)
    assert source.extent == flat.extent
    left, top, right, bottom = source.extent
    assert (right - left) / (bottom - top) == pytest.approx(4 / 3, rel=0.03)
    size = (round(right - left) // 2 * 2, round(bottom - top) // 2 * 2)
    lens = View((left + right) / 2, (top + bottom) / 2, 1.0)
    ours, theirs = sentinel_frame(*size), YuvFrame.empty(*size)
    source.render(SECOND, lens, ours)
    flat.render(SECOND, lens, theirs)
    assert psnr(ours.y, theirs.y.astype(np.float64)) > 40


def test_a_lens_looks_at_a_part_of_the_layer(photo: Path, depth_file: Path) -> None:
    source = opened(photo, "orbit_left", depth_file=depth_file)
    whole = drawn(source)
    part = sentinel_frame(64, 40)
    source.render(SECOND, View(40 + 32, 24 + 20, 1.0), part)
    inner = whole.y[24:64, 40:104]
    assert np.abs(part.y.astype(int) - inner).max() <= 3


def test_a_still_camera_shows_what_a_flat_one_shows(photo: Path, depth_file: Path) -> None:
    ours = drawn(opened(photo, "hold", depth_file=depth_file))
    theirs = YuvFrame.empty(*FRAME)
    flat = open_kenburns(photo, Motion(("hold",)), Fit("crop"), FRAME, 3 * SECOND)
    flat.render(SECOND, View.whole(*FRAME), theirs)
    assert psnr(ours.y, theirs.y.astype(np.float64)) > 42


@pytest.mark.parametrize("size", [(2, 2), (3, 5), (16, 400), (400, 17), (1, 60)])
def test_tiny_and_long_photos_are_drawn(tmp_path: Path, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(90, 160, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "p.png")
    for draft in (False, True):
        source = open_parallax(
            tmp_path / "p.png", Motion(("orbit_left", "dolly_in")), Fit(), FRAME, SECOND, draft=draft
        )
        frame = drawn(source, SECOND)
        assert frame.y.min() > 60
        assert frame.y.max() < 200


def test_working_pictures_come_in_few_sizes() -> None:
    sizes = {working_size((4000, 3000), (4000, 3000), 1 + share / 100) for share in range(300)}
    assert len(sizes) <= 6
    assert all(width % 2 == height % 2 == 0 for width, height in sizes)
    assert working_size((4000, 3000), (800, 600), 0.1) == (800, 600)
    assert working_size((20000, 15000), (20000, 15000), 0.001)[0] == RUNGS[-1]
    assert working_size((30, 1), (30, 1), 1.0) == (30, 2)
