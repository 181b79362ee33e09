"""The quick draft of a scene: the height field of :mod:`engine.raster.scene.heightfield`, marched at the vertices of a
mesh.

A ray is marched for every eighth pixel along each axis instead of for each, and the picture is looked up as a layer of
a
scene is: a hundredth of the march, and edges that are stretched a little wobble a little too.
"""

from math import ceil

import numpy as np

from engine.core.camera import Camera
from engine.core.frames import RgbImage, YuvFrame
from engine.raster.kernels.height_field import march
from engine.raster.kernels.scene_tiles import FIELDS, paint_tiles
from engine.raster.memory import flat
from engine.raster.scene.heightfield import lens_map
from engine.raster.scene.layer import make_layer
from engine.raster.scene.scene import Scene, even_sides
from engine.raster.scene.shelf import TextureShelf
from engine.raster.scene.smooth import Field
from engine.raster.scene.texture import Texture

STEP = 8
"""Frame pixels between vertices."""

COARSE = 2.0
"""Frame pixels that a ray walks at a time."""


class ReliefSampler:
    """Fills frames from cameras in front of one relief. Safe to call from several threads at once.

    Args:
        picture: (H, W, 3) uint8 sRGB, possibly reduced.
        disparity: (h, w) float32, 0..1, over the whole photo.
        photo_size: width and height in pixels that cameras count in.

    Raises:
        ValueError: the disparities are not what they must be.
    """

    def __init__(self, picture: RgbImage, disparity: Field, photo_size: tuple[int, int]) -> None:
        least, largest = float(disparity.min()), float(disparity.max())
        if disparity.ndim != 2 or not 0 <= least <= largest <= 1:
            raise ValueError(f"disparities lie in 0..1, not in {least}..{largest}")
        even = even_sides(picture)
        layer = make_layer(even.astype(np.float32), None, disparity)
        assert layer is not None
        self._scene = Scene(photo_size, (even.shape[1], even.shape[0]), (layer,), 0.0)
        self._field = np.ascontiguousarray(disparity, np.float32)
        self._bounds = (largest, least)
        self._shelf: TextureShelf[Texture] = TextureShelf(self._scene, lambda texture: texture)

    def render(self, camera: Camera, frame: YuvFrame) -> None:
        """Write what a camera sees into a frame's planes; the lens may be at any angle."""
        (texture,) = self._shelf.choose(camera)
        width, height = self._scene.photo_size
        per_pixel = (self._field.shape[1] / width, self._field.shape[0] / height)
        points = np.empty((ceil(frame.height / STEP) + 1, ceil(frame.width / STEP) + 1, 2), np.float32)
        march(
            self._field,
            self._bounds,
            per_pixel,
            lens_map(camera, (frame.width, frame.height), (0.0, 0.0), STEP),
            (width / 2, height / 2),
            (width * camera.x, width * camera.y, camera.z),
            max(camera.view.scale * COARSE, 1 / max(per_pixel)),
            points,
        )
        mesh = (points - np.array(texture.corner, np.float32)) * np.array(texture.ratio, np.float32) - np.float32(0.5)
        paint_tiles(
            texture.row.reshape(1, FIELDS), mesh[None], flat(frame.y), flat(frame.u), flat(frame.v),
            frame.y.strides[0], frame.u.strides[0], frame.width, frame.height, STEP,
        )  # fmt: skip
