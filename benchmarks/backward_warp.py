"""The plainest parallax there is: each pixel is moved by the disparity that stands at its own place."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import RgbImage
from engine.raster.scene.heightfield import Points, lens_map, look_up_picture


def plain_backward_warp(
    picture: RgbImage, disparity: NDArray[np.float32], camera: Camera, size: tuple[int, int]
) -> RgbImage:
    """What a camera sees, if the disparity of a lens point were that of the photo point at the same place.

    It is wrong wherever the disparity changes, and doubles or loses what is near an edge; it costs one lookup. The
    lookup is the height field's own, so that only the geometry differs.

    Args:
        picture: (H, W, 3) uint8 sRGB.
        disparity: (h, w) float32, 0..1, over the whole photo.
        camera: where the scene is seen from.
        size: (width, height) of the result.

    Returns:
        (height, width, 3) uint8 sRGB.
    """
    height, width = picture.shape[:2]
    a, b, x0, c, d, y0 = lens_map(camera, size)
    column, row = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    x, y = a * column + b * row + x0, c * column + d * row + y0
    # OpenCV counts from the centre of the first sample.
    across = (x * disparity.shape[1] / width - 0.5).astype(np.float32)
    down = (y * disparity.shape[0] / height - 0.5).astype(np.float32)
    q = cv2.remap(disparity, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # Camera.to_photo, for all pixels at once.
    grown = 1 - q * camera.z
    points: Points = np.stack(
        [
            width / 2 + (x - width / 2) * grown + q * width * camera.x,
            height / 2 + (y - height / 2) * grown + q * width * camera.y,
        ],
        axis=2,
    ).astype(np.float32)
    return look_up_picture(picture, points, camera.view.scale)
