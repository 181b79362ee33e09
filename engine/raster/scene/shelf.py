"""The textures of a scene, made when a view first needs them, and kept."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

import numpy as np

from engine.core.camera import Camera
from engine.raster.scene.scene import Scene
from engine.raster.scene.texture import Texture, make_texture, texture_ratio

Kept = TypeVar("Kept")

CLOSEST = 0.05
"""Growth of the view of a layer, against the lens plane, below which its textures are not made finer."""


class TextureShelf(Generic[Kept]):
    """What a sampler keeps of each layer's textures. Safe to use from several threads at once.

    Args:
        scene: whose layers are sampled.
        keep: what is kept of a finished texture: the texture itself, or its copy on a device. Called once for each.
    """

    def __init__(self, scene: Scene, keep: Callable[[Texture], Kept]) -> None:
        width, height = scene.photo_size
        self._layers = scene.layers
        self._working = (scene.working[0] / width, scene.working[1] / height)
        self._middles = [float(np.median(layer.disparity)) for layer in scene.layers]
        self._keep = keep
        self._kept: dict[tuple[int, float], Future[Kept]] = {}
        self._lock = threading.Lock()

    def choose(self, camera: Camera) -> list[Kept]:
        """What each layer is sampled from under a camera, the farthest first."""
        found = []
        for index, middle in enumerate(self._middles):
            scale = camera.view.scale * max(1 - middle * camera.z, CLOSEST)
            found.append(self._take(index, texture_ratio(scale, min(self._working))))
        return found

    def _take(self, index: int, ratio: float) -> Kept:
        key = (index, ratio)
        with self._lock:
            future = self._kept.get(key)
            mine = future is None
            if future is None:
                future = self._kept[key] = Future()
        if mine:
            try:
                future.set_result(self._keep(make_texture(self._layers[index], self._working, ratio)))
            except BaseException as error:
                # Those who wait fail with us; whoever comes later tries again.
                with self._lock:
                    del self._kept[key]
                future.set_exception(error)
                raise
        return future.result()
