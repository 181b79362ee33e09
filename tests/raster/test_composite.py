"""Layers over layers: against float64 arithmetic in R'G'B', at any place, with and without alpha below."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.frames import Patch, Plane, YuvFrame
from engine.raster.composite import composite
from engine.timeline import BLENDS
from tests.raster.pictures import copy, difference, noise, padded, planes, scene, to_rgb, to_ycbcr, uniform
from tests.tolerances import COMPOSITE_DIFFERS

COLORS = st.tuples(*[st.integers(0, 255)] * 3)


def random_alpha(width: int, height: int, seed: int) -> Plane:
    """Clear, solid and half clear parts, large and small."""
    rng = np.random.default_rng(seed)
    coarse = rng.choice([0, 0, 255, 255, 90], (height // 8 + 1, width // 24 + 1))
    alpha = np.kron(coarse, np.ones((8, 24), int))[:height, :width]
    speckle = rng.random((height, width)) < 0.02
    return np.where(speckle, rng.integers(0, 256, (height, width)), alpha).astype(np.uint8)


def chroma_alpha(alpha: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns 2i - 1, 2i, 2i + 1 with weights 1 2 1, both rows alike: where chroma is sited."""
    wide = np.pad(alpha, ((0, 0), (1, 1)), "edge")
    rows = (wide[::2] + wide[1::2]) / 2
    return (rows[:, 0:-2:2] + 2 * rows[:, 1:-1:2] + rows[:, 2::2]) / 4


def expected_over(frame: YuvFrame, patch: Patch, opacity: float) -> list[NDArray[np.float64]]:
    alpha = np.full(patch.frame.y.shape, 255.0) if patch.alpha is None else patch.alpha.astype(float)
    weights = alpha * opacity / 255
    halves = chroma_alpha(weights)
    results = []
    for index, (below, above) in enumerate(zip(planes(frame), planes(patch.frame), strict=True)):
        factor = 2 if index else 1
        weight = halves if index else weights
        result = below.astype(float)
        height, width = below.shape
        for y in range(above.shape[0]):
            for x in range(above.shape[1]):
                row, column = y + patch.y // factor, x + patch.x // factor
                if 0 <= row < height and 0 <= column < width:
                    result[row, column] += weight[y, x] * (float(above[y, x]) - result[row, column])
        results.append(result)
    return results


@settings(max_examples=40, deadline=None)
@given(
    x=st.integers(-60, 60),
    y=st.integers(-30, 30),
    width=st.integers(1, 70),
    height=st.integers(1, 20),
    opacity=st.sampled_from([1.0, 0.4, 0.999]),
    masked=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_patch_anywhere_mixes_as_the_float_reference_says(
    x: int, y: int, width: int, height: int, opacity: float, masked: bool, seed: int
) -> None:
    frame = padded(noise(96, 40, seed))
    alpha = random_alpha(2 * width, 2 * height, seed) if masked else None
    patch = Patch(2 * x, 2 * y, padded(noise(2 * width, 2 * height, seed + 1)), alpha)
    wanted = expected_over(frame, patch, opacity)
    composite(frame, patch, opacity)
    for plane, reference in zip(planes(frame), wanted, strict=True):
        assert np.abs(plane - reference).max() <= 0.5 + 1e-3


def test_chroma_sees_the_column_that_is_cut_off() -> None:
    frame, alpha = noise(16, 4), np.zeros((4, 16), np.uint8)
    alpha[:, 1] = 255
    patch = Patch(-2, 0, noise(16, 4, 1), alpha)
    wanted = expected_over(frame, patch, 1.0)
    assert (np.rint(wanted[1]) != frame.u).any()
    composite(frame, patch)
    for plane, reference in zip(planes(frame), wanted, strict=True):
        assert np.abs(plane - reference).max() <= 0.5 + 1e-3


def test_rows_are_not_written_beyond_their_ends() -> None:
    frame = padded(noise(64, 32), 10)
    composite(frame, Patch(-4, 2, noise(128, 64, 1), random_alpha(128, 64, 3)), 0.5)
    for plane in planes(frame):
        assert (plane.base[:, plane.shape[1] :] == 77).all()


def test_a_solid_patch_is_copied_and_a_clear_one_does_nothing() -> None:
    below, above = noise(96, 48), noise(96, 48, 1)
    for alpha in (None, np.full((48, 96), 255, np.uint8)):
        frame = copy(below)
        composite(frame, Patch(0, 0, above, alpha))
        assert difference(frame, above) == 0
    frame = copy(below)
    composite(frame, Patch(0, 0, above, np.zeros((48, 96), np.uint8)))
    composite(frame, Patch(0, 0, above), 0.0)
    composite(frame, Patch(96, 0, above))
    composite(frame, Patch(0, -48, above))
    assert difference(frame, below) == 0


@pytest.mark.parametrize("blend", BLENDS)
@settings(max_examples=60, deadline=None)
@given(below=COLORS, above=COLORS, alpha=st.integers(0, 255), opacity=st.floats(0, 1))
def test_colours_mix_as_the_w3c_says(
    blend: str, below: tuple[int, int, int], above: tuple[int, int, int], alpha: int, opacity: float
) -> None:
    frame, patch = uniform(4, 4, below), uniform(4, 4, above)
    backdrop, source = (
        np.clip(to_rgb(int(f.y[0, 0]), int(f.u[0, 0]), int(f.v[0, 0])) / 255, 0, 1) for f in (frame, patch)
    )
    weight = alpha / 255 * opacity
    wanted = to_ycbcr(255 * (backdrop + weight * (blended(blend, backdrop, source) - backdrop)))
    composite(frame, Patch(0, 0, patch, np.full((4, 4), alpha, np.uint8)), opacity, blend)
    for plane, value in zip(planes(frame), wanted, strict=True):
        assert (plane == plane[0, 0]).all()
        assert abs(float(plane[0, 0]) - value) <= COMPOSITE_DIFFERS


def blended(name: str, below: NDArray[np.float64], above: NDArray[np.float64]) -> NDArray[np.float64]:
    """W3C Compositing and Blending 1, section 10, of numbers 0..1."""
    formulas = {
        "normal": above,
        "multiply": below * above,
        "screen": below + above - below * above,
        "overlay": np.where(below <= 0.5, 2 * above * below, above + (2 * below - 1) - above * (2 * below - 1)),
        "add": np.minimum(below + above, 1),
        "darken": np.minimum(below, above),
        "lighten": np.maximum(below, above),
    }
    return formulas[name]


@pytest.mark.parametrize(
    ("blend", "level"), [("multiply", 255), ("darken", 255), ("screen", 0), ("add", 0), ("lighten", 0)]
)
def test_a_neutral_source_changes_nothing_at_all(blend: str, level: int) -> None:
    below = noise(64, 32, 5)
    frame = copy(below)
    composite(frame, Patch(0, 0, uniform(64, 32, (level, level, level))), 1.0, blend)
    assert difference(frame, below) == 0


@pytest.mark.parametrize("blend", BLENDS)
def test_a_blend_covers_only_its_alpha(blend: str) -> None:
    below = scene(96, 48)
    alpha = np.zeros((48, 96), np.uint8)
    alpha[10:20, 30:50] = 255
    frame = copy(below)
    composite(frame, Patch(0, 0, scene(96, 48, 1), alpha), 1.0, blend)
    changed = frame.y != below.y
    assert changed[10:20, 30:50].mean() > 0.3
    changed[10:20, 30:50] = False
    assert not changed.any()
    assert (frame.u[12:] == below.u[12:]).all()
    assert (frame.u[:, 30:] == below.u[:, 30:]).all()


@pytest.mark.parametrize("blend", BLENDS)
@settings(max_examples=60, deadline=None)
@given(
    below=COLORS, above=COLORS, ground=st.integers(0, 255), alpha=st.integers(0, 255), opacity=st.sampled_from([1, 0.6])
)
def test_over_a_picture_with_alpha(
    blend: str, below: tuple[int, int, int], above: tuple[int, int, int], ground: int, alpha: int, opacity: float
) -> None:
    frame, patch = uniform(4, 4, below), uniform(4, 4, above)
    backdrop, source = (
        np.clip(to_rgb(int(f.y[0, 0]), int(f.u[0, 0]), int(f.v[0, 0])) / 255, 0, 1) for f in (frame, patch)
    )
    under, top = ground / 255, alpha / 255 * opacity
    total = top + under * (1 - top)
    mixed = (1 - under) * source + under * blended(blend, backdrop, source)
    target = Patch(0, 0, frame, np.full((4, 4), ground, np.uint8))
    composite(target, Patch(0, 0, patch, np.full((4, 4), alpha, np.uint8)), opacity, blend)
    assert target.alpha is not None
    assert abs(float(target.alpha[0, 0]) - 255 * total) <= 0.5 + 1e-3
    if total > 0:
        wanted = to_ycbcr(255 * (top * mixed + (1 - top) * under * backdrop) / total)
        for plane, value in zip(planes(frame), wanted, strict=True):
            assert abs(float(plane[0, 0]) - value) <= COMPOSITE_DIFFERS


def test_the_order_of_putting_layers_together_does_not_matter() -> None:
    # (a over b) over frame = a over (b over frame), as long as rounding of faint alphas does not count.
    frame, low, high = scene(96, 48), scene(96, 48, 1), scene(96, 48, 2)
    ramp = np.linspace(60, 255, 96).astype(np.uint8)
    low_alpha, high_alpha = np.tile(ramp, (48, 1)), np.tile(ramp[::-1], (48, 1))
    one_by_one = copy(frame)
    composite(one_by_one, Patch(0, 0, low, low_alpha))
    composite(one_by_one, Patch(0, 0, high, high_alpha))
    together = Patch(0, 0, copy(low), low_alpha.copy())
    composite(together, Patch(0, 0, high, high_alpha))
    composite(frame, together)
    assert difference(frame, one_by_one) <= 2


def test_patches_meet_by_their_places() -> None:
    target = Patch(20, 10, noise(40, 20), np.zeros((20, 40), np.uint8))
    above = noise(64, 64, 1)
    composite(target, Patch(30, -4, above))
    assert target.alpha is not None
    assert (target.alpha[:, 10:] == 255).all()
    assert (target.alpha[:, :10] == 0).all()
    assert (target.frame.y[:, 10:] == above.y[14:34, :30]).all()
    assert (target.frame.u[:, 5:] == above.u[7:17, :15]).all()


@pytest.mark.parametrize(("opacity", "blend"), [(1.1, "normal"), (-0.1, "normal"), (1.0, "dodge")])
def test_what_is_not_possible_is_refused(opacity: float, blend: str) -> None:
    with pytest.raises(ValueError, match=r"opacity|blend"):
        composite(noise(4, 4), Patch(0, 0, noise(4, 4)), opacity, blend)
