"""The steepest slope of a map, limited: two sweeps for each envelope."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

F32 = np.float32

DIAGONAL = F32(1.41421356)


@jit
def lower_envelope(field: NDArray[np.float32], slope: float) -> None:
    """In place: the largest map below ``field`` that rises by no more than ``slope`` a sample (chamfer distance).

    min over p' of field(p') + slope |p - p'|, by a sweep down and a sweep up (Borgefors 1986).

    Args:
        field: (h, w) float32.
        slope: per sample, > 0.
    """
    height, width = field.shape
    straight, aslant = F32(slope), F32(slope) * DIAGONAL
    for y in range(height):
        for x in range(width):
            least = field[y, x]
            if y > 0:
                least = min(least, field[y - 1, x] + straight)
                if x > 0:
                    least = min(least, field[y - 1, x - 1] + aslant)
                if x + 1 < width:
                    least = min(least, field[y - 1, x + 1] + aslant)
            if x > 0:
                least = min(least, field[y, x - 1] + straight)
            field[y, x] = least
    for back_y in range(height):
        y = height - 1 - back_y
        for back_x in range(width):
            x = width - 1 - back_x
            least = field[y, x]
            if y + 1 < height:
                least = min(least, field[y + 1, x] + straight)
                if x > 0:
                    least = min(least, field[y + 1, x - 1] + aslant)
                if x + 1 < width:
                    least = min(least, field[y + 1, x + 1] + aslant)
            if x + 1 < width:
                least = min(least, field[y, x + 1] + straight)
            field[y, x] = least
