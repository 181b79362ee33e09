"""A sampler straight from pixels, as the tests want it."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.levels import photo_planes
from engine.raster.sampler import Sampler, make_sampler


def sampler_of(
    pixels: NDArray[np.uint8], size: tuple[int, int], scale_range: tuple[float, float], device: str = "cpu"
) -> Sampler:
    """The sampler of a photo for views of these scales."""
    return make_sampler(photo_planes(pixels, size), scale_range, device=device)
