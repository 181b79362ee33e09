"""Values for the pixels of a map that hold none, from their neighbours."""

import numpy as np
from numpy.typing import NDArray

from engine.depth.guided import Map
from engine.depth.resize import resized


def fill_invalid(values: Map, valid: NDArray[np.bool_]) -> Map:
    """Fill invalid pixels smoothly: push-pull (Gortler, Grzeszczuk, Szeliski, Cohen, "The lumigraph", SIGGRAPH 1996).

    Args:
        values: shape (h, w), float32; anything where invalid.
        valid: shape (h, w); at least one is true.

    Returns:
        shape (h, w), float32, within the range of the valid values; valid pixels are as they were.
    """
    if valid.all():
        return values
    known = np.where(valid, values, np.float32(0)).astype(np.float32)
    return np.where(valid, values, _pull(known, valid.astype(np.float32))).astype(np.float32)


def _pull(weighted: Map, weight: Map) -> Map:
    """Means of the known, at ever coarser levels, put where a finer level knows nothing."""
    height, width = weight.shape
    if weight.min() > 0 or height == width == 1:
        return np.asarray(weighted / np.maximum(weight, np.float32(1e-20)), np.float32)
    half = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
    guess = resized(_pull(resized(weighted, half), resized(weight, half)), (width, height))
    return np.where(weight > 0, weighted / np.maximum(weight, np.float32(1e-20)), guess).astype(np.float32)
