"""Planes as flat memory: what the compiled kernels write to."""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane


def flat(plane: Plane) -> NDArray[np.uint8]:
    """A plane with padded rows as one flat array; row y begins at ``y * plane.strides[0]``.

    With one contiguous axis numba knows the distance of neighbours, which it needs to use vector instructions.

    Raises:
        ValueError: neighbours in a row are not neighbours in memory.
    """
    height, width = plane.shape
    if plane.strides[1] != 1:
        raise ValueError("a plane's rows must be contiguous")
    stride = plane.strides[0]
    return np.lib.stride_tricks.as_strided(plane, shape=((height - 1) * stride + width,), strides=(1,))
