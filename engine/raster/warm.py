"""Run the sampler's kernels once: compiled and cached at set-up, loaded while a photo is still being decoded."""

import time
from collections.abc import Sequence

import numpy as np

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.levels import photo_planes
from engine.raster.sampler import make_sampler

PHOTO_SIZE = (640, 400)
"""Pixels: just large enough for every kernel to have something to do."""

ALL_SCALES = (0.5, 1.1, 1.25, 1.5, 1.7, 3.0)
ALL_ANGLES = (0.0, 0.01, 0.1)
"""Between them, every number of taps that ordinary videos use; angles in radians."""


def sample_once(scales: Sequence[float] = ALL_SCALES, angles: Sequence[float] = ALL_ANGLES) -> float:
    """Run the kernels, so that they are compiled, cached and loaded; returns the seconds it took."""
    began = time.perf_counter()
    photo = photo_planes(np.zeros((PHOTO_SIZE[1], PHOTO_SIZE[0], 3), np.uint8), PHOTO_SIZE)
    frame = YuvFrame.empty(128, 72)
    for scale in scales:
        sampler = make_sampler(photo, (scale, scale))
        for angle in angles:
            sampler.render(View(320, 200, scale, angle), frame)
    return time.perf_counter() - began
