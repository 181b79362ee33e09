"""What frames of a scene hold: the photo where nothing moved, no hole wherever the camera goes, no flicker."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.motion import MOVES, Motion, Subject
from engine.motion.space_path import Depths, SpacePath, plan_space
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene
from tests.raster.reference import psnr, reference_frame
from tests.raster.samplers import sampler_of
from tests.raster.scene.scenes import (
    PHOTOS,
    REACH,
    Field,
    cameras_in_reach,
    fields,
    sampler_of_photo,
    seen,
    small_photo,
)
from tests.tolerances import ONE_COLOUR_DIFFERS, SCENE_POINT, SCENE_PSNR

TRAVELLING = [name for name in MOVES if MOVES[name].unit == "depth"]
FRAME = (240, 136)
OVERSHOOT = 24
"""Code values: what a sharp lens adds at an edge; a hole, or the grey of nothing, would be farther off."""


@pytest.fixture(params=["examples/dandelion.jpg", *PHOTOS])
def photo_path(request: pytest.FixtureRequest, dandelion: Path, shared_photo: Callable[[str], Path]) -> Path:
    """Each of the example photos."""
    return dandelion if request.param.startswith("examples/") else shared_photo(request.param)


def path_of(photo: np.ndarray, moves: tuple[str, ...], frame: tuple[int, int] = FRAME, **more: object) -> SpacePath:
    size = (photo.shape[1], photo.shape[0])
    return plan_space(Motion(moves, **more), size, frame, 5.0, Subject(), Depths(0.9, 0.15, 0.7, REACH), 1)


@pytest.mark.parametrize("scale", [0.5, 0.9, 1.0, 1.3, 1.9])
def test_a_camera_that_stands_still_shows_the_photo(photo_path: Path, scale: float) -> None:
    photo = small_photo(photo_path)
    height, width = photo.shape[:2]
    frame = (int(0.95 * width / scale) // 2 * 2, int(0.95 * height / scale) // 2 * 2)
    view = View(width / 2 + 0.3, height / 2 - 0.2, scale)
    ours = seen(sampler_of_photo(photo_path), Camera(view), frame)
    luma, _, _ = reference_frame(photo, view, *frame)
    assert psnr(ours.y, luma) >= SCENE_PSNR
    flat = YuvFrame.empty(*frame)
    sampler_of(photo, (width, height), (scale, scale)).render(view, flat)
    # Both samplers have half the chroma samples, and lose to a reference that has all where they magnify.
    assert psnr(ours.u, flat.u.astype(np.float64)) >= SCENE_PSNR
    assert psnr(ours.v, flat.v.astype(np.float64)) >= SCENE_PSNR
    if scale <= 1:
        assert psnr(ours.y, flat.y.astype(np.float64)) >= SCENE_PSNR


@pytest.mark.parametrize("move", TRAVELLING)
def test_no_move_leaves_a_hole_or_makes_up_colours(photo_path: Path, move: str) -> None:
    photo = small_photo(photo_path)
    sampler = sampler_of_photo(photo_path)
    path = path_of(photo, (move,), amount=1.0)
    still = seen(sampler, Camera(View.whole(photo.shape[1], photo.shape[0])), (photo.shape[1], photo.shape[0]))
    for time in np.linspace(0, 5, 7):
        frame = seen(sampler, path.at(time), FRAME)
        for plane, whole in ((frame.y, still.y), (frame.u, still.u), (frame.v, still.v)):
            # A lens that magnifies overshoots at edges, as every sharp one does.
            assert int(plane.min()) >= int(whole.min()) - OVERSHOOT
            assert int(plane.max()) <= int(whole.max()) + OVERSHOOT
        # What is not written keeps what was there before.
        other = YuvFrame(*(np.full_like(plane, 254) for plane in (frame.y, frame.u, frame.v)))
        sampler.render(path.at(time), other)
        for plane, again in ((frame.y, other.y), (frame.u, other.u), (frame.v, other.v)):
            assert (plane == again).all()


@settings(deadline=None, max_examples=20)
@given(st.data(), fields(), st.sampled_from([(160, 120), (162, 118), (16, 16), (34, 250), (2, 2)]))
def test_a_white_photo_is_white_whatever_its_depth_and_the_camera(
    data: st.DataObject, field: Field, frame: tuple[int, int]
) -> None:
    sampler = SceneSampler(Scene.from_photo(np.full((180, 240, 3), 255, np.uint8), field, reach=REACH, threads=1))
    for _ in range(3):
        picture = seen(sampler, data.draw(cameras_in_reach((240, 180), REACH, frame)), frame)
        for plane, white in ((picture.y, 235), (picture.u, 128), (picture.v, 128)):
            assert np.abs(plane.astype(int) - white).max() <= ONE_COLOUR_DIFFERS * max(1, len(sampler.scene.layers) - 1)


@settings(deadline=None, max_examples=20)
@given(st.data(), fields(), st.tuples(*[st.integers(0, 255)] * 3))
def test_a_photo_of_one_colour_stays_that_colour(
    data: st.DataObject, field: Field, colour: tuple[int, int, int]
) -> None:
    photo = np.empty((180, 240, 3), np.uint8)
    photo[:] = colour
    sampler = SceneSampler(Scene.from_photo(photo, field, reach=REACH, threads=1))
    flat = YuvFrame.empty(160, 120)
    sampler_of(photo, (240, 180), (1, 1)).render(View(120, 90, 1), flat)
    for _ in range(2):
        picture = seen(sampler, data.draw(cameras_in_reach((240, 180), REACH, (160, 120))), (160, 120))
        for plane, value in ((picture.y, flat.y[0, 0]), (picture.u, flat.u[0, 0]), (picture.v, flat.v[0, 0])):
            assert np.abs(plane.astype(int) - value).max() <= ONE_COLOUR_DIFFERS * max(1, len(sampler.scene.layers) - 1)


@settings(deadline=None, max_examples=20)
@given(
    fields(), st.integers(0, 2**32), st.sampled_from(TRAVELLING), st.sampled_from([(240, 60), (60, 240), (200, 150)])
)
@example(np.linspace(0, 1, 80, dtype=np.float32)[None].repeat(60, 0), 0, "dolly_in", (60, 240))
def test_random_scenes_keep_the_range_of_their_colours(
    field: Field, seed: int, move: str, size: tuple[int, int]
) -> None:
    rng = np.random.default_rng(seed)
    photo = (100 + rng.integers(0, 56, (size[1] // 4 + 1, size[0] // 4 + 1, 3))).astype(np.uint8)
    photo = np.ascontiguousarray(photo.repeat(4, 0).repeat(4, 1)[: size[1], : size[0]])
    sampler = SceneSampler(Scene.from_photo(photo, field, reach=REACH, threads=1))
    depths = Depths(float(field.max()), float(field.min()), float(np.median(field)), REACH)
    path = plan_space(Motion((move,), 1.0), size, (96, 64), 4.0, Subject(), depths, 3)
    for time in (0.0, 2.0, 4.0):
        frame = seen(sampler, path.at(time), (96, 64))
        # 100 and 155 are 102 and 149 in luma; a sharp lens overshoots steps of 47 by up to half.
        assert frame.y.min() >= 102 - OVERSHOOT
        assert frame.y.max() <= 149 + OVERSHOOT
        assert frame.u.min() >= 128 - 45
        assert frame.u.max() <= 128 + 45


@pytest.mark.parametrize("moves", [("dolly_in",), ("truck_left",), ("sway",), ("orbit_right", "rotate_cw")])
@pytest.mark.parametrize("disparity", [0.1, 1.0])
def test_a_scene_of_one_depth_is_a_flat_photo_under_a_ken_burns_camera(
    dandelion: Path, moves: tuple[str, ...], disparity: float
) -> None:
    photo = small_photo(dandelion)
    height, width = photo.shape[:2]
    frame = (320, 180)
    sampler = SceneSampler(Scene.from_photo(photo, np.full((9, 16), disparity, np.float32), reach=REACH))
    assert len(sampler.scene.layers) == 1
    path = plan_space(
        Motion(moves), (width, height), frame, 5, Subject(), Depths(disparity, disparity, disparity, REACH)
    )
    for time in (0.0, 2.2, 5.0):
        camera = path.at(time)
        x, y = camera.to_photo((camera.view.x, camera.view.y), disparity, (width, height))
        view = View(x, y, camera.view.scale * (1 - disparity * camera.z), camera.view.angle)
        flat = YuvFrame.empty(*frame)
        sampler_of(photo, (width, height), (view.scale, view.scale)).render(view, flat)
        ours = seen(sampler, camera, frame)
        for a, b in ((ours.y, flat.y), (ours.u, flat.u), (ours.v, flat.v)):
            assert psnr(a, b.astype(np.float64)) >= SCENE_PSNR


def dots(width: int, height: int, places: list[tuple[float, float]], sigma: float = 3.0) -> np.ndarray:
    y, x = np.mgrid[:height, :width] + 0.5
    grey = np.full((height, width), 60.0)
    for px, py in places:
        grey += 150 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2))
    return np.rint(grey).clip(0, 255).astype(np.uint8)[..., None].repeat(3, 2)


@pytest.mark.parametrize("angle", [0.0, 0.2])
@pytest.mark.parametrize("stand", [(0.0, 0.0, 0.0), (0.04, -0.02, 0.0), (-0.03, 0.01, 0.1), (0.0, 0.0, -0.12)])
def test_points_are_seen_where_the_camera_says(stand: tuple[float, float, float], angle: float) -> None:
    """In the far half and in the near half, the centre of a dot is where projection puts it."""
    width, height, frame = 400, 300, (320, 240)
    field = np.full((60, 80), 0.2, np.float32)
    field[:, 40:] = 0.8
    places = [(90.3, 80.7, 0.2), (110.6, 210.2, 0.2), (300.4, 90.1, 0.8), (290.7, 200.5, 0.8)]
    photo = dots(width, height, [(x, y) for x, y, _ in places])
    photo[:, :200, 2] = 30  # an edge for the matte
    sampler = SceneSampler(Scene.from_photo(photo, field, reach=REACH))
    camera = Camera(View(200, 150, 1.1, angle), *stand)
    luma = seen(sampler, camera, frame).y.astype(np.float64)
    for x, y, disparity in places:
        lens = camera.to_lens((x, y), disparity, (width, height))
        dx, dy = (lens[0] - 200) / 1.1, (lens[1] - 150) / 1.1
        at_x = frame[0] / 2 + np.cos(angle) * dx + np.sin(angle) * dy
        at_y = frame[1] / 2 - np.sin(angle) * dx + np.cos(angle) * dy
        i, j = np.arange(int(at_x) - 12, int(at_x) + 13), np.arange(int(at_y) - 12, int(at_y) + 13)
        window = luma[j[0] : j[-1] + 1, i[0] : i[-1] + 1]
        weight = np.where(window > np.median(window) + 8, window - np.median(window), 0)
        assert (weight.sum(0) @ (i + 0.5)) / weight.sum() == pytest.approx(at_x, abs=SCENE_POINT)
        assert (weight.sum(1) @ (j + 0.5)) / weight.sum() == pytest.approx(at_y, abs=SCENE_POINT)


def test_what_is_uncovered_does_not_flicker(dandelion: Path) -> None:
    """Points beside the subject, hidden at rest, are followed through a slow truck: their colours stay."""
    photo = small_photo(dandelion)
    height, width = photo.shape[:2]
    size, frame = (width, height), (width, height)
    field = np.full((height // 2, width // 2), 0.2, np.float32)
    field[60:120, 80:150] = 0.9
    sampler = SceneSampler(Scene.from_photo(photo, field, reach=REACH))
    assert len(sampler.scene.layers) == 2
    front = sampler.scene.layers[1]
    assert front.alpha is not None
    alpha = np.zeros((height, width))
    alpha[front.y : front.y + front.alpha.shape[0], front.x : front.x + front.alpha.shape[1]] = front.alpha / 255
    # The right edge of the subject stands at x = 300; the camera goes right, and what is behind it appears.
    places = [(x + 0.5, y + 0.5) for x in range(286, 299, 2) for y in range(140, 220, 7)]
    values: list[list[float]] = [[] for _ in places]
    for x in np.linspace(0.036, 0.054, 25):
        camera = Camera(View(width / 2, height / 2, 1.0), x=float(x))
        luma = seen(sampler, camera, frame).y.astype(np.float64)
        for place, history in zip(places, values, strict=True):
            lens = camera.to_lens(place, 0.2, size)
            hiding = camera.to_photo(lens, 0.9, size)
            j, i = int(hiding[1]), int(hiding[0])
            if alpha[j - 3 : j + 4, i - 3 : i + 4].max() == 0:
                u, v = lens[0] - 0.5, lens[1] - 0.5
                history.append(bilinear(luma, u, v))
    shown = [np.array(history) for history in values if len(history) >= 12]
    assert len(shown) >= 20
    # Bilinear reading between sharp pixels wavers by itself; a fill that were made anew would differ by tens.
    assert np.median([np.ptp(history) for history in shown]) <= 3
    assert max(np.abs(np.diff(history)).max() for history in shown) <= 5


def bilinear(plane: np.ndarray, u: float, v: float) -> float:
    i, j = int(u), int(v)
    fu, fv = u - i, v - j
    return float(
        (plane[j, i] * (1 - fu) + plane[j, i + 1] * fu) * (1 - fv)
        + (plane[j + 1, i] * (1 - fu) + plane[j + 1, i + 1] * fu) * fv
    )


def test_a_frame_is_the_same_whatever_was_rendered_before(dandelion: Path) -> None:
    photo = small_photo(dandelion)
    scene = sampler_of_photo(dandelion).scene
    path = path_of(photo, ("orbit_left", "zoom_in"))
    forwards, backwards = SceneSampler(scene), SceneSampler(scene)
    times = [0.0, 1.0, 2.5, 4.0, 5.0]
    first = [seen(forwards, path.at(time), FRAME) for time in times]
    second = [seen(backwards, path.at(time), FRAME) for time in reversed(times)][::-1]
    for a, b in zip(first, second, strict=True):
        assert (a.y == b.y).all()
        assert (a.u == b.u).all()
        assert (a.v == b.v).all()
