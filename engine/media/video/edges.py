"""Colours under the transparent pixels of a video, continued from beside, so that no filter pulls in what hides there.

Only as far as filters reach: a mean, weighted by alpha, over REACH pixels around. A still photo gets more (see
``engine.media.bleed``), but not thirty times a second.
"""

from typing import Any

import numpy as np

from engine.core.frames import Plane, YuvFrame

REACH = 8
"""Luma pixels."""

HIDDEN = 8
"""Alpha below this counts as transparent."""


def continue_edges(frame: YuvFrame, alpha: Plane) -> YuvFrame:
    """The frame with new colours where alpha is below HIDDEN and something visible is near.

    Args:
        frame: left as it is.
        alpha: shape of ``frame.y``.
    """
    hidden = alpha < HIDDEN
    if not hidden.any() or hidden.all():
        return frame
    import cv2

    weight = np.where(hidden, 0, alpha).astype(np.float32)
    half = cv2.resize(weight, (frame.width // 2, frame.height // 2), interpolation=cv2.INTER_AREA)
    return YuvFrame(
        _continued(frame.y, weight, REACH), _continued(frame.u, half, REACH // 2), _continued(frame.v, half, REACH // 2)
    )


def _continued(plane: Plane, weight: Any, reach: int) -> Plane:  # noqa: ANN401 - OpenCV's arrays
    import cv2

    side = (2 * reach + 1, 2 * reach + 1)
    total = cv2.blur(weight, side)
    mean = cv2.blur(plane.astype(np.float32) * weight, side) / np.maximum(total, 1e-6)
    new = (weight == 0) & (total > 1e-3)
    return np.where(new, np.clip(mean + 0.5, 0, 255).astype(np.uint8), plane)
