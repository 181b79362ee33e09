"""The draft of a scene: a height field, ready as soon as the depth is known."""

from dataclasses import dataclass, replace

import numpy as np

from engine.core.camera import Camera
from engine.core.frames import RgbImage, YuvFrame
from engine.core.view import View
from engine.raster.scene.heightfield import HeightField
from engine.raster.scene.smooth import Field


@dataclass(frozen=True, slots=True)
class DraftRenderer:
    """A height field for cameras that count in pixels of the full-size photo.

    Attributes:
        relief: counts in pixels of the decoded photo.
        scale: decoded pixels per photo pixel, along x and y.
    """

    relief: HeightField
    scale: tuple[float, float]

    @classmethod
    def of(
        cls,
        pixels: RgbImage,
        photo_size: tuple[int, int],
        disparity: Field,
        scale_range: tuple[float, float],
        threads: int,
    ) -> "DraftRenderer":
        """Make the relief of a decoded photo."""
        scale = (pixels.shape[1] / photo_size[0], pixels.shape[0] / photo_size[1])
        low, high = (each * scale[0] for each in scale_range)
        picture = np.ascontiguousarray(pixels)
        return cls(HeightField(picture, disparity, scale_range=(low, high), threads=threads), scale)

    def render(self, camera: Camera, frame: YuvFrame) -> None:
        """Write what a camera sees into a frame's planes."""
        view = camera.view
        near = View(view.x * self.scale[0], view.y * self.scale[1], view.scale * self.scale[0], view.angle)
        self.relief.render(replace(camera, view=near), frame)
