"""Roundness: a subject is nearer in its middle than at its outline."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.guided import Map


def roundness(body: NDArray[np.bool_]) -> Map:
    """How far inside its outline a pixel lies, as the height of a quarter circle over it.

    The outline's distance transform (Felzenszwalb, Huttenlocher, "Distance transforms of sampled functions", 2012) by
    the square root, so that the surface is steep at the outline and flat in the middle.

    Args:
        body: shape (h, w): the subject.

    Returns:
        shape (h, w), float32 0..1; 0 outside.
    """
    if not body.any():
        return np.zeros(body.shape, np.float32)
    # Outside the picture a subject goes on: its border is no outline.
    padded = np.pad(body.astype(np.uint8), 1, mode="edge")
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    # Without any outline inside the picture OpenCV returns a huge number.
    deepest = min(float(distance.max()), 0.5 * max(body.shape))
    t = np.clip(distance / max(1.0, deepest), 0, 1)
    bump = np.sqrt(np.clip(1 - (1 - t) ** 2, 0, 1)).astype(np.float32)
    sigma = max(0.8, max(body.shape) / 200)
    return np.asarray(cv2.GaussianBlur(bump, (0, 0), sigma), np.float32) * body
