"""What holds for every view: conventions, both samplers agree, odd shapes, levels."""

from itertools import pairwise
from math import ceil, log, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.errors import DeviceUnavailable, OptionError
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.color import rgb_to_ycbcr
from engine.raster.cpu_sampler import CpuSampler
from engine.raster.kernels.transpose import SIDE, transpose
from engine.raster.levels import (
    CASCADE,
    LEVEL_RATIO,
    OVERSAMPLE,
    build_levels,
    choose_level,
    level_ratios,
    photo_planes,
)
from engine.raster.torch_sampler import TorchSampler
from tests.raster.samplers import sampler_of
from tests.tolerances import ANALYTIC_PSNR, LEVEL_SWITCH_RMS, SAMPLERS_DIFFER


def textured(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """Colour noise, smooth enough to be a photo."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((height // 6 + 3, width // 6 + 3, 3))
    fine = np.kron(coarse, np.ones((6, 6, 1)))[:height, :width]
    for axis in (0, 1):
        for _ in range(3):
            fine = (np.roll(fine, 1, axis) + 2 * fine + np.roll(fine, -1, axis)) / 4
    return (fine * 255).astype(np.uint8)


def waves(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth function of the photo, 0..255."""
    return 127 + 60 * np.sin(x / 37 + y / 61) + 50 * np.cos(x / 53 - y / 41)


@pytest.mark.parametrize("degrees", [0, 0.01, -0.3, 3, -7, 20, 44, -44])
@pytest.mark.parametrize("scale", [0.45, 1.0, 1.9])
def test_any_angle_shows_what_the_view_says(degrees: float, scale: float) -> None:
    width, height = 900, 800
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    grey = np.rint(waves(x, y)).astype(np.uint8)
    view = View(440.3, 410.8, scale, radians(degrees))
    frame = YuvFrame.empty(200, 160)
    sampler_of(np.repeat(grey[..., None], 3, 2), (width, height), (scale, scale)).render(view, frame)
    qx, qy = np.meshgrid(np.arange(200) + 0.5 - 100, np.arange(160) + 0.5 - 80)
    c, s = scale * np.cos(view.angle), scale * np.sin(view.angle)
    expected = 16 + 219 / 255 * waves(view.x + c * qx - s * qy, view.y + s * qx + c * qy)
    error = frame.y - expected
    assert 10 * np.log10(255**2 / np.mean(error**2)) >= ANALYTIC_PSNR
    assert (frame.u == 128).all()
    assert (frame.v == 128).all()


@pytest.mark.parametrize("device", ["cpu", "torch-cpu"])
def test_chroma_is_sited_on_even_columns_between_rows(device: str) -> None:
    # Colour that grows linearly to the right and downwards tells where each chroma sample looks.
    width, height = 400, 300
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rgb = np.stack([x * 0.5, np.full_like(x, 100), y * 0.6], 2)
    view = View(200.0, 150.0, 1.0)
    frame = YuvFrame.empty(200, 100)
    sampler_of(np.rint(rgb).astype(np.uint8), (width, height), (1.0, 1.0), device=device).render(view, frame)
    i, j = np.meshgrid(np.arange(100), np.arange(50))
    red, blue = 0.5 * (100 + 2 * i + 0.5), 0.6 * (100 + 2 * j + 1.0)
    luma = 0.2126 * red + 0.7152 * 100 + 0.0722 * blue
    cb = 128 + 224 / 255 * (blue - luma) / 1.8556
    cr = 128 + 224 / 255 * (red - luma) / 1.5748
    # A sample off by half a luma pixel would be 0.1 away in the mean.
    assert abs(np.mean(frame.u - cb)) < 0.03
    assert abs(np.mean(frame.v - cr)) < 0.03
    assert np.abs(frame.u - cb).max() <= 1
    assert np.abs(frame.v - cr).max() <= 1


@pytest.mark.parametrize(
    "view",
    [
        View(700, 500, 2.3),
        View(701.3, 499.2, 1.55),
        View(640.7, 503.1, 0.4),
        View(700, 500, 1.7, 0.004),
        View(705.5, 505.5, 1.9, -0.09),
        View(700, 500, 1.2, 0.7),
        View(700, 500, 0.7, -0.75),
        *[View(700.5, 500.5, 1.9 + n / 31, 0.011 * n - 0.08) for n in range(12)],
    ],
)
def test_torch_and_cpu_agree_within_one_code_value(view: View) -> None:
    levels = build_levels(photo_planes(textured(1400, 1000), (1400, 1000)), level_ratios(0.4, 2.6))
    ours, theirs = YuvFrame.empty(480, 360), YuvFrame.empty(480, 360)
    CpuSampler(levels).render(view, ours)
    TorchSampler(levels, "cpu").render(view, theirs)
    for a, b in ((ours.y, theirs.y), (ours.u, theirs.u), (ours.v, theirs.v)):
        assert np.abs(a.astype(int) - b).max() <= SAMPLERS_DIFFER
        assert (a != b).mean() < 0.01


@settings(deadline=None, max_examples=40)
@given(
    st.integers(2, 300),
    st.integers(2, 300),
    st.tuples(*[st.integers(0, 255)] * 3),
    st.integers(8, 60),
    st.integers(8, 60),
    st.floats(-40, 40),
    st.floats(0.3, 1.0),
)
def test_a_photo_of_one_colour_stays_that_colour(
    width: int,
    height: int,
    color: tuple[int, int, int],
    half_frame_width: int,
    half_frame_height: int,
    degrees: float,
    share: float,
) -> None:
    frame = YuvFrame.empty(2 * half_frame_width, 2 * half_frame_height)
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[:] = color
    unit = View(0, 0, 1.0, radians(degrees)).half_extent(frame.width, frame.height)
    scale = share * min(width / 2 / unit[0], height / 2 / unit[1])
    view = View(width / 2, height / 2, scale, radians(degrees))
    sampler_of(rgb, (width, height), (scale, scale)).render(view, frame)
    y, cb, cr = rgb_to_ycbcr(*color)
    for plane, value in ((frame.y, y), (frame.u, cb), (frame.v, cr)):
        assert np.abs(plane.astype(int) - value).max() <= 1


def test_padded_rows_and_narrow_frames_are_filled_and_nothing_else_is_touched() -> None:
    rgb = textured(300, 200)
    sampler = sampler_of(rgb, (300, 200), (1.5, 1.5))
    for width in (16, 40, 62, 66):
        memory = [np.full((24, 96), 7, np.uint8), np.full((12, 64), 7, np.uint8), np.full((12, 64), 7, np.uint8)]
        y, u, v = memory[0][:, :width], memory[1][:, : width // 2], memory[2][:, : width // 2]
        for angle in (0.0, 0.05):
            view = View(150, 100, 1.5, angle)
            plain = YuvFrame.empty(width, 24)
            sampler.render(view, YuvFrame(y, u, v))
            sampler.render(view, plain)
            assert (y == plain.y).all()
            assert (u == plain.u).all()
            assert (v == plain.v).all()
        assert (memory[0][:, width:] == 7).all()
        assert (memory[1][:, width // 2 :] == 7).all()


def test_the_same_view_gives_the_same_bytes_from_any_thread() -> None:
    from concurrent.futures import ThreadPoolExecutor

    sampler = sampler_of(textured(600, 400), (600, 400), (1.0, 1.6))
    views = [View(300 + n / 7, 200 - n / 9, 1.2 + n / 50, n / 300 if n % 2 else 0.0) for n in range(12)]

    def render(view: View) -> bytes:
        frame = YuvFrame.empty(256, 144)
        sampler.render(view, frame)
        return frame.y.tobytes() + frame.u.tobytes() + frame.v.tobytes()

    alone = [render(view) for view in views]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render, views)) == alone
        assert list(pool.map(render, reversed(views))) == alone[::-1]


def test_a_photo_decoded_at_reduced_size_is_shown_in_the_same_place() -> None:
    rgb = textured(1200, 800)
    small = rgb.reshape(400, 2, 600, 2, 3).mean((1, 3)).round().astype(np.uint8)
    view = View(611.3, 402.7, 4.4)
    full, reduced = YuvFrame.empty(240, 160), YuvFrame.empty(240, 160)
    sampler_of(rgb, (1200, 800), (4.4, 4.4)).render(view, full)
    sampler_of(small, (1200, 800), (4.4, 4.4)).render(view, reduced)
    difference = full.y.astype(float) - reduced.y
    assert np.sqrt(np.mean(difference**2)) < 1.0
    assert abs(difference.mean()) < 0.1


@given(st.floats(0.05, 40), st.floats(1, 12))
def test_levels_cover_the_path(closest: float, growth: float) -> None:
    ratios = level_ratios(closest, closest * growth)
    assert ratios == sorted(ratios, reverse=True)
    assert all(ratio <= 1 for ratio in ratios)
    # The widest view is served within one level's range, and no level is made that no view needs.
    assert closest * growth * ratios[-1] <= OVERSAMPLE * LEVEL_RATIO * (1 + 1e-6)
    if ratios[0] < 1:
        assert len(ratios) <= max(1, ceil(log(growth) / log(LEVEL_RATIO) + 1e-6))


@pytest.mark.parametrize("size", [(1400, 1000), (900, 2), (1, 1), (3, 700)])
def test_a_picture_that_grows_from_a_point_has_its_colours_at_every_size(size: tuple[int, int]) -> None:
    rgb = textured(*size)
    planes = photo_planes(rgb, size)
    sampler = CpuSampler(build_levels(planes, level_ratios(1.0, 1e5)))
    mean = planes.level.y[16:-16, 16:-16].mean() / 256
    for scale in np.geomspace(1, 1e5, 21):
        frame = YuvFrame.empty(16, 16)
        sampler.render(View(size[0] / 2, size[1] / 2, float(scale)), frame)
        if scale > 2 * max(size):
            # The whole picture is less than a pixel: one colour, near its mean; what lies beside it counts as its edge.
            assert np.ptp(frame.y.astype(int)) <= 2
            assert np.abs(frame.y - mean).max() <= 30


def test_a_level_made_from_a_finer_one_is_the_one_made_from_the_photo() -> None:
    rgb = textured(1500, 1000)
    planes = photo_planes(rgb, (1500, 1000))
    ratio = 1 / CASCADE / 1.25
    cascaded = build_levels(planes, [0.8, ratio])[1]
    (direct,) = build_levels(planes, [ratio])
    for a, b in ((cascaded.y, direct.y), (cascaded.u, direct.u), (cascaded.v, direct.v)):
        assert a.shape == b.shape
        assert np.sqrt(np.mean((a.astype(float) - b) ** 2)) / 256 <= 0.25


def test_switching_levels_does_not_show() -> None:
    rgb = textured(1500, 1000)
    levels = build_levels(photo_planes(rgb, (1500, 1000)), level_ratios(1.5, 2.6))
    assert len(levels) > 1
    for finer, coarser in pairwise(levels):
        scale = OVERSAMPLE / coarser.ratio  # where the choice changes
        assert choose_level(levels, scale * 1.0001) is coarser
        assert choose_level(levels, scale * 0.999) is finer
        view = View(750.2, 500.3, scale)
        a, b = YuvFrame.empty(400, 300), YuvFrame.empty(400, 300)
        CpuSampler([finer]).render(view, a)
        CpuSampler([coarser]).render(view, b)
        assert np.sqrt(np.mean((a.y.astype(float) - b.y) ** 2)) <= LEVEL_SWITCH_RMS


def test_an_unknown_or_missing_device_is_refused_with_a_sentence() -> None:
    import torch

    rgb = textured(64, 48)
    with pytest.raises(OptionError, match="--device abacus is unknown"):
        sampler_of(rgb, (64, 48), (1, 1), device="abacus")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceUnavailable, match="no usable CUDA GPU"):
            sampler_of(rgb, (64, 48), (1, 1), device="cuda")


@given(st.integers(1, 9), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_the_register_transpose_moves_every_number_to_its_place(rows: int, columns: int, seed: int) -> None:
    source = np.random.default_rng(seed).random((SIDE * rows, SIDE * columns), np.float32)
    target = np.full((SIDE * columns, SIDE * rows), np.nan, np.float32)
    transpose(source, target)
    assert (target == source.T).all()
