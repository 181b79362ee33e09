"""Which patches of a photo can be tracked well."""

from dataclasses import dataclass

import numpy as np

from benchmarks.clip import Clip
from benchmarks.reference import GAUSS_REACH, Luma, Matrix, gaussian, window

GRID = (24, 14)
"""Cells over the frame, across and down; each gives its best patch. At 1080p a cell is a little larger than a patch."""

WORTH = 0.25
"""A cell's best patch is used if its texture reaches this share of the best one's."""

MOST = 32
"""Patches, the most textured of all cells."""

MAX_HALF, MIN_HALF = 32, 12
"""Half the side of a patch in frame pixels: large frames and small ones."""

SMOOTHING = 1.5
"""Standard deviation in frame pixels at which texture is judged."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A square to follow.

    Attributes:
        x, y: its middle, in photo pixels.
        half: half its side, in frame pixels.
    """

    x: float
    y: float
    half: int


def choose_patches(clip: Clip, luma: Luma) -> list[Patch]:
    """Patches that stay in the frame for the whole zoom, the most textured of each cell.

    Texture is the smaller eigenvalue of the structure tensor (Shi and Tomasi, "Good features to track", 1994): what
    limits the precision of a registration along the worse of the two directions.

    Raises:
        ValueError: the photo has no texture.
    """
    half = min(MAX_HALF, max(MIN_HALF, clip.height // 32))
    # What the closest view shows is in the frame throughout.
    view = clip.view(clip.frames)
    texture = _texture(clip, luma, view, half)
    best = float(texture.max())
    if best <= 0:
        raise ValueError(f"{clip.photo} has nothing to track")
    edge = half + 2
    rows = np.array_split(np.arange(edge, clip.height - edge), GRID[1])
    columns = np.array_split(np.arange(edge, clip.width - edge), GRID[0])
    scale, left, top = view
    chosen: list[tuple[float, Patch]] = []
    for row in rows:
        for column in columns:
            cell = texture[row[0] : row[-1] + 1, column[0] : column[-1] + 1]
            y, x = divmod(int(cell.argmax()), cell.shape[1])
            if cell[y, x] >= WORTH * best:
                at_x, at_y = float(column[0] + x), float(row[0] + y)
                chosen.append((float(cell[y, x]), Patch(left + scale * at_x, top + scale * at_y, half)))
    return [patch for _, patch in sorted(chosen, key=lambda each: -each[0])[:MOST]]


def _texture(clip: Clip, luma: Luma, view: tuple[float, float, float], half: int) -> Matrix:
    """For each corner between pixels (y, x), the texture of the square of side 2 half around it."""
    columns, lines = np.arange(0.5, clip.width), np.arange(0.5, clip.height)
    seen = window(luma, view, columns, lines, gaussian(SMOOTHING), GAUSS_REACH * SMOOTHING)
    dx: Matrix = np.gradient(seen, axis=1)
    dy: Matrix = np.gradient(seen, axis=0)
    xx, yy, xy = (_box_sum(product, half) for product in (dx * dx, dy * dy, dx * dy))
    return 0.5 * (xx + yy - np.sqrt((xx - yy) ** 2 + 4 * xy**2))


def _box_sum(values: Matrix, half: int) -> Matrix:
    """Sums over [y - half, y + half) x [x - half, x + half); zero where that leaves the picture."""
    total = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    side = 2 * half
    sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    out = np.zeros_like(values)
    out[half : half + sums.shape[0], half : half + sums.shape[1]] = sums
    return out
