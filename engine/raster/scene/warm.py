"""Run the kernels of scenes once: compiled and cached at set-up."""

import time
from functools import cache

import numpy as np

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.scene.fill import fill_picture
from engine.raster.scene.heightfield import HeightField
from engine.raster.scene.push_pull import fill_smooth
from engine.raster.scene.relief import ReliefSampler
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene

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


def scene_once() -> float:
    """Take a photo apart and look at it, as layers and as a height field; returns the seconds it took."""
    began = time.perf_counter()
    photo = np.zeros((SIDE, SIDE, 3), np.uint8)
    photo[SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4] = 200
    disparity = np.where(photo[..., 0] > 0, np.float32(0.9), np.float32(0.2))
    frame = YuvFrame.empty(128, 72)
    camera = Camera(View(SIDE / 2, SIDE / 2, 0.8), x=0.02)
    SceneSampler(Scene.from_photo(photo, disparity)).render(camera, frame)
    HeightField(photo, disparity).render(camera, frame)
    ReliefSampler(photo, disparity, (SIDE, SIDE)).render(camera, frame)
    return time.perf_counter() - began


@cache
def load_scene_kernels() -> None:
    """Load what :func:`scene_once` runs from where it is cached, once in a process."""
    scene_once()
