"""Pictures on their way into a network."""

import numpy as np
from numpy.typing import NDArray

IMAGENET_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
IMAGENET_STD = np.array((0.229, 0.224, 0.225), np.float32)
"""Of R, G, B from 0 to 1 over ImageNet: what most networks for pictures were trained behind."""


def check_rgb(rgb: NDArray[np.uint8]) -> None:
    """Raise ValueError unless this is a picture of (H, W, 3) uint8 with at least one pixel."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"a picture is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")


def resized(rgb: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A picture (H, W, 3) or (H, W) at another size: areas are averaged to shrink it, cubics drawn to enlarge it."""
    import cv2

    shrinks = width * height < rgb.shape[0] * rgb.shape[1]
    result = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return np.asarray(result, np.uint8)


def as_batch(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """R, G, B (H, W, 3) from 0 to 1 as a batch (1, 3, H, W), normalised by ImageNet's mean and deviation."""
    normal = (rgb - IMAGENET_MEAN) / IMAGENET_STD
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None])
