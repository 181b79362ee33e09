"""What every model that measures depth gives."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class DepthModel(Protocol):
    """Estimates the depth of photos."""

    def estimate(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The disparity of a photo: what is like 1 / distance, up to a factor and an offset that nobody knows.

        Args:
            rgb: (H, W, 3) uint8, sRGB, upright.

        Returns:
            (h, w) float32 from 0 to 1, larger is nearer, of the photo's shape but the model's size. It reaches 0 and 1,
            or is 0 everywhere where the model sees no difference.

        Raises:
            ValueError: the array is no such picture.
            EngineError: the model could not be run, or gave no numbers.
        """
        ...
