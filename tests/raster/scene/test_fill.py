"""What a scene relies on when a hole is painted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.raster.scene.fill import fill_picture
from engine.raster.scene.warm import fill_once

Mask = NDArray[np.bool_]
Picture = NDArray[np.float32]


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    fill_once()


def disc(height: int, width: int, x: float, y: float, radius: float) -> Mask:
    rows, columns = np.mgrid[:height, :width]
    return np.hypot(columns - x, rows - y) < radius


def texture(height: int, width: int, seed: int = 1, middle: float = 120, spread: float = 25) -> Picture:
    """Blotches some pixels wide, like leaves."""
    noise = np.random.default_rng(seed).normal(size=(height + 4, width + 4, 3))
    sums = np.cumsum(np.cumsum(np.pad(noise, ((1, 0), (1, 0), (0, 0))), 0), 1)
    blotches = (sums[5:, 5:] - sums[:-5, 5:] - sums[5:, :-5] + sums[:-5, :-5]) / 5
    return np.clip(middle + spread * blotches[:height, :width], 0, 255).astype(np.float32)


@st.composite
def holes(draw: st.DrawFn) -> tuple[Picture, Mask, Mask, float]:
    height, width = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    picture = rng.uniform(0, 255, (height, width, 3)).astype(np.float32)
    hole = np.zeros((height, width), np.bool_)
    for _ in range(draw(st.integers(0, 3))):
        y, x = rng.integers(0, height), rng.integers(0, width)
        hole[y : y + rng.integers(1, height + 1), x : x + rng.integers(1, width + 1)] = True
    kind = draw(st.sampled_from(["all", "none", "part", "speckled"]))
    allowed = ~hole
    if kind == "none":
        allowed = np.zeros_like(hole)
    elif kind == "part":
        allowed &= np.arange(width) < width // 2
    elif kind == "speckled":
        allowed &= rng.random((height, width)) < 0.7
    return picture, hole, allowed, draw(st.sampled_from([0.0, 1.0, 5.0, 30.0, 200.0]))


@settings(max_examples=120, deadline=None)
@given(holes())
def test_any_hole_is_painted_from_what_is_allowed_and_nothing_else_changes(
    case: tuple[Picture, Mask, Mask, float],
) -> None:
    picture, hole, allowed, reach = case
    # What is neither known nor allowed is not even read, wherever anything is allowed.
    blind = picture.copy()
    blind[hole] = np.nan
    if allowed.any():
        blind[~allowed] = np.nan
    out = fill_picture(blind, hole, allowed, reach=reach)
    np.testing.assert_array_equal(out[~hole], blind[~hole])
    inside = out[hole]
    assert np.isfinite(inside).all()
    known = picture[allowed] if allowed.any() else picture[~hole]
    if hole.any() and len(known):
        assert (inside >= known.min(0)).all()
        assert (inside <= known.max(0)).all()
    np.testing.assert_array_equal(fill_picture(blind, hole, allowed, reach=reach, threads=3), out)


def test_the_input_is_left_alone() -> None:
    picture = texture(60, 80)
    before, hole = picture.copy(), disc(60, 80, 40, 30, 12)
    fill_picture(picture, hole, ~hole, reach=12)
    np.testing.assert_array_equal(picture, before)


def test_a_picture_that_is_all_hole_becomes_one_plain_colour() -> None:
    everything = np.ones((20, 30), np.bool_)
    out = fill_picture(texture(20, 30), everything, ~everything, reach=9)
    assert np.ptp(out) == 0


@pytest.mark.parametrize("tilt", [0.0, 0.25])
def test_the_horizon_goes_on_behind_a_person(tilt: float) -> None:
    height, width, reach = 200, 320, 30
    rows, columns = np.mgrid[:height, :width]
    ground = rows > 100 + tilt * (columns - width / 2)
    picture = np.where(ground[..., None], texture(height, width, 2, 70, 8), texture(height, width, 3, 200, 3))
    person = disc(height, width, 160, 70, 30) | ((abs(columns - 160) < 45) & (rows > 80))
    out = fill_picture(picture, person, ~person, reach=reach)
    seen = person & ((columns < 160 - 45 + reach) | (columns > 160 + 45 - reach)) & (rows > 80)
    misplaced = seen & ((out[..., 1] < 135) != ground)
    # A pixel or two high over the length of the line.
    assert misplaced.sum() <= 2 * 2 * reach


def test_texture_goes_on_and_is_neither_smeared_nor_a_repeated_stamp() -> None:
    picture = texture(200, 260)
    hole = disc(200, 260, 130, 100, 40)
    out = fill_picture(picture, hole, ~hole, reach=40)
    inside = disc(200, 260, 130, 100, 36)
    assert 0.7 < out[inside].std() / picture[~hole].std() < 1.3
    steps = np.abs(np.diff(out, axis=1))
    assert 0.7 < steps[inside[:, 1:]].mean() / steps[~hole[:, 1:]].mean() < 1.3
    block = out[72:129, 102:159, 1] - out[72:129, 102:159, 1].mean()
    power = np.abs(np.fft.fft2(block, (128, 128))) ** 2
    likeness = np.fft.ifft2(power).real / (block**2).sum()
    likeness[np.ix_(np.r_[:8, -7:0], np.r_[:8, -7:0])] = 0
    assert likeness.max() < 0.5


def test_a_smooth_sky_stays_smooth_with_its_grain_and_without_a_seam() -> None:
    rows, columns = np.mgrid[:180, :240]
    sky = (120 + 0.3 * rows + 0.1 * columns)[..., None] + np.random.default_rng(4).normal(0, 1.5, (180, 240, 3))
    picture = sky.astype(np.float32)
    hole = disc(180, 240, 120, 90, 30)
    out = fill_picture(picture, hole, ~hole, reach=30)
    off = (out - (120 + 0.3 * rows + 0.1 * columns)[..., None])[hole]
    assert abs(off.mean()) < 1
    assert 0.8 < off.std() < 2.5
    edges = hole[:, 1:] != hole[:, :-1]
    assert np.abs(np.diff(out, axis=1))[edges].mean() < 1.5 * np.abs(np.diff(picture, axis=1)).mean()


def test_no_colour_of_the_subject_appears_though_it_borders_on_the_hole() -> None:
    picture = texture(160, 220, middle=90, spread=15)
    subject = disc(160, 220, 110, 80, 30)
    hole = disc(160, 220, 110, 80, 50) & ~subject
    picture[disc(160, 220, 110, 80, 52)] = (255, 0, 0)
    allowed = ~disc(160, 220, 110, 80, 52)
    out = fill_picture(picture, hole, allowed, reach=25)
    assert (out[hole][:, 0] - out[hole][:, 1]).max() <= (picture[allowed][:, 0] - picture[allowed][:, 1]).max()
    assert abs(out[hole].mean() - picture[allowed].mean()) < 8


def test_beyond_its_reach_the_picture_goes_on_smoothly() -> None:
    picture = texture(200, 200)
    hole = disc(200, 200, 100, 100, 80)
    out = fill_picture(picture, hole, ~hole, reach=15)
    deep = disc(200, 200, 100, 100, 50)
    assert out[deep].std() < 0.3 * picture[~hole].std()


@pytest.mark.parametrize(
    ("picture", "hole", "allowed"),
    [((8, 9), (8, 9), (8, 9)), ((8, 9, 3), (9, 8), (8, 9)), ((8, 9, 3), (8, 9), (8, 8)), ((8, 9, 4), (8, 9), (8, 9))],
)
def test_shapes_that_do_not_fit_are_refused(
    picture: tuple[int, ...], hole: tuple[int, ...], allowed: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        fill_picture(np.zeros(picture, np.float32), np.zeros(hole, np.bool_), np.zeros(allowed, np.bool_), reach=3)


def test_colours_from_within_the_hole_are_refused() -> None:
    hole = disc(20, 20, 10, 10, 4)
    with pytest.raises(ValueError, match="hole"):
        fill_picture(texture(20, 20), hole, hole, reach=3)
