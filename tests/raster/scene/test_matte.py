"""Soft edges: exact away from the edge, along the picture's own edge beside it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.raster.scene.matte import soft_matte
from tests.raster.scene.scenes import fields

WIDTH, HEIGHT = 480, 320
EDGE_ERROR = 1 / 160


def two_colours(mask: np.ndarray, front: tuple[int, int, int], back: tuple[int, int, int]) -> np.ndarray:
    rgb = np.empty((*mask.shape, 3), np.uint8)
    rgb[:] = back
    rgb[mask] = front
    return rgb


def disc(width: int, height: int, radius: float) -> np.ndarray:
    y, x = np.mgrid[:height, :width] + 0.5
    return np.hypot(x - width / 2, y - height / 2) < radius


@settings(deadline=None, max_examples=25)
@given(fields(60, 40), st.floats(0.05, 0.95), st.integers(0, 2**32))
def test_a_matte_is_between_none_and_all_and_exact_away_from_the_edge(field: np.ndarray, cut: float, seed: int) -> None:
    import cv2

    core = field > cut
    picture = np.random.default_rng(seed).integers(0, 256, (160, 240, 3), np.uint8)
    alpha = soft_matte(core, picture, EDGE_ERROR)
    assert alpha.shape == (160, 240)
    assert alpha.dtype == np.float32
    assert np.isfinite(alpha).all()
    assert 0 <= alpha.min() <= alpha.max() <= 1
    large = cv2.resize(core.astype(np.float32), (240, 160), interpolation=cv2.INTER_LINEAR)
    far = np.ones((17, 17), np.uint8)
    assert (alpha[cv2.erode((large == 1).astype(np.uint8), far, borderValue=1) == 1] == 1).all()
    assert (alpha[cv2.dilate((large > 0).astype(np.uint8), far) == 0] == 0).all()


def test_nothing_and_everything_are_what_they_are() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
    assert (soft_matte(np.zeros((30, 45), bool), picture, EDGE_ERROR) == 0).all()
    assert (soft_matte(np.ones((30, 45), bool), picture, EDGE_ERROR) == 1).all()


@pytest.mark.parametrize("off", [-2, 2])
def test_a_mask_that_is_a_little_off_snaps_to_the_silhouette(off: int) -> None:
    true = disc(WIDTH, HEIGHT, 90)
    alpha = soft_matte(disc(WIDTH, HEIGHT, 90 + off), two_colours(true, (220, 60, 40), (30, 60, 160)), EDGE_ERROR)
    before = np.abs(disc(WIDTH, HEIGHT, 90 + off).astype(float) - true).sum()
    assert np.abs(alpha - true).sum() < 0.8 * before


def test_a_thin_line_survives() -> None:
    line = np.zeros((HEIGHT, WIDTH), bool)
    line[:, 240:242] = True
    coarse = np.zeros((HEIGHT // 2, WIDTH // 2), bool)
    coarse[:, 119:122] = True  # as a depth map has it
    alpha = soft_matte(coarse, two_colours(line, (20, 90, 20), (230, 235, 240)), EDGE_ERROR)
    assert alpha[20:-20, 240:242].min() > 0.8
    assert alpha[20:-20, 225:233].max() < 0.1
    assert alpha[20:-20, 249:257].max() < 0.1
