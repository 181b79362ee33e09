"""``Scene.from_photo`` and ``scene.view``: the public pair."""

import numpy as np
import pytest

from engine.core.camera import Camera
from engine.core.view import View
from engine.raster.scene.cuts import MOST_LAYERS
from engine.raster.scene.scene import Scene
from tests.raster.scene.scenes import guess_like


def smooth_photo(width: int = 160, height: int = 120) -> np.ndarray:
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    channels = [127 + 80 * np.sin(x / a + y / b) for a, b in ((19, 31), (27, 17), (41, -23))]
    return np.rint(np.stack(channels, -1)).astype(np.uint8)


PHOTO = smooth_photo()
SCENE = Scene.from_photo(PHOTO, guess_like(80, 60), threads=1)


@pytest.mark.parametrize("size", [(160, 120), (159, 119), (80, 61), (1, 1)])
def test_a_view_of_any_size_shows_the_photo_where_nothing_moved(size: tuple[int, int]) -> None:
    view = View(80, 60, 1.0)
    frame = SCENE.view(Camera(view), size)
    assert frame.shape == (size[1], size[0], 3)
    assert frame.dtype == np.uint8
    x, y = np.meshgrid(80 + np.arange(size[0]) + 0.5 - size[0] / 2, 60 + np.arange(size[1]) + 0.5 - size[1] / 2)
    expected = np.stack([127 + 80 * np.sin(x / a + y / b) for a, b in ((19, 31), (27, 17), (41, -23))], -1)
    assert np.abs(frame - expected).max() <= 8
    assert abs((frame - expected).mean()) < 0.7


def test_any_view_is_made_on_its_own() -> None:
    cameras = [Camera(View(80, 60, 0.9, n / 30), n / 200, -n / 300, n / 100) for n in range(5)]
    first = [SCENE.view(camera, (96, 54)) for camera in cameras]
    for camera, frame in reversed(list(zip(cameras, first, strict=True))):
        assert (SCENE.view(camera, (96, 54)) == frame).all()


def test_a_photo_that_was_reduced_is_looked_at_in_full_size_pixels() -> None:
    reduced = Scene.from_photo(PHOTO, guess_like(80, 60), photo_size=(1600, 1200), threads=1)
    camera = Camera(View(80, 60, 1.0), 0.02, 0.01, 0.05)
    large = Camera(View(800, 600, 10.0), 0.02, 0.01, 0.05)
    difference = SCENE.view(camera, (120, 90)).astype(int) - reduced.view(large, (120, 90))
    # One code value of luma and of chroma, rounded the other way, are up to four levels of a colour.
    assert np.abs(difference).max() <= 4
    assert np.abs(difference).mean() < 0.5


@pytest.mark.parametrize("size", [(161, 120), (160, 121), (3, 3), (2, 2)])
def test_odd_sides_keep_their_area(size: tuple[int, int]) -> None:
    scene = Scene.from_photo(smooth_photo(*size), guess_like(8, 6), threads=1)
    assert scene.photo_size == size
    assert scene.working[0] % 2 == scene.working[1] % 2 == 0
    frame = scene.view(Camera(View.whole(*size)), size)
    assert np.abs(frame.astype(float) - smooth_photo(*size)).mean() < 3


def test_layers_are_few_and_can_be_limited() -> None:
    assert 2 <= len(SCENE.layers) <= MOST_LAYERS
    one = Scene.from_photo(PHOTO, guess_like(80, 60), most_layers=1, threads=1)
    assert len(one.layers) == 1
    assert one.layers[0].alpha is None


def test_what_came_in_is_not_changed() -> None:
    photo, field = PHOTO.copy(), guess_like(80, 60)
    before = field.copy()
    Scene.from_photo(photo, field, threads=1)
    assert (photo == PHOTO).all()
    assert (field == before).all()


@pytest.mark.parametrize(
    ("photo", "field", "more", "said"),
    [
        (PHOTO.astype(np.float32), guess_like(8, 6), {}, "uint8"),
        (PHOTO[..., 0], guess_like(8, 6), {}, r"\(H, W, 3\)"),
        (PHOTO[:1], guess_like(8, 6), {}, "sides of 2"),
        (PHOTO, guess_like(8, 6)[..., None], {}, "disparity"),
        (PHOTO, np.zeros((0, 4), np.float32), {}, "disparity"),
        (PHOTO, np.full((4, 4), np.nan, np.float32), {}, "finite"),
        (PHOTO, guess_like(8, 6) + 0.5, {}, "between 0 and 1"),
        (PHOTO, guess_like(8, 6) - 0.5, {}, "between 0 and 1"),
        (PHOTO, guess_like(8, 6), {"most_layers": 0}, "1 to 5"),
        (PHOTO, guess_like(8, 6), {"most_layers": 6}, "1 to 5"),
    ],
)
def test_what_makes_no_scene_is_refused(photo: np.ndarray, field: np.ndarray, more: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Scene.from_photo(photo, field, **more)
