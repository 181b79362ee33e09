"""Photos, depths and scenes that the tests of scenes look at."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.scene.layer import SceneLayer
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene
from tests.raster.reference import read_rgb

Field = NDArray[np.float32]
Rgb = NDArray[np.uint8]

PHOTOS = ("dandelion.jpg", "fig.jpg", "friends.jpg", "mountains.jpg", "room.jpg", "sunset.jpg")
LONG_SIDE = 480
REACH = 0.09
SENTINEL = 1


@lru_cache(maxsize=8)
def small_photo(path: Path, long_side: int = LONG_SIDE) -> Rgb:
    """A photo, reduced to even sides."""
    full = read_rgb(path)
    scale = long_side / max(full.shape[:2])
    size = tuple(2 * round(side * scale / 2) for side in full.shape[1::-1])
    return np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.uint8)


def guess_like(width: int, height: int) -> Field:
    """Ground that comes nearer downwards, a large subject and a small one beside it."""
    y, x = np.mgrid[:height, :width] + 0.5
    y, x = y / height, x / width
    field = 0.15 + 0.4 * np.clip((y - 0.4) / 0.6, 0, 1)
    field = np.where(((x - 0.45) / 0.2) ** 2 + ((y - 0.5) / 0.35) ** 2 < 1, 0.9, field)
    return np.where(((x - 0.8) / 0.1) ** 2 + ((y - 0.4) / 0.15) ** 2 < 1, 0.6, field).astype(np.float32)


@lru_cache(maxsize=8)
def sampler_of_photo(path: Path) -> SceneSampler:
    """A photo with such a depth, taken apart once for all tests."""
    photo = small_photo(path)
    height, width = photo.shape[:2]
    return SceneSampler(Scene.from_photo(photo, guess_like(width // 2, height // 2), reach=REACH))


@st.composite
def fields(draw: st.DrawFn, width: int = 80, height: int = 60) -> Field:
    """Any depth: steps, blobs, noise, nothing at all, ramps, and single lines."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    y, x = np.mgrid[:height, :width]
    base = np.float32(draw(st.sampled_from([0.0, 0.1, 0.35])))
    kind = draw(st.sampled_from(["constant", "steps", "blobs", "noise", "ramp", "lines"]))
    field = np.full((height, width), base, np.float32)
    if kind == "noise":
        return rng.random((height, width)).astype(np.float32)
    if kind == "ramp":
        slope = rng.normal(size=2)
        plane = slope[0] * x / width + slope[1] * y / height
        return ((plane - plane.min()) / max(float(np.ptp(plane)), 1e-6)).astype(np.float32)
    for _ in range(0 if kind == "constant" else draw(st.integers(1, 6))):
        left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
        value = np.float32(rng.random())
        if kind == "steps":
            field[top : top + int(rng.integers(1, height)), left : left + int(rng.integers(1, width))] = value
        elif kind == "blobs":
            field[np.hypot(x - left, y - top) < rng.integers(1, height // 2)] = value
        else:
            field[:, left : left + 2] = value
    return field


@st.composite
def cameras_in_reach(draw: st.DrawFn, size: tuple[int, int], reach: float, frame: tuple[int, int]) -> Camera:
    """Anywhere that moves may take a camera, and any lens, also one that looks beyond the photo."""
    view = View(
        size[0] * draw(st.floats(0.3, 0.7)),
        size[1] * draw(st.floats(0.3, 0.7)),
        draw(st.floats(0.3, 1.2)) * max(size) / max(frame),
        draw(st.one_of(st.just(0.0), st.floats(-0.7, 0.7))),
    )
    x, y, z = (draw(st.floats(-1, 1)) for _ in range(3))
    return Camera(view, 0.6 * reach * x, 0.36 * reach * y, 1.6 * reach * z)


def sentinel_frame(width: int, height: int) -> YuvFrame:
    """A frame of a code value that no photo holds."""
    frame = YuvFrame.empty(width, height)
    frame.y[:], frame.u[:], frame.v[:] = SENTINEL, SENTINEL, SENTINEL
    return frame


def seen(sampler: SceneSampler, camera: Camera, size: tuple[int, int]) -> YuvFrame:
    """A frame of a camera; every sample of it was a sentinel before."""
    frame = sentinel_frame(*size)
    sampler.render(camera, frame)
    return frame


def recomposed(layers: Sequence[SceneLayer]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Luma and chroma of layers put over each other where they stand, the farthest first."""
    luma, chroma = layers[0].luma.astype(np.float64), layers[0].chroma.astype(np.float64)
    for layer in layers[1:]:
        assert layer.alpha is not None
        height, width = layer.alpha.shape
        whole = np.s_[layer.y : layer.y + height, layer.x : layer.x + width]
        half = np.s_[layer.y // 2 : (layer.y + height) // 2, layer.x // 2 : (layer.x + width) // 2]
        alpha = layer.alpha / 255
        thin = alpha.reshape(height // 2, 2, width // 2, 2).mean((1, 3))[..., None]
        luma[whole] = layer.luma + (1 - alpha) * luma[whole]
        chroma[half] = layer.chroma + (1 - thin) * chroma[half]
    return luma, chroma
