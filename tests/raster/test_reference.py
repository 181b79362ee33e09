"""Frames against the float64 reference, before encoding."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.motion import Motion
from engine.timeline import Fit
from pipelines.kenburns import open_kenburns
from tests.raster.reference import psnr, read_rgb, reference_frame
from tests.raster.samplers import sampler_of
from tests.tolerances import REFERENCE_PSNR

WIDTH, HEIGHT = 960, 540


@pytest.mark.parametrize("zoom", [1.0, 1.13, 1.2])
@pytest.mark.parametrize("device", ["cpu", "torch-cpu"])
def test_a_real_photo_is_sampled_as_in_float64(dandelion: Path, zoom: float, device: str) -> None:
    rgb = read_rgb(dandelion)[:1494, 1000:3656].copy()
    height, width = rgb.shape[:2]
    widest = min(width / WIDTH, height / HEIGHT)
    view = View(width / 2 + 0.37, height / 2 - 0.21, widest / zoom) if zoom > 1 else View(width / 2, height / 2, widest)
    frame = YuvFrame.empty(WIDTH, HEIGHT)
    sampler_of(rgb, (width, height), (widest / 1.2, widest), device=device).render(view, frame)
    expected = reference_frame(rgb, view, WIDTH, HEIGHT)
    for plane, truth in zip((frame.y, frame.u, frame.v), expected, strict=True):
        assert psnr(plane, truth) >= REFERENCE_PSNR


def test_a_magnified_photo_is_sampled_as_in_float64(dandelion: Path) -> None:
    rgb = read_rgb(dandelion)[600:900, 600:1100].copy()
    view = View(251.3, 148.9, 0.31)
    frame = YuvFrame.empty(WIDTH, HEIGHT)
    sampler_of(rgb, (500, 300), (0.31, 0.31)).render(view, frame)
    # Chroma is stored at half size once, so at this magnification it cannot follow a full-size reference: luma only.
    truth, _, _ = reference_frame(rgb, view, WIDTH, HEIGHT)
    assert psnr(frame.y, truth) >= REFERENCE_PSNR


def test_the_reference_itself_reproduces_the_photo_at_scale_one(dandelion: Path) -> None:
    rgb = read_rgb(dandelion)[:540, :960].copy()
    luma, _, _ = reference_frame(rgb, View(480, 270, 1.0), WIDTH, HEIGHT)
    r, g, b = (rgb[..., i] / 255 for i in range(3))
    assert np.abs(luma - (16 + 219 * (0.2126 * r + 0.7152 * g + 0.0722 * b))).max() < 1e-9


@pytest.mark.parametrize("name", ["mountains.jpg", "room.jpg"])
@pytest.mark.parametrize("seconds", [0.0, 3.0])
def test_a_photo_from_a_file_is_sampled_as_in_float64(
    shared_photo: Callable[[str], Path], name: str, seconds: float
) -> None:
    # The whole way of the command, the decoder's own reduction included, at a size where that would tempt it.
    path = shared_photo(name)
    motion = Motion(("zoom_in",), amount=1.2, focus=(0.5, 0.5))
    source = open_kenburns(path, motion, Fit("crop"), (640, 360), Fraction(3))
    view = source.path.at(seconds)
    frame = YuvFrame.empty(640, 360)
    source.sampler.render(view, frame)
    truth, _, _ = reference_frame(read_rgb(path), view, 640, 360)
    assert psnr(frame.y, truth) >= REFERENCE_PSNR
