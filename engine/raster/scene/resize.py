"""Planes of 8 bits at another size, by the long filter that photos are shrunk with."""

from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
from numpy.typing import NDArray

from engine.raster.filters import prefilter_table
from engine.raster.kernels.prefilter import LANES, resample_columns
from engine.raster.levels import AxisTable, taps_inside

UNITS = 256
"""What a code value counts while it is resized."""

WIDE_UNITS, WIDE_ZERO = 128, 16_384
"""Likewise with room for overshoot: half of the 16 bits for code values, a quarter on either side."""

_BORDER = 8
"""Replicated samples around the source; further taps are moved onto the last of them."""


def resized(
    plane: NDArray[np.uint8], size: tuple[int, int], finest: float = 1.0, threads: int = 2
) -> NDArray[np.uint8]:
    """A plane at another size; both pictures cover the same area, pixel centres at +0.5.

    A sinc under a Kaiser window of radius 4, stretched when the picture shrinks; see :mod:`engine.raster.filters`.

    Args:
        plane: (h, w) uint8.
        size: width, height.
        finest: the finest detail that is kept, in new pixels for each half cycle: 1 keeps all that the new size can
            hold.
        threads: that share the work.
    """
    if plane.shape == size[::-1] and finest <= 1:
        return np.ascontiguousarray(plane)
    out = _resampled(_bordered(plane) * np.uint16(UNITS), size, finest, threads)
    # 255 * UNITS and one half are within 16 bits; an overshoot beyond is cut off.
    np.minimum(out, np.uint16(255 * UNITS), out=out)
    out += np.uint16(UNITS // 2)
    out >>= np.uint16(8)
    return np.ascontiguousarray(out.T.astype(np.uint8))


def resized_wide(
    plane: NDArray[np.uint8], size: tuple[int, int], finest: float = 1.0, threads: int = 2
) -> NDArray[np.float32]:
    """Likewise, in float32 and with what overshoots at edges, below 0 and above 255: planes that belong together, such
    as colours and their alpha, then still do."""
    if plane.shape == size[::-1] and finest <= 1:
        return plane.astype(np.float32)
    source = _bordered(plane) * np.uint16(WIDE_UNITS) + np.uint16(WIDE_ZERO)
    out = _resampled(source, size, finest, threads).T.astype(np.float32, order="C")
    out -= np.float32(WIDE_ZERO)
    out *= np.float32(1 / WIDE_UNITS)
    return out


def _bordered(plane: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return np.pad(plane, _BORDER, mode="edge").T.astype(np.uint16)


def _resampled(source: NDArray[np.uint16], size: tuple[int, int], finest: float, threads: int) -> NDArray[np.uint16]:
    """Column by column, as the source with its border is."""
    table_x, table_y = (
        _table(samples - 2 * _BORDER, wanted, finest, samples)
        for samples, wanted in zip(source.shape, size, strict=True)
    )
    out = np.empty(size, np.uint16)
    blocks = ceil(size[0] / LANES)
    share = ceil(blocks / threads)

    def resample(begin: int) -> None:
        resample_columns(source, *table_x, *table_y, out, 0, begin, min(begin + share, blocks))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(resample, range(0, blocks, share)))
    return out


def _table(length: int, wanted: int, finest: float, samples: int) -> AxisTable:
    step = length / wanted
    first, weights = prefilter_table(0.5 * step + _BORDER, step, wanted, max(1.0, step * finest))
    return taps_inside(first, weights, samples)
