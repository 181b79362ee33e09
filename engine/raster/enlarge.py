"""Enlarge planes by Catmull-Rom interpolation.

Positions are continuous plane samples, sample i centred at i + 0.5.
"""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane
from engine.raster.kernels.resample4 import resample4


def catmull_rom(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """From fractions (n,) of the way from the second to the third of four samples to their weights (n, 4).

    R. Keys, Cubic Convolution Interpolation for Digital Image Processing, IEEE Trans. ASSP 29(6), 1981.
    """
    return np.stack(
        [
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        ],
        1,
    )


def enlarge(
    source: NDArray[np.uint8] | NDArray[np.float32],
    out: Plane,
    start: tuple[float, float],
    step: tuple[float, float],
    share: float = 1.0,
) -> None:
    """Fill a plane from a smaller part of another: out += share * (resampled - out).

    Args:
        source: (h, w); beyond its edges they are repeated.
        out: (H, W) uint8.
        start: source position (x, y) of output sample (0, 0), its centre.
        step: source samples per output sample along x and y; no more than 1, or details fold.
        share: 0..1.
    """
    height, width = source.shape
    first_x, weights_x = _table(start[0], step[0], out.shape[1], width)
    first_y, weights_y = _table(start[1], step[1], out.shape[0], height)
    resample4(source, first_x, weights_x, first_y, weights_y, share, out, np.empty(width + 16, np.float32))


def _table(start: float, step: float, count: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    at = start + step * np.arange(count) - 0.5
    whole = np.floor(at)
    first = np.clip(whole - 1, -4, size).astype(np.int64)
    return first, catmull_rom(at - whole).astype(np.float32)
