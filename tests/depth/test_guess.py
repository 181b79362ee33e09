"""What a user sees of guessed depth: order, calm where nothing is known, and never a torn picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.depth_score import ordinal_score, plain_ramp
from engine.depth.guess import DepthGuess, guess_depth
from engine.media import load_photo
from tests.conftest import ROOT
from tests.depth.pictures import (
    ellipse,
    filled,
    landscape,
    page,
    room_with_subject,
    stored_mask,
    textured,
)

STEP = 0.02
"""Most that disparity may change from pixel to pixel where a picture has no edge: as a ground of 50 rows does."""


def largest_step(guess: DepthGuess) -> float:
    values = guess.disparity
    return max(float(np.abs(np.diff(values, axis=axis)).max(initial=0)) for axis in (0, 1))


def check(guess: DepthGuess, width: int, height: int) -> None:
    values = guess.disparity
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    assert values.min() >= 0
    assert values.max() <= 1
    assert max(values.shape) == min(640, max(width, height))
    assert 0 <= guess.confidence <= 0.7
    assert guess.notes
    assert all(note.endswith(".") for note in guess.notes)


def test_the_motorcycle_is_ordered_better_than_by_the_known_recipe() -> None:
    from skimage import data

    left, _, truth = data.stereo_motorcycle()
    guess = guess_depth(left, stored_mask("motorcycle"))
    assert guess.kind == "subject"
    assert ordinal_score(guess.disparity, truth) >= 0.9  # 0.908; the field notes' recipe 0.876
    assert ordinal_score(plain_ramp(*truth.shape), truth) < 0.8


def test_the_dandelion_stands_before_its_meadow() -> None:
    photo = load_photo(ROOT / "examples" / "dandelion.jpg", min_scale=0.125)
    mask = stored_mask("dandelion")
    values = guess_depth(photo.pixels, mask).disparity
    body = cv2.resize(mask, values.shape[::-1]) > 0.9
    around = cv2.dilate(body.astype(np.uint8), np.ones((41, 41), np.uint8)).astype(bool)
    around &= cv2.dilate(body.astype(np.uint8), np.ones((21, 21), np.uint8)) == 0
    assert np.median(values[body]) > np.quantile(values[around], 0.75) + 0.1


def test_a_subject_stands_where_it_touches_the_ground() -> None:
    rgb, mask = room_with_subject()
    guess = guess_depth(rgb, mask)
    values, height = guess.disparity, len(rgb)
    assert guess.kind == "subject"
    foot, side = int(0.85 * height), 60
    middle = float(np.median(values[mask > 0.5]))
    assert values[foot, side] == pytest.approx(middle, abs=0.1)
    assert values[height - 2, side] > middle
    assert values[int(0.5 * height), side] < middle - 0.1


def test_the_nearer_of_two_subjects_is_the_one_that_stands_lower() -> None:
    rgb, _ = room_with_subject()
    height, width = rgb.shape[:2]
    back, front = ellipse(width, height, (0.25, 0.5), (0.1, 0.2)), ellipse(width, height, (0.75, 0.7), (0.1, 0.25))
    rgb[back | front] = (30, 30, 200)
    values = guess_depth(rgb, (back | front).astype(np.float32)).disparity
    assert np.median(values[front]) > np.median(values[back]) + 0.1


def test_a_landscape_has_a_far_sky_and_a_near_foreground() -> None:
    guess = guess_depth(landscape())
    values = guess.disparity
    assert guess.kind == "landscape"
    assert values[:80].max() < 0.05
    assert values[-5:].min() > 0.7
    rows = values[130:].mean(axis=1)
    assert (np.diff(rows) > -0.005).all()


def test_a_thing_seen_from_above_lies_on_an_even_surface() -> None:
    rgb = textured(filled(320, 240, (150, 148, 145)), 3)
    body = ellipse(320, 240, (0.5, 0.5), (0.25, 0.3))
    rgb[body] = (200, 40, 30)
    guess = guess_depth(rgb, body.astype(np.float32))
    assert guess.kind == "top_down"
    surface = guess.disparity[~cv2.dilate(body.astype(np.uint8), np.ones((15, 15), np.uint8)).astype(bool)]
    assert np.ptp(surface) < 0.15
    assert 0.1 < np.median(guess.disparity[body]) - np.median(surface) < 0.4


def test_somebody_whose_feet_are_outside_the_picture_is_near() -> None:
    rgb = textured(filled(240, 320, (90, 120, 90)), 10)
    body = ellipse(240, 320, (0.5, 0.35), (0.2, 0.2)) | ellipse(240, 320, (0.5, 1.0), (0.42, 0.45))
    rgb[body] = (200, 150, 120)
    guess = guess_depth(rgb, body.astype(np.float32))
    values = guess.disparity
    assert guess.kind == "portrait"
    assert values[body].min() > 0.5
    assert values[300, 3] < np.median(values[body]) - 0.2  # the background beside the shoulders


def test_a_pier_is_ground_and_no_wall() -> None:
    width, height = 320, 240
    rgb = landscape(width, height)
    pier = np.zeros((height, width), np.uint8)
    cv2.fillPoly(pier, [np.array([[150, 122], [170, 122], [300, 240], [20, 240]])], 1)
    rgb[pier > 0] = (140, 110, 80)
    values = guess_depth(rgb, pier.astype(np.float32)).disparity
    assert values[-3, 160] - values[130, 160] > 0.5
    assert np.diff(values[125:, 160]).max() < 0.05


@pytest.mark.parametrize("picture", ["page", "night page", "noise"])
def test_flat_things_get_next_to_no_depth(picture: str) -> None:
    rgb = page() if picture == "page" else 255 - page()
    if picture == "noise":
        rgb = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    guess = guess_depth(rgb)
    assert guess.kind == "flat"
    assert np.ptp(guess.disparity) < 0.1


def test_a_mask_of_a_page_does_not_raise_its_text() -> None:
    mask = np.zeros((640, 480), np.float32)
    mask[200:400, 50:430] = 1
    assert np.ptp(guess_depth(page(), mask).disparity) < 0.1


@pytest.mark.parametrize("mask", [None, np.zeros((240, 320)), np.ones((240, 320)), np.full((240, 320), 0.3)])
@pytest.mark.parametrize("picture", ["grey", "black", "white", "gradient", "dusk", "sideways"])
def test_depth_has_no_steps_where_a_picture_has_no_edges(picture: str, mask: np.ndarray | None) -> None:
    fade = np.linspace(0, 1, 240, dtype=np.float32)[:, None, None]
    pictures = {
        "grey": filled(320, 240, (128, 128, 128)),
        "black": filled(320, 240, (0, 0, 0)),
        "white": filled(320, 240, (255, 255, 255)),
        "gradient": (fade * np.ones((1, 320, 3)) * 255).astype(np.uint8),
        "dusk": ((1 - fade) * (40, 90, 200) + fade * (240, 140, 60) + np.zeros((1, 320, 1))).astype(np.uint8),
        "sideways": np.repeat((np.linspace(0, 255, 320)[None, :, None] * (1, 0.5, 0.2)), 240, 0).astype(np.uint8),
    }
    guess = guess_depth(pictures[picture], None if mask is None else mask.astype(np.float32))
    check(guess, 320, 240)
    assert largest_step(guess) < STEP


@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    kind=st.sampled_from(["noise", "blocks", "flat", "fade"]),
    mask_kind=st.sampled_from(["none", "noise", "half", "all", "nothing", "nan", "tiny"]),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=60, deadline=None)
def test_any_picture_and_any_mask_give_a_depth(width: int, height: int, kind: str, mask_kind: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rgb = draw.integers(0, 256, (height, width, 3), np.uint8)
    if kind == "blocks":
        rgb = cv2.resize(rgb[:4, :4], (width, height), interpolation=cv2.INTER_NEAREST)
    elif kind == "flat":
        rgb[:] = rgb[0, 0]
    elif kind == "fade":
        rgb = cv2.resize(rgb[:2, :2], (width, height), interpolation=cv2.INTER_LINEAR)
    masks = {
        "none": None,
        "noise": draw.random((height, width), np.float32),
        "half": np.repeat(np.arange(width)[None] < width // 2, height, 0).astype(np.float32),
        "all": np.ones((height, width), np.float32),
        "nothing": np.zeros((height, width), np.float32),
        "nan": np.full((height, width), np.nan, np.float32),
        "tiny": draw.random((2, 3), np.float32),
    }
    guess = guess_depth(rgb, masks[mask_kind])
    check(guess, width, height)
    assert np.array_equal(guess.disparity, guess_depth(rgb, masks[mask_kind]).disparity)


@pytest.mark.parametrize(("width", "height"), [(8, 8), (2000, 100), (60, 1200), (1, 700), (3000, 2)])
def test_odd_sizes(width: int, height: int) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    mask = np.zeros((height, width), np.float32)
    mask[height // 4 : -height // 4 or None, width // 3 : width // 2 + 1] = 1
    check(guess_depth(rgb, mask), width, height)


@pytest.mark.parametrize(
    "rgb", [np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 3), np.float32)]
)
def test_what_is_no_picture_is_refused(rgb: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        guess_depth(rgb)
