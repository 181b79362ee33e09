"""What lies hidden behind a layer: paint a hole in a picture with what surrounds it.

As deep as the hole can ever be seen, texture is copied (``engine.raster.scene.patches``); deeper, the picture goes on
smoothly (``engine.raster.scene.push_pull``). In between, seams are evened out (``engine.raster.scene.seams``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.patch_match import SIDE
from engine.raster.kernels.push_pull import pull
from engine.raster.scene.patches import Level, Matcher, finer_sources, gaussian_window, make_level, nearest_sources
from engine.raster.scene.push_pull import around, spread
from engine.raster.scene.seams import even_out

MOST_SPOTS = 16_000
"""Patches to match in the largest picture in which sources are looked for everywhere: what a second allows."""

MOST_VISITS = 250_000
"""Matches of all rounds in one picture, where one round does not need more."""

COARSEST_REACH = 6.0
"""Samples of the visible part of a hole in the coarsest picture: what a patch can span."""

LEAST_SIDE = 24
"""Samples along the shorter side of the coarsest picture."""

LEAST_SOURCES = 150
"""In every picture but the largest."""

LEAST_SHARE = 0.05
"""Sources per spot in the largest picture: with fewer, copies would be stamps, and smooth is better."""

COARSE_ROUNDS, MIDDLE_ROUNDS = 10, 6
"""Of matching twice and painting, in the coarsest picture and in those up to MOST_SPOTS."""

FINE_RADIUS = 3
"""Pixels by which a source may still move in larger pictures."""

BUSY = 1.5
"""Weight of a pixel's busyness against its colours."""

SOFT, SHARP = 1.5, 0.8
"""Standard deviation in pixels of a patch's weights: while matching, and in the end, where grain must stay."""

MID_GREY = 128.0


def fill_picture(
    picture: NDArray[np.float32],
    hole: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
    *,
    reach: float,
    threads: int = 1,
) -> NDArray[np.float32]:
    """Paint a hole.

    The same whatever the number of threads. If nothing is allowed, what is near the hole serves instead.

    Args:
        picture: (H, W, 3) float32 R'G'B' 0..255; not read in the hole.
        hole: (H, W) True where to paint.
        allowed: (H, W) True where colours may be taken from; no part of the hole.
        reach: pixels from the border of the hole as far as it is ever seen; farther in it is only smooth.
        threads: that work at once.

    Returns:
        (H, W, 3) float32, unchanged outside the hole; inside within the range of the allowed colours.

    Raises:
        ValueError: the shapes do not fit, or colours are allowed from within the hole.
    """
    if picture.shape != (*hole.shape, 3) or allowed.shape != hole.shape:
        raise ValueError(f"a picture of {picture.shape}, a hole of {hole.shape} and {allowed.shape} do not fit")
    if (hole & allowed).any():
        raise ValueError("colours of the hole itself cannot be allowed")
    out = picture.copy()
    if not hole.any():
        return out
    if hole.all():
        out[:] = MID_GREY
        return out
    near = round(2 * reach) + 4 * SIDE
    window = around(hole, max(near, max(hole.shape) // 8))
    if not allowed[window].any():
        if allowed.any():
            window = (slice(0, hole.shape[0]), slice(0, hole.shape[1]))
        else:
            box = np.ones((2 * near + 1, 2 * near + 1), np.uint8)
            allowed = (cv2.dilate(hole.view(np.uint8), box) > 0) & ~hole
    part = np.ascontiguousarray(picture[window])
    inside, sound = np.ascontiguousarray(hole[window]), np.ascontiguousarray(allowed[window])
    painted = _paint(part, inside, sound, max(reach, 1.0), threads)
    for n in range(3):
        colours = part[..., n][sound]
        out[window][inside, n] = np.clip(painted[..., n][inside], colours.min(), colours.max())
    return out


def _paint(
    picture: NDArray[np.float32], hole: NDArray[np.bool_], sound: NDArray[np.bool_], reach: float, threads: int
) -> NDArray[np.float32]:
    depth = cv2.distanceTransform(hole.view(np.uint8), cv2.DIST_L2, 3)
    wanted = hole & (depth <= reach)
    levels = _levels(picture, sound, wanted, reach)
    planes = np.ascontiguousarray(np.moveaxis(picture, 2, 0))
    if not levels:
        return np.moveaxis(spread(planes, sound.astype(np.float32)), 0, 2)
    level, found = _match(levels, reach, threads)
    height, width = hole.shape
    rim = ((0, level.picture.shape[0] - height), (0, level.width - width))
    even_out(level, found, np.pad(sound, rim), np.pad(wanted, rim))
    textured = level.picture[:height, :width, :3]
    known = sound | wanted
    merged = np.where(sound[..., None], picture, textured)
    if (hole & ~wanted).any():
        deep = np.moveaxis(spread(np.moveaxis(merged, 2, 0), known.astype(np.float32)), 0, 2)
        merged = np.where(known[..., None], merged, deep)
    return merged


def _levels(
    picture: NDArray[np.float32], sound: NDArray[np.bool_], wanted: NDArray[np.bool_], reach: float
) -> list[Level]:
    """The picture in ever smaller sizes, as far as there are enough sources; empty if there are too few."""
    height, width = sound.shape
    if min(height, width) < SIDE:
        return []
    count = 0
    while reach / 2**count > COARSEST_REACH and min(height, width) / 2 ** (count + 1) >= LEAST_SIDE:
        count += 1
    rim = ((0, -height % (1 << count)), (0, -width % (1 << count)))
    planes = np.empty((4, height + rim[0][1], width + rim[1][1]), np.float32)
    padded = np.pad(sound, rim)
    for n in range(3):
        planes[n] = np.pad(np.where(sound, picture[..., n], 0), rim)
    planes[3] = _busyness(planes[:3], padded)
    weight, cover, need = padded.astype(np.float32), padded.astype(np.float32), np.pad(wanted, rim)
    levels: list[Level] = []
    for k in range(count + 1):
        if k:
            half = np.empty((4, planes.shape[1] // 2, planes.shape[2] // 2), np.float32)
            half_weight = np.empty(half.shape[1:], np.float32)
            pull(planes, weight, half, half_weight)
            cover = np.asarray(cv2.resize(cover, half.shape[:0:-1], interpolation=cv2.INTER_AREA), np.float32)
            need = np.asarray(need.reshape(half.shape[1], 2, half.shape[2], 2).any((1, 3)))
            planes, weight = half, half_weight
        known = cover >= 0.5
        level = make_level(np.stack(list(planes), 2), known, cover > 0.999, need & ~known)
        least = LEAST_SOURCES if k else max(LEAST_SHARE * len(level.spots), 1)
        if len(level.sources) < least or not len(level.spots):
            break
        levels.append(level)
    return levels


def _busyness(planes: NDArray[np.float32], sound: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Mean of the absolute differences of neighbours in brightness, among what may be copied."""
    grey = 0.3 * planes[0] + 0.6 * planes[1] + 0.1 * planes[2]
    busy = np.zeros_like(grey)
    busy[:, 1:] += np.abs(grey[:, 1:] - grey[:, :-1]) * (sound[:, 1:] & sound[:, :-1])
    busy[1:] += np.abs(grey[1:] - grey[:-1]) * (sound[1:] & sound[:-1])
    weight = cv2.blur(sound.astype(np.float32), (5, 5))
    return np.asarray(BUSY * cv2.blur(busy, (5, 5)) / np.maximum(weight, 1e-3), np.float32)


def _match(levels: list[Level], reach: float, threads: int) -> tuple[Level, NDArray[np.int32]]:
    """From the coarsest level to the finest, which is painted in the end."""
    soft, sharp = gaussian_window(SOFT), gaussian_window(SHARP)
    found = nearest_sources(levels[-1])
    for k in range(len(levels) - 1, -1, -1):
        level = levels[k]
        coarsest = k == len(levels) - 1
        wide = coarsest or len(level.spots) <= MOST_SPOTS
        if not coarsest:
            found = finer_sources(levels[k + 1], found, level)
        matcher = Matcher(level, found, reach / 2**k, threads)
        # The coarsest begins with the nearest of the surroundings: what lies behind the edge of an object is more like
        # what is seen beside that edge than like the mean of all that surrounds the object.
        matcher.paint(soft)
        rounds = COARSE_ROUNDS if coarsest else MIDDLE_ROUNDS if wide else 1
        rounds = max(min(rounds, MOST_VISITS // (2 * len(level.spots))), 1)
        for turn in range(rounds):
            for _ in range(2 if wide else 1):
                matcher.search(level.width if wide else FINE_RADIUS)
            last = turn == rounds - 1
            matcher.paint(sharp if last and k == 0 else soft)
        found = matcher.found
    return levels[0], found
