"""A model over a picture of any size, in tiles: its memory is that of one tile, and no seam is seen.

Tiles overlap by twice what a pixel of the result depends on, plus a strip over which one fades into the next. Where the
model sees no further than that, the result is that of the whole picture. The picture's border is repeated outwards
first, so that the model's own padding lies outside.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

FADE = 8
"""Pixels over which a tile fades into the next: models that look further than told differ there, and a step would
show.
"""

Model = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(h, w, 3) uint8 to (factor h, factor w, 3) float32 code values, at all sizes up to a tile's."""


def enlarged_in_tiles(model: Model, rgb: NDArray[np.uint8], factor: int, tile: int, reach: int) -> NDArray[np.uint8]:
    """A picture enlarged by a model's own factor.

    Args:
        model: what enlarges a tile.
        rgb: (H, W, 3).
        factor: of the model.
        tile: pixels of the longest side that the model is given; at least ``smallest_tile(reach)``.
        reach: pixels around it that a pixel of the result depends on.

    Returns:
        (factor H, factor W, 3).

    Raises:
        ValueError: the tile is too small for the reach.
    """
    if tile < smallest_tile(reach):
        raise ValueError(f"a tile of {tile} pixels is too small for a model that looks {reach} pixels around")
    height, width = rgb.shape[:2]
    bordered = np.pad(rgb, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    if max(bordered.shape[:2]) <= tile:
        inner = np.s_[factor * reach : factor * (reach + height), factor * reach : factor * (reach + width)]
        return _rounded(model(bordered)[inner])
    result = np.zeros((factor * bordered.shape[0], factor * bordered.shape[1], 3), np.float32)
    for top, bottom, down in _spans(bordered.shape[0], tile, reach, factor):
        for left, right, across in _spans(bordered.shape[1], tile, reach, factor):
            made = model(np.ascontiguousarray(bordered[top:bottom, left:right]))
            made *= down[:, None, None] * across[:, None]
            result[factor * top : factor * bottom, factor * left : factor * right] += made
    return _rounded(result[factor * reach : factor * (reach + height), factor * reach : factor * (reach + width)])


def smallest_tile(reach: int) -> int:
    """Pixels of the smallest tile: no place may be in the strips of three tiles, however they fall."""
    return 2 * reach + 3 * FADE + 2


def _spans(length: int, tile: int, reach: int, factor: int) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Along one axis: each tile's first pixel, the one after its last, and the weights of its enlarged pixels.

    The weights of all tiles add up to 1 everywhere but in the border that is cut off.
    """
    overlap = 2 * reach + FADE
    count = max(1, -(-(length - overlap) // (tile - overlap)))
    starts = [round(number * (length - overlap) / count) for number in range(count)]
    for number, start in enumerate(starts):
        end = length if number == count - 1 else starts[number + 1] + overlap
        weights = np.ones(factor * (end - start), np.float32)
        rise = ((np.arange(factor * FADE) + 0.5) / (factor * FADE)).astype(np.float32)
        if number:
            weights[: factor * reach] = 0
            weights[factor * reach : factor * (reach + FADE)] = rise
        if number < count - 1:
            weights[len(weights) - factor * reach :] = 0
            weights[len(weights) - factor * (reach + FADE) : len(weights) - factor * reach] = rise[::-1]
        yield start, end, weights


def _rounded(levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(levels).clip(0, 255), np.uint8)
