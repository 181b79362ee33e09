"""A photo taken apart and put together again."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.raster.color import ycbcr_matrix
from engine.raster.scene.cuts import find_cuts
from engine.raster.scene.layer import SceneLayer
from engine.raster.scene.peel import Peeling, peel
from tests.raster.scene.scenes import Field, Rgb, fields, guess_like, recomposed
from tests.tolerances import PEELED_DIFFERS

MATRIX = ycbcr_matrix()


def pictures(width: int, height: int) -> st.SearchStrategy[Rgb]:
    """Noise, its extremes, or smooth colours with noise on them."""

    def make(seed: int, kind: str) -> Rgb:
        rng = np.random.default_rng(seed)
        if kind == "noise":
            return rng.integers(0, 256, (height, width, 3), np.uint8)
        if kind == "extremes":
            return rng.choice(np.array([0, 255], np.uint8), (height, width, 3))
        x = np.linspace(0, 6, width)[None, :, None] + np.linspace(0, 4, height)[:, None, None]
        smooth = 127 + 100 * np.sin(x * rng.normal(size=3)) + rng.normal(0, 8, (height, width, 3))
        return np.clip(smooth, 0, 255).astype(np.uint8)

    return st.builds(make, st.integers(0, 2**32), st.sampled_from(["noise", "extremes", "smooth"]))


def luma_of(photo: Rgb) -> np.ndarray:
    return photo.astype(np.float64) @ MATRIX[0, :3] + MATRIX[0, 3]


@settings(deadline=None, max_examples=25)
@given(pictures(160, 120), fields(), st.lists(st.floats(0.05, 0.95), max_size=3, unique=True))
@example(np.indices((120, 160)).sum(0)[..., None].repeat(3, 2).astype(np.uint8) % 2 * 255, guess_like(80, 60), [0.5])
def test_layers_over_each_other_are_the_photo(photo: Rgb, field: Field, cuts: list[float]) -> None:
    layers = peel(photo, field, Peeling(tuple(sorted(cuts, reverse=True)), 0.09, threads=1))
    luma, _ = recomposed(layers)
    assert np.abs(luma - luma_of(photo)).max() <= PEELED_DIFFERS


@settings(deadline=None, max_examples=25)
@given(pictures(160, 120), fields())
def test_layers_are_well_formed(photo: Rgb, field: Field) -> None:
    layers = peel(photo, field, Peeling(find_cuts(field, 0.09), 0.09, threads=1))
    assert 1 <= len(layers) <= 5
    back = layers[0]
    assert back.alpha is None
    assert (back.x, back.y) == (0, 0)
    assert back.luma.shape == (120, 160)
    for layer in layers:
        height, width = layer.luma.shape
        assert layer.x % 2 == layer.y % 2 == height % 2 == width % 2 == 0
        assert 0 <= layer.x <= layer.x + width <= 160
        assert 0 <= layer.y <= layer.y + height <= 120
        assert layer.chroma.shape == (height // 2, width // 2, 2)
        assert field.min() - 1e-5 <= layer.disparity.min()
        assert layer.disparity.max() <= field.max() + 1e-5
        if layer.alpha is not None:
            # Premultiplied: no code value beyond what its alpha allows.
            assert (layer.luma <= 235 / 255 * layer.alpha.astype(float) + 1).all()


def test_what_is_behind_holds_nothing_of_what_was_in_front() -> None:
    field = np.full((120, 160), 0.2, np.float32)
    field[30:90, 50:110] = 0.9
    photo = np.empty((240, 320, 3), np.uint8)
    photo[:] = 40, 90, 200
    photo[60:180, 100:220] = 250, 20, 20
    layers = peel(photo, field, Peeling((0.5,), 0.06, threads=1))
    assert len(layers) == 2
    blue = MATRIX[:, :3] @ np.array([40, 90, 200]) + MATRIX[:, 3]
    assert np.abs(layers[0].luma - blue[0]).max() <= 1.5
    assert np.abs(layers[0].chroma - blue[1:]).max() <= 1.5
    # Nor does the front hold the background's colour: it is red as far as there is any of it.
    front = layers[1]
    assert front.alpha is not None
    red = MATRIX[0, :3] @ np.array([250, 20, 20]) + MATRIX[0, 3]
    some = front.alpha > 32
    assert np.abs(front.luma[some] / front.alpha[some] * 255 - red).max() < 10


@pytest.mark.parametrize("size", [(2, 2), (2, 200), (200, 2), (16, 16)])
def test_tiny_pictures_come_apart(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (*size, 3), np.uint8)
    for shape in (size, (1, 1), (3, 5)):
        field = rng.random(shape, np.float32)
        luma, _ = recomposed(peel(photo, field, Peeling((0.6, 0.3), 0.09, threads=1)))
        assert np.abs(luma - luma_of(photo)).max() <= PEELED_DIFFERS


def test_layers_are_the_same_every_time_and_for_any_number_of_threads() -> None:
    rng = np.random.default_rng(1)
    photo = rng.integers(0, 256, (120, 160, 3), np.uint8)

    def contents(layers: list[SceneLayer]) -> list[bytes]:
        return [part.tobytes() for layer in layers for part in (layer.luma, layer.chroma, layer.disparity)]

    first, second = (contents(peel(photo, guess_like(80, 60), Peeling((0.75, 0.5), 0.09, threads=n))) for n in (1, 3))
    assert first == second


def test_a_model_that_paints_is_asked_for_the_hole_and_its_colours_are_taken() -> None:
    holes = []

    def paint(rgb: Rgb, hole: np.ndarray) -> Rgb:
        holes.append(hole)
        out = rgb.copy()
        out[hole] = 0, 255, 0
        return out

    field = np.full((60, 80), 0.2, np.float32)
    field[15:45, 25:55] = 0.9
    photo = np.full((120, 160, 3), 90, np.uint8)
    layers = peel(photo, field, Peeling((0.5,), 0.06, model=paint))
    assert len(holes) == 1
    assert holes[0][60, 80]
    assert not holes[0][5, 5]
    green = MATRIX[:, :3] @ np.array([0, 255, 0]) + MATRIX[:, 3]
    assert layers[0].luma[60, 80] == round(green[0])


@pytest.mark.parametrize("gap", [1, 2, 4])
def test_what_shows_through_a_grating_has_its_own_colour(gap: int) -> None:
    field = np.full((60, 80), 0.9, np.float32)
    field[:, 10::12] = 0.2
    for more in range(1, gap):
        field[:, 10 + more :: 12] = 0.2
    photo = np.full((120, 160, 3), 255, np.uint8)
    for layer in peel(photo, field, Peeling((0.5,), 0.06, threads=1)):
        full = layer.luma if layer.alpha is None else layer.luma[layer.alpha == 255]
        assert np.abs(full.astype(int) - 235).max() <= 1
