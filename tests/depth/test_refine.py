"""Depth edges lie on picture edges, are crisp, and carry no texture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.depth.refine import snap_to_edges
from tests.depth.pictures import ellipse, filled, textured

SIZE = (512, 384)
NEAR, FAR = 0.8, 0.2


def scene(
    texture: float, shift: float, smear: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.bool_]]:
    """A textured photo, the smeared and shifted depth of a thing in it, and where the thing is."""
    width, height = SIZE
    body = ellipse(width, height, (0.45, 0.5), (0.22, 0.33))
    rgb = filled(width, height, (120, 135, 150))
    rgb[body] = (180, 110, 90)
    truth = np.where(body, NEAR, FAR).astype(np.float32)
    moved = cv2.warpAffine(
        truth, np.array([[1, 0, shift], [0, 1, shift / 2]], np.float32), SIZE, borderMode=cv2.BORDER_REPLICATE
    )
    return textured(rgb, texture), cv2.GaussianBlur(moved, (0, 0), smear), body


@pytest.mark.parametrize(("texture", "shift", "smear"), [(0, 0, 3), (12, 2, 3), (15, 3, 4), (20, 0, 6)])
def test_a_smeared_and_shifted_edge_comes_back_to_the_outline(texture: float, shift: float, smear: float) -> None:
    rgb, smeared, body = scene(texture, shift, smear)
    snapped = snap_to_edges(smeared, rgb, SIZE)
    outline = cv2.morphologyEx(body.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((21, 21), np.uint8)) > 0
    wrong = ((snapped > 0.5) != body)[outline].mean()
    assert wrong < 0.05
    assert wrong <= 0.5 * ((smeared > 0.5) != body)[outline].mean() or shift == 0
    # Crisp: hardly anything is left between the two sides.
    between = ((snapped > 0.35) & (snapped < 0.65)).sum()
    assert between < 0.1 * ((smeared > 0.35) & (smeared < 0.65)).sum()


def test_texture_does_not_get_into_the_depth() -> None:
    rgb, _, _ = scene(60, 0, 1)
    slope = np.repeat(np.linspace(0.1, 0.9, SIZE[1], dtype=np.float32)[:, None], SIZE[0], axis=1)
    assert np.abs(snap_to_edges(slope, rgb, SIZE) - slope).max() < 1e-6


def test_far_from_edges_nothing_changes() -> None:
    rgb, smeared, body = scene(40, 2, 3)
    calm = cv2.morphologyEx(body.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((61, 61), np.uint8)) == 0
    assert np.abs(snap_to_edges(smeared, rgb, SIZE) - smeared)[calm].max() < 1e-3


@pytest.mark.parametrize("map_size", [(518, 518), (96, 64), (2048, 1152)])
def test_a_map_of_any_size_comes_out_at_the_asked_size(map_size: tuple[int, int]) -> None:
    rgb, smeared, body = scene(8, 0, 3)
    given_map = cv2.resize(smeared, map_size, interpolation=cv2.INTER_AREA)
    snapped = snap_to_edges(given_map, rgb, (1024, 768))
    assert snapped.shape == (768, 1024)
    large = cv2.resize(body.astype(np.uint8), (1024, 768), interpolation=cv2.INTER_NEAREST) > 0
    assert ((snapped > 0.5) != large).mean() < 0.01


@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=40, deadline=None)
def test_the_result_stays_within_the_range_of_the_input(
    shape: tuple[int, int], size: tuple[int, int], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    disparity = draw.random(shape, np.float32)
    rgb = draw.integers(0, 256, (*shape[::-1], 3), np.uint8)
    snapped = snap_to_edges(disparity, rgb, size)
    assert snapped.shape == size[::-1]
    assert snapped.dtype == np.float32
    assert disparity.min() - 1e-5 <= snapped.min()
    assert snapped.max() <= disparity.max() + 1e-5


def test_empty_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot bring"):
        snap_to_edges(np.zeros((0, 4), np.float32), filled(4, 4, (0, 0, 0)), SIZE)
