"""What makes pictures between pictures."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Interpolator(Protocol):
    """Makes the pictures between two that follow one another. Nothing is carried from pair to pair."""

    @property
    def name(self) -> str:
        """For notes and cache keys: it changes with what it would make."""
        ...

    def between(
        self, first: NDArray[np.uint8], second: NDArray[np.uint8], times: Sequence[float]
    ) -> list[NDArray[np.uint8]]:
        """The pictures at some times between two.

        Args:
            first: (H, W, 3) uint8 sRGB, at time 0.
            second: of the same shape, at time 1.
            times: each in 0..1; 0 and 1 give the pictures themselves.

        Returns:
            One picture for each time, of the same shape. Their mean luma lies between those of the two.
        """
        ...
