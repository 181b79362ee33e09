"""The ruler is straight: a known motion is measured as what it is."""

from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.clip import Clip
from benchmarks.jitter import Jitter, measure
from benchmarks.patches import choose_patches
from benchmarks.reference import Luma, exact_frame

CLIP = Clip(
    photo="texture", photo_width=800, photo_height=450, width=320, height=180, rate=30, frames=12, zoom=1.05,
    focus_x=0.4, focus_y=0.6, begin=0, count=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def luma() -> Luma:
    noise = np.random.default_rng(3).standard_normal((450, 800)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 5.0)
    scaled: Luma = (126 + 40 * smooth / smooth.std()).astype(np.float32)
    return scaled.clip(16, 235)


def frames(luma: Luma, offsets: list[float]) -> Iterator[NDArray[np.uint8]]:
    """The clip, with the picture moved to the right by so many frame pixels in each frame."""
    for index, offset in enumerate(offsets):
        scale, left, top = CLIP.view(index)
        yield exact_frame(luma, (scale, left - offset * scale, top), CLIP.width, CLIP.height)


def figures(luma: Luma, offsets: list[float]) -> Jitter:
    return measure(CLIP, frames(luma, offsets), luma, choose_patches(CLIP, luma))


def test_an_exact_clip_is_still(luma: Luma) -> None:
    found = figures(luma, [0.0] * CLIP.count)
    assert found.position_px < 0.003
    assert found.jitter_px < 0.005


def test_a_constant_offset_cannot_be_seen(luma: Luma) -> None:
    found = figures(luma, [0.4] * CLIP.count)
    assert found.position_px < 0.003
    assert found.jitter_px < 0.005


def test_a_tremble_is_measured_in_full(luma: Luma) -> None:
    size = 0.1
    found = figures(luma, [size * (-1) ** index for index in range(CLIP.count)])
    # Along x only: the root mean square over both axes divides by the root of two. +a, -a, +a has the difference 4 a.
    assert found.position_px == pytest.approx(size / sqrt(2), rel=0.04)
    assert found.jitter_px == pytest.approx(4 * size / sqrt(2), rel=0.04)


def test_a_steady_drift_is_an_error_of_position_but_no_jitter(luma: Luma) -> None:
    found = figures(luma, [0.05 * index for index in range(CLIP.count)])
    assert found.position_px == pytest.approx(0.05 * float(np.std(np.arange(CLIP.count))) / sqrt(2), rel=0.04)
    assert found.jitter_px < 0.005


def test_a_missing_frame_is_refused(luma: Luma) -> None:
    with pytest.raises(ValueError, match="11 frames"):
        figures(luma, [0.0] * (CLIP.count - 1))


def test_patches_stay_inside_the_frame(luma: Luma) -> None:
    for patch in choose_patches(CLIP, luma):
        for index in (0, CLIP.frames):
            scale, left, top = CLIP.view(index)
            assert patch.half <= (patch.x - left) / scale <= CLIP.width - patch.half
            assert patch.half <= (patch.y - top) / scale <= CLIP.height - patch.half


def test_the_zoom_reaches_its_end_about_its_point() -> None:
    first, last = CLIP.view(0), CLIP.view(CLIP.frames)
    assert first[0] / last[0] == pytest.approx(CLIP.zoom)
    x, y = CLIP.focus_x * CLIP.photo_width, CLIP.focus_y * CLIP.photo_height
    assert (x - first[1]) / first[0] == pytest.approx((x - last[1]) / last[0])
    assert (y - first[2]) / first[0] == pytest.approx((y - last[2]) / last[0])
    assert Path(Clip.from_json(CLIP.to_json()).photo) == Path("texture")
