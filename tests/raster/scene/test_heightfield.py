"""The draft of a scene: at rest it is the photo, under way it is perspective, and nowhere is there a hole."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.scene.heightfield import HeightField
from tests.raster.pictures import difference, planes
from tests.raster.samplers import sampler_of
from tests.tolerances import REFERENCE_PSNR

WIDTH, HEIGHT = 240, 160
FRAME = (192, 108)


def photo(seed: int = 0) -> NDArray[np.uint8]:
    """Detail of every size but the finest."""
    rng = np.random.default_rng(seed)
    coarse = np.kron(rng.integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3)), np.ones((8, 8, 1)))
    fine = rng.normal(0, 12, (HEIGHT, WIDTH, 3))
    return np.clip(coarse + fine, 0, 255).astype(np.uint8)


def bump() -> NDArray[np.float32]:
    """A near disc before a far ground; a map of its own size."""
    y, x = np.mgrid[0:80, 0:120]
    return np.where((x - 60) ** 2 + (y - 40) ** 2 < 400, np.float32(0.9), np.float32(0.2)).astype(np.float32)


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, ((a.astype(float) - b) ** 2).mean())))


@pytest.mark.parametrize(
    "view",
    [
        View(WIDTH / 2, HEIGHT / 2, 1.0),
        View(121.3, 79.2, 0.8),
        View(119.6, 80.7, 1.15, 0.05),
    ],
)
def test_a_camera_at_rest_shows_what_the_ken_burns_sampler_shows(view: View) -> None:
    pixels, scales = photo(), (view.scale, view.scale)
    ours, plain = YuvFrame.empty(*FRAME), YuvFrame.empty(*FRAME)
    HeightField(pixels, bump(), scale_range=scales).render(Camera(view), ours)
    sampler_of(pixels, (WIDTH, HEIGHT), scales).render(view, plain)
    for mine, theirs in zip(planes(ours), planes(plain), strict=True):
        assert psnr(mine, theirs) >= REFERENCE_PSNR


def test_a_still_of_a_camera_at_rest_is_the_photo_itself() -> None:
    pixels = photo()
    view = HeightField(pixels, bump()).view(Camera(View.whole(WIDTH, HEIGHT)), (WIDTH, HEIGHT))
    assert np.abs(view.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("disparity", [0.0, 0.35, 1.0])
def test_a_photo_without_relief_is_a_plane_in_perspective(disparity: float) -> None:
    camera = Camera(View(122.0, 78.0, 0.7, 0.02), x=0.05, y=-0.03, z=0.2)
    field = HeightField(photo(), np.full((7, 9), disparity, np.float32))
    points = field.photo_points(camera, FRAME)
    for column, row in ((0, 0), (191, 0), (100, 50), (13, 107)):
        # Frame to lens plane by the corner's formula of View, written for any point.
        inner = View(column + 0.5, row + 0.5, 1.0)
        on_lens = camera.view.through(inner, *FRAME)
        wanted = camera.to_photo((on_lens.x, on_lens.y), disparity, (WIDTH, HEIGHT))
        assert points[row, column] == pytest.approx(wanted, abs=0.02)


def test_the_near_moves_further_than_the_far_and_covers_it() -> None:
    field = HeightField(photo(), bump())
    camera = Camera(View.whole(WIDTH, HEIGHT), x=0.1)
    points = field.photo_points(camera, (WIDTH, HEIGHT))
    moved = points[..., 0] - (np.arange(WIDTH) + 0.5)
    # The disc's middle at 120 px is now seen 0.9 x 24 px further left, what is far 0.2 x 24.
    assert moved[80, 120 - 22] == pytest.approx(0.9 * 24, abs=0.5)
    assert moved[10, 120] == pytest.approx(0.2 * 24, abs=0.5)


def test_every_pixel_shows_a_place_of_the_surface_on_its_own_ray() -> None:
    """No holes: whatever the map, each pixel's point lies between those of the nearest and the farthest disparity."""
    rough = np.random.default_rng(3).random((40, 60)).astype(np.float32)
    camera = Camera(View.whole(WIDTH, HEIGHT), x=0.04, y=0.03, z=0.3)
    points = HeightField(photo(), rough).photo_points(camera, (WIDTH, HEIGHT))
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    ray = np.stack([WIDTH * camera.x - camera.z * (x - WIDTH / 2), WIDTH * camera.y - camera.z * (y - HEIGHT / 2)], 2)
    offset = points - np.stack([x, y], 2)
    share = (offset * ray).sum(2) / np.maximum((ray**2).sum(2), 1e-9)
    assert np.isfinite(points).all()
    long = np.hypot(ray[..., 0], ray[..., 1]) > 1
    assert share[long].min() >= -0.01
    assert share[long].max() <= 1.01
    assert np.abs(offset - share[..., None] * ray).max() < 0.01


def test_threads_make_the_same_frames() -> None:
    field = HeightField(photo(), bump())
    cameras = [Camera(View.whole(*FRAME), x=0.01 * index, z=0.02 * index) for index in range(8)]

    def frame(camera: Camera) -> YuvFrame:
        made = YuvFrame.empty(*FRAME)
        field.render(camera, made)
        return made

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(frame, cameras))
    for camera, mine in zip(cameras, together, strict=True):
        assert difference(mine, frame(camera)) == 0


@pytest.mark.parametrize(
    "disparity",
    [np.full((4, 4), 1.5, np.float32), np.full((4, 4), np.nan, np.float32), np.zeros(4, np.float32)],
)
def test_what_is_no_disparity_map_is_refused(disparity: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="disparit"):
        HeightField(photo(), disparity)
