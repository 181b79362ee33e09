"""What every model that finds the subject gives."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FOUND = 0.4
"""Confidence from which a matte counts as found.

Pictures with a subject (14 of the project's and of scikit-image's) were at 0.58 or more; landscape, brick, grass,
gravel, stars, drawn text, noise and flat colours at 0.24 or less. One scanned page was at 0.72.
"""


@dataclass(frozen=True, slots=True)
class Matte:
    """The subject of a photo.

    Attributes:
        alpha: (H, W) float32, the photo's size; 0 is background, 1 subject. Stretched to reach both where the model
            saw anything, so read it only where ``found``.
        confidence: 0 to 1: how sure the model was of what it marked, and how little it left undecided.
    """

    alpha: NDArray[np.float32]
    confidence: float

    @property
    def found(self) -> bool:
        """Whether there is a subject at all, rather than a photo without one."""
        return self.confidence >= FOUND


class MatteModel(Protocol):
    """Finds the subject of photos."""

    def find(self, rgb: NDArray[np.uint8]) -> Matte:
        """The subject of a photo.

        Args:
            rgb: (H, W, 3) uint8, sRGB, upright.

        Raises:
            ValueError: the array is no such picture.
            EngineError: the model could not be run.
        """
        ...
