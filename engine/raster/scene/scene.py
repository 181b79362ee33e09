"""A photo as a scene: layers at their distances, seen by any camera.

    scene = Scene.from_photo(photo, disparity)
    frame = scene.view(Camera(View.whole(width, height), x=0.02), (1920, 1080))

Any view can be made on its own; nothing is carried from one to the next.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import Plane, RgbImage, YuvFrame
from engine.raster.color import ycbcr_matrix
from engine.raster.scene.cuts import LEAST_GAIN, MOST_LAYERS, find_cuts
from engine.raster.scene.layer import SceneLayer
from engine.raster.scene.peel import EDGE_ERROR, Peeling, peel
from engine.raster.scene.smooth import Field

REACH = 0.06
"""Travel, in photo widths, up to which a scene is prepared unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is prepared once for a photo.

    Attributes:
        photo_size: width and height, in pixels, that cameras count in.
        working: (width, height) of the picture that was taken apart.
        layers: the farthest first; that one is solid.
        reach: travel up to which what the camera uncovers was painted with care; beyond it is smooth.
    """

    photo_size: tuple[int, int]
    working: tuple[int, int]
    layers: tuple[SceneLayer, ...]
    reach: float

    @classmethod
    def from_photo(
        cls,
        photo: RgbImage,
        disparity: Field,
        *,
        photo_size: tuple[int, int] | None = None,
        reach: float = REACH,
        edge_error: float = EDGE_ERROR,
        most_layers: int = MOST_LAYERS,
        least_gain: float = LEAST_GAIN,
        inpaint: Callable[[RgbImage, NDArray[np.bool_]], RgbImage] | None = None,
        threads: int = 2,
    ) -> "Scene":
        """Take a photo apart.

        Args:
            photo: (H, W, 3) uint8, upright sRGB, possibly reduced; both sides at least 2.
            disparity: (h, w) float32, 0..1, 1 is nearest, over the whole photo; its edges should be those of the photo.
            photo_size: width and height that cameras count in; the photo's own by default.
            reach: largest travel (x, y, or z / 2) that will be asked for.
            edge_error: how far edges of the disparity may be off, as a share of the longer side: mattes are looked for
                that far.
            most_layers: 1 to 5.
            least_gain: share of what moving would tear that a further layer must save.
            inpaint: paints (picture, hole) instead of the built-in fill.
            threads: that may be used.

        Raises:
            ValueError: a shape or a value is out of range.
        """
        if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or min(photo.shape[:2]) < 2:
            raise ValueError(f"a photo is (H, W, 3) uint8 with sides of 2 at least, not {photo.shape} {photo.dtype}")
        if disparity.ndim != 2 or not disparity.size or not np.isfinite(disparity).all():
            raise ValueError(f"a disparity map is (h, w) and finite, not {disparity.shape}")
        if disparity.min() < 0 or disparity.max() > 1:
            raise ValueError("disparities are between 0 and 1")
        if not 1 <= most_layers <= MOST_LAYERS:
            raise ValueError(f"{most_layers} layers are not possible: 1 to {MOST_LAYERS}")
        field = np.ascontiguousarray(disparity, np.float32)
        picture = even_sides(photo)
        height, width = picture.shape[:2]
        cuts = find_cuts(field, reach, most_layers, least_gain)
        layers = peel(picture, field, Peeling(cuts, reach, edge_error, threads, inpaint))
        size = photo_size or (photo.shape[1], photo.shape[0])
        return cls(size, (width, height), tuple(layers), reach)

    def view(self, camera: Camera, size: tuple[int, int]) -> RgbImage:
        """What a camera sees, (h, w, 3) uint8 R'G'B'.

        Args:
            camera: anywhere; beyond the photo's borders its edge continues.
            size: width and height in pixels.
        """
        from engine.raster.scene.sampler import SceneSampler

        width, height = size
        frame = YuvFrame.empty(width + width % 2, height + height % 2)
        # The frame grows by a pixel to the right and below; half of it is where its middle went.
        view = camera.view
        grown = view.through(type(view)((width + width % 2) / 2, (height + height % 2) / 2, 1.0), width, height)
        SceneSampler(self).render(Camera(grown, camera.x, camera.y, camera.z), frame)
        return _to_rgb(frame)[:height, :width]


def even_sides(photo: RgbImage) -> RgbImage:
    """A picture of even sides: an odd one is resized by a pixel, so that it still covers the same area."""
    import cv2

    height, width = photo.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return photo
    even = (width + width % 2, height + height % 2)
    return np.asarray(cv2.resize(photo, even, interpolation=cv2.INTER_LINEAR), np.uint8)


def _to_rgb(frame: YuvFrame) -> RgbImage:
    import cv2

    inverse = np.linalg.inv(ycbcr_matrix()[:, :3])
    size = (frame.width, frame.height)
    # Chroma lies on even columns and between two rows; see engine.core.frames.
    shift = np.array([[2, 0, 0], [0, 2, 0.5]], np.float64)

    def enlarged(plane: Plane) -> NDArray[np.float32]:
        floats = plane.astype(np.float32)
        full = cv2.warpAffine(floats, shift, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(full, np.float32) - np.float32(128)

    planes = [frame.y.astype(np.float32) - np.float32(16), enlarged(frame.u), enlarged(frame.v)]
    colours = np.stack(planes, axis=-1) @ inverse.T.astype(np.float32)
    return np.asarray(np.clip(colours + 0.5, 0, 255), np.uint8)
