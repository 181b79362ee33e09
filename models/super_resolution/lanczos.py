"""Lanczos: enlarging without a model.

Lanczos-3 with the exact weights of every position (Duchon, "Lanczos filtering in one and two dimensions", Journal of
Applied Meteorology 18, 1979), pixel centres at +0.5, in sRGB code values: in linear light the dark rings beside bright
edges are the ones that are seen. Pillow's resampling does it, one axis after the other with a rounding to whole code
values between them; OpenCV's INTER_LANCZOS4 takes its weights from a table of 32 positions, and takes longer.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.pictures import check_rgb

NAME = "lanczos-3"


class Lanczos:
    """An :class:`models.super_resolution.interface.Upscaler`; any number of threads may use it at a time."""

    on_processor = True
    """Needs no working memory of a device: several threads may use it at a time to be faster."""

    @property
    def name(self) -> str:
        """See :class:`models.super_resolution.interface.Upscaler`."""
        return NAME

    def enlarge(self, rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
        """See :meth:`models.super_resolution.interface.Upscaler.enlarge`.

        Raises:
            ValueError: this is no picture, or the size is smaller than it.
        """
        check_enlarging(rgb, size)
        return resampled(rgb, size)


def check_enlarging(rgb: NDArray[np.uint8], size: tuple[int, int]) -> None:
    """Raise ValueError unless this is a picture, and the size (width, height) is no smaller."""
    check_rgb(rgb)
    height, width = rgb.shape[:2]
    if size[0] < width or size[1] < height:
        raise ValueError(f"{width} x {height} cannot be enlarged to {size[0]} x {size[1]}")


def resampled(rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture (H, W, 3) at another width and height; where that is smaller, the kernel widens so that nothing
    aliases.
    """
    if size == (rgb.shape[1], rgb.shape[0]):
        return rgb.copy()
    return np.array(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))
