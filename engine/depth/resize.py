"""Maps and small pictures at another size."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def resized(image: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resize: the mean over areas where the picture shrinks, linear where it grows.

    Args:
        image: shape (h, w) or (h, w, C), numbers.
        size: (width, height), in pixels, >= 1. Pixel centres are at +0.5.

    Returns:
        shape (height, width) or (height, width, C), float32.
    """
    if image.shape[1::-1] == size:
        return np.asarray(image, np.float32)
    if image.dtype != np.uint8:
        image = np.asarray(image, np.float32)
    shrinks = image.shape[1] > size[0] or image.shape[0] > size[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), np.float32)
