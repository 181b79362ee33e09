"""The torch sampler of scenes shows what the CPU sampler shows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.scene.layer import make_layer
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene
from engine.raster.scene.smooth import gentle
from engine.raster.scene.torch_sampler import TorchSceneSampler
from tests.raster.pictures import difference, planes
from tests.tolerances import SAMPLERS_DIFFER

WIDTH, HEIGHT = 320, 200
SIZE = (288, 160)
REACH = 0.06

CAMERAS = [
    Camera(View(160, 100, 1.0)),
    Camera(View(160.3, 99.2, 0.97)),
    Camera(View(160, 100, 0.9), x=0.05),
    Camera(View(158.7, 101.1, 0.93), x=-0.03, y=0.04),
    Camera(View(160, 100, 1.0), z=0.12),
    Camera(View(161, 100, 0.85), x=0.02, y=-0.02, z=-0.1),
    Camera(View(160.5, 100.5, 0.8, 0.06), x=0.03, z=0.05),
    Camera(View(160, 100, 0.9, -1.3), y=-0.03),
    Camera(View(20, 190, 1.6, 0.3), x=0.06, y=0.06),  # sees beyond the photo's borders
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def colours(seed: int) -> NDArray[np.float32]:
    """Steps and grain, R'G'B' 0..255."""
    rng = np.random.default_rng(seed)
    coarse = np.kron(rng.integers(20, 236, (HEIGHT // 10, WIDTH // 10, 3)), np.ones((10, 10, 1)))
    return np.asarray(np.clip(coarse + rng.normal(0, 10, coarse.shape), 0, 255), np.float32)


def disc(x: float, y: float, radius: float, soft: float) -> NDArray[np.float32]:
    """1 inside, 0 outside, a ramp of ``soft`` pixels between."""
    j, i = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    return np.asarray(np.clip((radius - np.hypot(i - x, j - y)) / soft + 0.5, 0, 1), np.float32)


def relief(middle: float, seed: int, size: tuple[int, int] = (80, 50)) -> NDArray[np.float32]:
    """Disparity around a value, as smooth as layers must be."""
    rng = np.random.default_rng(seed)
    j, i = np.mgrid[0 : size[1], 0 : size[0]] / 9
    waves = middle + 0.12 * np.sin(i + rng.uniform(0, 6)) * np.cos(j + rng.uniform(0, 6))
    return gentle(np.asarray(np.clip(waves, 0, 1), np.float32), REACH * size[0])


def layered(photo_size: tuple[int, int] = (WIDTH, HEIGHT)) -> Scene:
    """Three layers: a solid one, one that is cut off by the photo's border, one with a wide soft rim."""
    middle, front = disc(290, 120, 70, 3), disc(130, 90, 50, 14)
    layers = (
        make_layer(colours(1), None, relief(0.2, 4)),
        make_layer(colours(2) * middle[..., None], middle, relief(0.5, 5, (96, 60))),
        make_layer(colours(3) * front[..., None], front, relief(0.8, 6, (96, 60))),
    )
    return Scene(photo_size, (WIDTH, HEIGHT), tuple(layer for layer in layers if layer is not None), REACH)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return layered()


@pytest.fixture(scope="module")
def on_cpu(scene: Scene) -> SceneSampler:
    return SceneSampler(scene)


@pytest.fixture(scope="module")
def on_torch(scene: Scene) -> TorchSceneSampler:
    return TorchSceneSampler(scene, "cpu")


def same(one: YuvFrame, other: YuvFrame) -> None:
    assert difference(one, other) <= SAMPLERS_DIFFER
    for a, b in zip(planes(one), planes(other), strict=True):
        assert (a != b).mean() < 0.01


@pytest.mark.parametrize("size", [SIZE, (270, 130), (18, 6)])
@pytest.mark.parametrize("camera", CAMERAS)
def test_both_samplers_agree(
    on_cpu: SceneSampler, on_torch: TorchSceneSampler, camera: Camera, size: tuple[int, int]
) -> None:
    ours, theirs = YuvFrame.empty(*size), YuvFrame.empty(*size)
    on_cpu.render(camera, ours)
    on_torch.render(camera, theirs)
    same(ours, theirs)
