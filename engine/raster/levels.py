"""A photo as the sampler wants it: planar Y'CbCr at the few sizes that a camera path needs.

A level holds ``ratio`` level pixels per full-size photo pixel; its pixel i is centred at photo position
(i + 0.5) / ratio. Chroma has half of that, centred on each 2 x 2 group of level pixels. Planes are stored column by
column (plane[x, y]) with a replicated border of PAD samples, uint16 in units of 1/256 code value: with whole code
values a slow gradient would move in steps of a level pixel, because its interpolated values round to their neighbours.

Which levels: for the closest view of the path a level has OVERSAMPLE level pixels per frame pixel. With fewer, the
images of the level's own grid would fall into the pass band of the per-frame kernel; with more, that kernel needs more
taps. As the camera pulls back a level serves until LEVEL_RATIO times that, then the next smaller one takes over.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, RgbImage
from engine.raster.color import ycbcr_matrix
from engine.raster.filters import prefilter_table
from engine.raster.kernels.planes import rgb_to_planes
from engine.raster.kernels.prefilter import LANES, resample_columns

OVERSAMPLE = 1.25
"""Level pixels per frame pixel at the closest view a level serves."""

LEVEL_RATIO = 1.2
"""Largest growth of the view that one level serves."""

PREFILTER_CUTOFF = 1.1
"""Where the once-per-photo filter cuts, in half cycles per *frame* pixel at the closest view: above the frame's own
limit, so that the per-frame kernel alone shapes the sharpness, below the level's, so that nothing folds."""

UNITS = 256
"""What a code value counts in a level."""

CASCADE = 8.0
"""A level may be made from one that is so many times finer, which costs next to nothing: what that one's filter did to
its own finest details is gone at an eighth of its size. Only layers that grow from a point have levels so far apart."""

PAD = 16
"""Replicated border in samples: more than half of the longest kernel."""


LevelPlane = NDArray[np.uint16]
"""A plane of a level."""

AxisTable = tuple[NDArray[np.uint64], NDArray[np.float32]]
"""First tap and weights of each output sample along one axis."""


@dataclass(frozen=True, slots=True)
class Level:
    """One size of a photo.

    Attributes:
        ratio: level pixels per full-size photo pixel.
        y: (W + 2 PAD, H + 2 PAD) uint16, column by column.
        u, v: (ceil(W/2) + 2 PAD, ceil(H/2) + 2 PAD) uint16, likewise.
    """

    ratio: float
    y: LevelPlane
    u: LevelPlane
    v: LevelPlane


def level_ratios(scale_min: float, scale_max: float) -> list[float]:
    """The ratios of the levels for a path, finest first.

    Args:
        scale_min, scale_max: photo pixels per frame pixel at the closest and at the widest view.
    """
    finest = min(1.0, OVERSAMPLE / scale_min)
    # A native level of a small photo may begin below OVERSAMPLE; what counts is how far the widest view exceeds it.
    growth = scale_max * finest / OVERSAMPLE
    count = max(1, ceil(log(growth) / log(LEVEL_RATIO) - 1e-9)) if growth > 1 else 1
    return [finest / LEVEL_RATIO**i for i in range(count)]


def choose_level(levels: list[Level], scale: float) -> Level:
    """The smallest level that still has OVERSAMPLE level pixels per frame pixel at this scale; else the finest."""
    fitting = [level for level in levels if scale * level.ratio >= OVERSAMPLE * (1 - 1e-9)]
    return fitting[-1] if fitting else levels[0]


@dataclass(frozen=True, slots=True)
class PhotoPlanes:
    """A photo as Y'CbCr, as large as it was decoded.

    Attributes:
        size: full size (width, height) in pixels: what views and ratios count in.
        decoded: decoded pixels per full-size pixel, along x and y: a decoder that reduces rounds sizes up.
        level: the planes.
    """

    size: tuple[int, int]
    decoded: tuple[float, float]
    level: Level


def build_levels(photo: PhotoPlanes, ratios: list[float], threads: int = 2) -> list[Level]:
    """Make the levels of a photo.

    Args:
        photo: from :func:`photo_planes`.
        ratios: level pixels per full-size pixel, each at most 1.
        threads: how many threads share the work.
    """
    levels: list[Level] = []
    for ratio in ratios:
        finer = [level for level in levels if level.ratio >= CASCADE * ratio]
        if photo.decoded == (ratio, ratio):
            # A hair of difference between the axes is corrected by resampling; no difference is not touched.
            levels.append(photo.level)
        elif finer:
            source = min(finer, key=lambda level: level.ratio)
            levels.append(_shrunk_level(PhotoPlanes(photo.size, (source.ratio,) * 2, source), ratio, threads))
        else:
            levels.append(_shrunk_level(photo, ratio, threads))
    return levels


def _run(threads: int, jobs: Iterator[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def _padded(width: int, height: int) -> LevelPlane:
    return np.empty((width + 2 * PAD, height + 2 * PAD), np.uint16)


def _replicate_border(plane: LevelPlane) -> None:
    inner = slice(PAD, -PAD)
    plane[inner, :PAD] = plane[inner, PAD : PAD + 1]
    plane[inner, -PAD:] = plane[inner, -PAD - 1 : -PAD]
    plane[:PAD] = plane[PAD]
    plane[-PAD:] = plane[-PAD - 1]


def photo_planes(pixels: RgbImage, size: tuple[int, int], threads: int = 2) -> PhotoPlanes:
    """Convert a photo to Y'CbCr.

    Args:
        pixels: (H, W, 3) uint8 sRGB, possibly decoded at reduced size.
        size: full size (width, height) in pixels.
        threads: how many threads share the work.
    """
    height, width = pixels.shape[:2]
    y = _padded(width, height)
    u = _padded((width + 1) // 2, (height + 1) // 2)
    v = _padded((width + 1) // 2, (height + 1) // 2)
    matrix = (UNITS * ycbcr_matrix()).astype(np.float32)
    band = 2 * ceil(height / (2 * threads))

    def convert(top: int) -> Callable[[], None]:
        return lambda: rgb_to_planes(pixels, matrix, y, u, v, PAD, top, min(top + band, height))

    _run(threads, (convert(top) for top in range(0, height, band)))
    for plane in (y, u, v):
        _replicate_border(plane)
    decoded = (width / size[0], height / size[1])
    return PhotoPlanes(size, decoded, Level(decoded[0], y, u, v))


def alpha_planes(alpha: Plane, size: tuple[int, int]) -> PhotoPlanes:
    """An alpha plane, (H, W) uint8, as a photo whose luma it is; its chroma planes are empty and cannot be sampled.

    Args:
        alpha: possibly decoded at reduced size.
        size: full size (width, height) in pixels.
    """
    height, width = alpha.shape
    y = _padded(width, height)
    y[PAD:-PAD, PAD:-PAD] = alpha.T.astype(np.uint16) * UNITS
    _replicate_border(y)
    empty = np.empty((0, 0), np.uint16)
    decoded = (width / size[0], height / size[1])
    return PhotoPlanes(size, decoded, Level(decoded[0], y, empty, empty))


def _shrunk_level(photo: PhotoPlanes, ratio: float, threads: int) -> Level:
    """Resample the decoded planes to ``ratio`` level pixels per photo pixel."""

    def table(source: LevelPlane, axis: int, chroma: int) -> AxisTable:
        count = ceil(ceil(photo.size[axis] * ratio - 1e-6) / chroma)
        step = photo.decoded[axis] / ratio  # decoded samples per level sample, the same for luma and chroma
        stretch = max(1.0, step * OVERSAMPLE / PREFILTER_CUTOFF)
        first, weights = prefilter_table(0.5 * step + PAD, step, count, stretch)
        return taps_inside(first, weights, source.shape[axis])

    planes = [
        _shrink_plane(source, table(source, 0, chroma), table(source, 1, chroma), threads) if source.size else source
        for source, chroma in ((photo.level.y, 1), (photo.level.u, 2), (photo.level.v, 2))
    ]
    return Level(ratio, *planes)


def _shrink_plane(source: LevelPlane, table_x: AxisTable, table_y: AxisTable, threads: int) -> LevelPlane:
    out = _padded(len(table_x[0]), len(table_y[0]))
    blocks = ceil(len(table_x[0]) / LANES)
    share = ceil(blocks / threads)

    def shrink(begin: int) -> Callable[[], None]:
        return lambda: resample_columns(source, *table_x, *table_y, out, PAD, begin, min(begin + share, blocks))

    _run(threads, (shrink(begin) for begin in range(0, blocks, share)))
    _replicate_border(out)
    return out


def taps_inside(first: NDArray[np.int64], weights: NDArray[np.float32], size: int) -> AxisTable:
    """Move taps that fall outside the padded plane onto its edge samples, which hold what replication would give."""
    taps = min(weights.shape[1], size)
    start = np.clip(first, 0, size - taps)
    if taps == weights.shape[1] and np.array_equal(start, first):
        return start.astype(np.uint64), weights
    moved = np.zeros((len(first), taps), np.float32)
    samples = np.clip(first[:, None] + np.arange(weights.shape[1]), 0, size - 1)
    np.add.at(moved, (np.arange(len(first))[:, None], samples - start[:, None]), weights)
    return start.astype(np.uint64), moved
