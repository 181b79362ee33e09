"""Colours under transparent pixels.

What a file holds where it is transparent is arbitrary, often black or white. A filter that mixes neighbours would pull
it into the picture's edge as a halo, so it is replaced by what lies beside: pull-push over a pyramid of halved pictures
(Gortler and others, "The Lumigraph", 1996, section 3.3).
"""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, RgbImage

OPAQUE_ENOUGH = 8
"""Alpha below this counts as transparent: its colour was rounded to almost nothing."""


def continue_colours(pixels: RgbImage, alpha: Plane) -> None:
    """Give transparent pixels the colours of their opaque neighbourhood, in place.

    Args:
        pixels: (H, W, 3) uint8.
        alpha: (H, W) uint8.
    """
    hidden = alpha < OPAQUE_ENOUGH
    if not hidden.any() or hidden.all():
        return
    pixels[hidden] = _pull_push(pixels.astype(np.float32), (~hidden).astype(np.float32))[hidden]


def _pull_push(colours: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.uint8]:
    import cv2

    height, width = weight.shape
    if min(height, width) > 1 and not weight.all():
        half = ((width + 1) // 2, (height + 1) // 2)
        small_weight = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
        sums = cv2.resize(colours * weight[..., None], half, interpolation=cv2.INTER_AREA)
        means = np.asarray(sums / np.maximum(small_weight, 1e-6)[..., None], np.float32)
        below = _pull_push(means, np.asarray(small_weight > 0, np.float32))
        filled = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        colours = np.where(weight[..., None] > 0, colours, filled)
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)
