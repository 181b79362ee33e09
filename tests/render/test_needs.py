"""What shots declare that they need, and what they prepare once and keep."""

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pipelines.kenburns.decoded as decoded
from engine.core.errors import MediaError, UnreadableMedia
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.motion import Motion
from engine.timeline import TEXT, VIDEO, Draft, Effect, Fit, Segment, TextStyle, Track
from pipelines.kenburns import open_kenburns
from pipelines.render import RenderOptions, render_draft
from pipelines.render.cache import Cache
from pipelines.render.keys import gop_key
from pipelines.render.needs import Needs, needs_of
from pipelines.render.scene import prepare
from pipelines.render.stages import CachedStages
from tests.render.media import SMALL, picture

SECOND = Fraction(1)
LUT = "\n".join(["LUT_3D_SIZE 2", *(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))])


def draft(*segments: Segment, kind: int = VIDEO) -> Draft:
    return Draft(SMALL, duration=segments[-1].end, tracks=(Track("v", kind, segments),))


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The photos that were decoded, in order."""
    seen: list[Path] = []
    load = decoded.load_photo

    def counting(path: Path, **more: object) -> object:
        seen.append(path)
        return load(path, **more)

    monkeypatch.setattr(decoded, "load_photo", counting)
    return seen


def test_each_kind_of_shot_declares_its_files(tmp_path: Path) -> None:
    lut = Effect("lut", src="look.cube")
    font = tmp_path / "a.ttf"
    font.write_bytes(b"-")
    segments = (
        Segment("photo", 0 * SECOND, SECOND, "a.png", effects=(lut, Effect("snow"))),
        Segment("card", SECOND, SECOND, "color:#102030", effects=(lut,)),
        Segment("clip", 2 * SECOND, SECOND, "b.mp4"),
        Segment("deep", 3 * SECOND, SECOND, "a.png", Motion(depth="depth.png")),
        Segment("played", 4 * SECOND, SECOND, "moves.gif", Motion(depth="depth.png")),
    )
    texts = (
        Segment("own", 0 * SECOND, SECOND, text="a", style=TextStyle(font="a.ttf")),
        Segment("named", SECOND, SECOND, text="b", style=TextStyle(font="Some Family")),
    )
    picture(tmp_path / "a.png")
    stills = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    stills[0].save(tmp_path / "moves.gif", save_all=True, append_images=stills[1:])
    whole = Draft(SMALL, duration=5 * SECOND, tracks=(Track("v", VIDEO, segments), Track("t", TEXT, texts)))
    needs = {shot.segment.id: needs_of(shot, tmp_path) for shot in prepare(whole, tmp_path).shots}
    table = tmp_path / "look.cube"
    assert needs == {
        "photo": Needs((tmp_path / "a.png",), (table,)),
        "card": Needs((), (table,)),
        "clip": Needs((tmp_path / "b.mp4",)),
        "deep": Needs((tmp_path / "a.png",), (tmp_path / "depth.png",)),
        "played": Needs((tmp_path / "moves.gif",)),
        "own": Needs((), (font,)),
        "named": Needs(),
    }


@pytest.mark.parametrize(
    ("last", "missing"),
    [
        ({"src": "gone.png"}, "gone.png"),
        ({"src": "gone.mp4"}, "gone.mp4"),
        ({"src": "there.png", "motion": Motion(depth="gone.png")}, "gone.png"),
        ({"src": "color:#ffffff", "effects": (Effect("lut", src="gone.cube"),)}, "gone.cube"),
    ],
)
@pytest.mark.parametrize("cached", [False, True])
def test_what_is_missing_is_said_before_the_first_frame(tmp_path: Path, last: dict, missing: str, cached: bool) -> None:
    whole = draft(
        Segment("a", 0 * SECOND, 8 * SECOND, "color:#203040"), replace(Segment("b", 8 * SECOND, SECOND), **last)
    )
    picture(tmp_path / "there.png")
    frames: list[object] = []
    with pytest.raises(UnreadableMedia, match=rf"{missing}: there is no such file"):
        render_draft(whole, tmp_path / "a.mp4", RenderOptions(base=tmp_path, cached=cached), frames.append)
    assert frames == []


def test_a_depth_map_counts_by_its_content(tmp_path: Path) -> None:
    for name in ("a.png", "depth.png", "same.png"):
        picture(tmp_path / name)
    Image.new("L", (8, 8), 90).save(tmp_path / "other.png")

    def key(depth: str | None) -> str:
        scene = prepare(draft(Segment("a", 0 * SECOND, SECOND, "a.png", Motion(depth=depth))), tmp_path)
        return gop_key(scene, scene.gops[0], scene.shots, RenderOptions(base=tmp_path), "")

    assert key("depth.png") == key("same.png")
    assert len({key("depth.png"), key("other.png"), key(None)}) == 3


def test_a_pack_that_is_not_installed_is_said_before_the_first_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "packs"))
    whole = draft(
        Segment("a", 0 * SECOND, 8 * SECOND, "color:#203040"),
        Segment("b", 8 * SECOND, SECOND, "pack:no-such-pack/a.png"),
    )
    frames: list[object] = []
    with pytest.raises(MediaError, match="no-such-pack"):
        render_draft(whole, tmp_path / "a.mp4", RenderOptions(base=tmp_path), frames.append)
    assert frames == []


def shown(photo: Path, stages: CachedStages | None, move: str = "zoom_in", **more: object) -> list[np.ndarray]:
    """All planes of a frame in the middle of a shot, and alpha where it has one."""
    source = open_kenburns(photo, Motion((move,)), Fit("crop"), (160, 90), 2 * SECOND, stages=stages, **more)
    frame = YuvFrame.empty(160, 90)
    alpha = np.empty((90, 160), np.uint8) if source.has_alpha else None
    source.render(SECOND, View.whole(160, 90), frame, alpha)
    return [frame.y, frame.u, frame.v, *([] if alpha is None else [alpha])]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all((p == q).all() for p, q in zip(a, b, strict=True))


@pytest.mark.parametrize("keep_alpha", [False, True])
def test_a_photo_is_decoded_once_for_all_moves_and_looks_the_same(
    tmp_path: Path, decodings: list[Path], keep_alpha: bool
) -> None:
    photo = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (120, 200, 4), np.uint8)
    Image.fromarray(pixels).save(photo)
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    first = shown(photo, stages, keep_alpha=keep_alpha)
    # Another name for the same bytes, and another move over them, are the same photo.
    again = photo.rename(tmp_path / "b.png")
    second, other = (shown(again, stages, move, keep_alpha=keep_alpha) for move in ("zoom_in", "pan_left"))
    assert decodings == [photo]
    assert same(first, second)
    assert same(second, shown(again, None, keep_alpha=keep_alpha))
    assert same(other, shown(again, None, "pan_left", keep_alpha=keep_alpha))
    assert not same(first, other)


def test_other_bytes_are_another_photo(tmp_path: Path, decodings: list[Path]) -> None:
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    photo = picture(tmp_path / "a.png")
    before = shown(photo, stages)
    picture(photo, (200, 40, 40))
    after = shown(photo, stages)
    assert len(decodings) == 2
    assert not same(before, after)


def test_another_background_is_not_taken_for_the_kept_one(tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    Image.new("RGBA", (100, 60), (255, 0, 0, 0)).save(photo)
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    for color in ("#000000", "#ffffff"):
        source = open_kenburns(photo, None, Fit("crop", color), (160, 90), SECOND, stages=stages)
        frame = YuvFrame.empty(160, 90)
        source.render(0 * SECOND, View.whole(160, 90), frame)
        assert set(np.unique(frame.y)) == ({16} if color == "#000000" else {235})


@pytest.mark.parametrize("bytes_left", [0, 5, 200, -1])
def test_a_damaged_result_is_made_again(tmp_path: Path, decodings: list[Path], bytes_left: int) -> None:
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    photo = picture(tmp_path / "a.png")
    first = shown(photo, stages)
    (kept,) = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    kept.write_bytes(kept.read_bytes()[:bytes_left])
    assert same(shown(photo, stages), first)
    assert same(shown(photo, stages), first)
    assert len(decodings) == 2


def test_what_was_said_of_a_photo_is_said_again(tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    Image.new("RGB", (100, 60), "red").save(photo, icc_profile=b"no profile at all")
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    alone, first, second = (
        open_kenburns(photo, None, Fit("crop"), (160, 90), SECOND, stages=where).notes
        for where in (None, stages, stages)
    )
    assert alone == first == second
    assert any("colour profile" in note for note in alone)


def test_a_jpeg_is_not_worth_the_disk(tmp_path: Path) -> None:
    stages = CachedStages(Cache(tmp_path / "cache", 10**8))
    shown(picture(tmp_path / "a.jpg"), stages)
    assert not (tmp_path / "cache").exists()


def test_results_stay_within_the_budget_and_large_ones_are_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 4000)
    stages = CachedStages(cache)
    for index in range(6):
        kept = stages.keep("photo", str(index), lambda path: path.write_bytes(b"x" * 1000))
        assert kept is not None
        os.utime(kept, (index + 1, index + 1))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 4000
    assert stages.keep("photo", "large", lambda path: path.write_bytes(b"x" * 1001)) is None
    assert stages.find("photo", "large") is None
    assert stages.find("photo", "5") is not None


def test_a_rendering_takes_the_photo_that_another_one_prepared(
    tmp_path: Path, decodings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTIPLANE_CACHE", str(tmp_path / "cache"))
    picture(tmp_path / "a.png")
    options = RenderOptions(base=tmp_path, cached=True, overwrite=True)
    reports = [
        render_draft(draft(Segment("a", 0 * SECOND, SECOND, "a.png", Motion((move,)))), tmp_path / "a.mp4", options)
        for move in ("zoom_in", "pan_right")
    ]
    assert [report.reused for report in reports] == [0, 0]
    assert decodings == [tmp_path / "a.png"]
