"""Compile the sampler ahead of its first use: the set-up runs this once, so that the first video need not wait."""

import time

import numpy as np

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.blend import cross_dissolve
from engine.raster.sampler import make_sampler

PHOTO_SIZE = (640, 400)
"""Pixels: just large enough for every kernel to have something to do."""


def sample_once() -> float:
    """Run every kernel, at every number of taps that ordinary videos use; returns the seconds it took."""
    began = time.perf_counter()
    photo = np.zeros((PHOTO_SIZE[1], PHOTO_SIZE[0], 3), np.uint8)
    frame, other = YuvFrame.empty(64, 36), YuvFrame.empty(64, 36)
    for scale in (0.5, 1.1, 1.3, 1.5, 1.7, 3.0):
        sampler = make_sampler(photo, PHOTO_SIZE, (scale, scale))
        for angle in (0.0, 0.01, 0.1):
            sampler.render(View(320, 200, scale, angle), frame)
    cross_dissolve(frame, other, 0.5)
    return time.perf_counter() - began


if __name__ == "__main__":
    sample_once()
