"""Run the kernels of the fill once: compiled and cached at set-up."""

import time

import numpy as np

from engine.raster.scene.fill import fill_picture
from engine.raster.scene.push_pull import fill_smooth

SIDE = 160
"""Pixels: large enough for several levels, so that every kernel has something to do."""

REACH = 20.0


def fill_once() -> float:
    """Run the kernels, so that they are compiled, cached and loaded; returns the seconds it took."""
    began = time.perf_counter()
    picture = np.zeros((SIDE, SIDE, 3), np.float32)
    hole = np.zeros((SIDE, SIDE), np.bool_)
    hole[SIDE // 3 : -SIDE // 3, SIDE // 3 : -SIDE // 3] = True
    fill_picture(picture, hole, ~hole, reach=REACH)
    fill_smooth(picture[..., 0], hole)
    return time.perf_counter() - began
