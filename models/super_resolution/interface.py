"""What makes pictures larger."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Upscaler(Protocol):
    """Enlarges pictures, each on its own: the same picture gives the same pixels, so what stands still stays still."""

    @property
    def name(self) -> str:
        """For notes and cache keys: it changes with what it would make."""
        ...

    def enlarge(self, rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
        """Enlarge a picture.

        Args:
            rgb: (H, W, 3) uint8 sRGB.
            size: width and height to give, at least as large as the picture, of its shape to within a pixel. Pixel
                centres at +0.5: the picture's borders fall on the result's.

        Returns:
            (height, width, 3) uint8.
        """
        ...
