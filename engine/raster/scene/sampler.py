"""The CPU sampler of scenes: from a camera to a planar frame, one frame a thread."""

from math import ceil, cos, sin

import numpy as np

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.raster.kernels.scene_mesh import mesh_of_layer
from engine.raster.kernels.scene_tiles import FIELDS, paint_tiles, tile_side
from engine.raster.memory import flat
from engine.raster.scene.scene import Scene
from engine.raster.scene.shelf import TextureShelf
from engine.raster.scene.texture import Texture


class SceneSampler:
    """Fills frames from cameras in front of one scene. Safe to call from several threads at once.

    Textures are made when a view first needs them, and kept.

    Args:
        scene: what is seen.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._photo = np.array(scene.photo_size, np.float64)
        self._shelf: TextureShelf[Texture] = TextureShelf(scene, lambda texture: texture)

    def render(self, camera: Camera, frame: YuvFrame) -> None:
        """Write what a camera sees into a frame's planes; the lens may be at any angle."""
        textures = self._shelf.choose(camera)
        view = camera.view
        tile = tile_side(frame.width)
        across, down = ceil(frame.width / tile) + 1, ceil(frame.height / tile) + 1
        meshes = np.empty((len(textures), down, across, 2), np.float32)
        table = np.empty((len(textures), FIELDS), np.int64)
        stand = np.array(
            [
                view.x, view.y, view.scale * cos(view.angle), view.scale * sin(view.angle),
                camera.x, camera.y, camera.z, frame.width / 2, frame.height / 2,
            ]
        )  # fmt: skip
        for index, (layer, texture) in enumerate(zip(self.scene.layers, textures, strict=True)):
            place = np.array([*texture.corner, *texture.ratio])
            mesh_of_layer(layer.disparity, stand, self._photo, place, tile, meshes[index])
            table[index] = texture.row
        paint_tiles(
            table, meshes, flat(frame.y), flat(frame.u), flat(frame.v),
            frame.y.strides[0], frame.u.strides[0], frame.width, frame.height, tile,
        )  # fmt: skip
