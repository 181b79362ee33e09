"""What every model that fills holes gives."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class InpaintModel(Protocol):
    """Fills holes of pictures."""

    def fill(self, rgb: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """A picture with its holes filled.

        Args:
            rgb: (H, W, 3) uint8, sRGB; what stands in the hole does not matter.
            hole: (H, W) bool, True where to paint.

        Returns:
            (H, W, 3) uint8, a new array: exactly ``rgb`` outside of the hole.

        Raises:
            ValueError: the arrays are no such picture and hole.
            EngineError: the model could not be run, or gave no numbers.
        """
        ...
