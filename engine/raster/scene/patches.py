"""Completion of a hole by patches like those around it, from coarse to fine.

Wexler, Shechtman & Irani, "Space-Time Completion of Video", PAMI 2007: the hole is painted so that every patch of it is
like some patch of the surroundings; patches are matched, and vote for the pixels they cover, in turn. Matching is
PatchMatch (Barnes et al., SIGGRAPH 2009). The fourth channel is how busy the surroundings of a pixel are, which keeps a
smooth first guess from being matched with smooth places only (Newson et al., "Video Inpainting of Complex Scenes",
2014). A source pays for being used more than once (Kaspar et al., "Self Tuning Texture Optimization", 2015), against
repeated stamps.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.patch_match import REACH, SIDE, count_uses, search, vote

RUNS = 4
"""Runs that every pass is cut into, whatever the number of threads."""

PENALTY = 0.15
"""Share of its cost that a source pays for each use beyond the first."""

FAR = 3.0
"""Reaches from a spot to a source at which a source costs twice as much as beside the spot."""

FADE = 2.0
"""How much less a patch is trusted with every pixel into the hole."""

DEEPEST = 60.0
"""Pixels at which trust no longer fades."""


@dataclass(frozen=True, slots=True)
class Level:
    """One size of the picture, and what is to be matched and painted there.

    Attributes:
        picture: (h, w, 4) float32: R', G', B' and busyness, all 0..255.
        spots: pixel numbers about which patches are matched.
        pixels: pixel numbers to paint: all that these patches cover and that are not known.
        numbers: (h * w,) which spot a pixel is, or -1.
        allowed: (h * w,) uint8, 1 where the middle of a source may be.
        sources: pixel numbers of those.
        weight: (h, w, 4) float32 how far to believe a pixel: 1 what is known, ever less the farther from that.
        faith: (n,) the sum of a patch's weights.
    """

    picture: NDArray[np.float32]
    spots: NDArray[np.int32]
    pixels: NDArray[np.int32]
    numbers: NDArray[np.int32]
    allowed: NDArray[np.uint8]
    sources: NDArray[np.int32]
    weight: NDArray[np.float32]
    faith: NDArray[np.float32]

    @property
    def width(self) -> int:
        """Pixels in a row."""
        return int(self.picture.shape[1])


def make_level(
    picture: NDArray[np.float32], known: NDArray[np.bool_], sound: NDArray[np.bool_], wanted: NDArray[np.bool_]
) -> Level:
    """Prepare one size of the picture.

    Args:
        picture: (h, w, 4) float32.
        known: (h, w) what is not to be painted.
        sound: (h, w) pixels that sources may consist of, a part of the known.
        wanted: (h, w) what is to be painted, no part of the known.
    """
    box = np.ones((SIDE, SIDE), np.uint8)
    inner = np.zeros(known.shape, np.uint8)
    inner[REACH:-REACH, REACH:-REACH] = 1
    at_spot: NDArray[np.uint8] = np.asarray(cv2.dilate(wanted.view(np.uint8), box), np.uint8) & inner
    covered = cv2.dilate(at_spot, box)
    allowed = np.asarray(cv2.erode(sound.view(np.uint8), box), np.uint8) & inner
    spots = np.flatnonzero(at_spot).astype(np.int32)
    numbers = np.full(known.size, -1, np.int32)
    numbers[spots] = np.arange(len(spots), dtype=np.int32)
    depth = cv2.distanceTransform((~known).view(np.uint8), cv2.DIST_L2, 3)
    weight = np.asarray(FADE ** -np.minimum(depth, DEEPEST), np.float32)
    return Level(
        picture=picture,
        spots=spots,
        pixels=np.flatnonzero((covered > 0) & ~known).astype(np.int32),
        numbers=numbers,
        allowed=allowed.reshape(-1),
        sources=np.flatnonzero(allowed).astype(np.int32),
        weight=np.stack([weight] * 4, 2),
        faith=np.asarray(cv2.boxFilter(weight, -1, (SIDE, SIDE), normalize=False), np.float32).reshape(-1)[spots],
    )


def nearest_sources(level: Level) -> NDArray[np.int32]:
    """Of each spot, the nearest pixel that may be a source. There must be one."""
    shape = level.picture.shape[:2]
    _, labels = cv2.distanceTransformWithLabels(
        1 - level.allowed.reshape(shape), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    labels = np.asarray(labels, np.int32).reshape(-1)
    place = np.zeros(int(labels.max()) + 1, np.int32)
    place[labels[level.sources]] = level.sources
    nearest: NDArray[np.int32] = place[labels[level.spots]]
    return nearest


def finer_sources(coarse: Level, found: NDArray[np.int32], fine: Level) -> NDArray[np.int32]:
    """Carry sources over to a picture of twice the size."""
    y, x = np.divmod(fine.spots, fine.width)
    height = coarse.picture.shape[0]
    spot = coarse.numbers[np.minimum(y >> 1, height - 1) * coarse.width + np.minimum(x >> 1, coarse.width - 1)]
    sy, sx = np.divmod(found[np.maximum(spot, 0)], coarse.width)
    source = (2 * sy + (y & 1)) * fine.width + 2 * sx + (x & 1)
    lost = (spot < 0) | (fine.allowed[source] == 0)
    if lost.any():
        source[lost] = nearest_sources(fine)[lost]
    return np.asarray(source, np.int32)


def gaussian_window(sigma: float) -> NDArray[np.float32]:
    """Weights (SIDE * SIDE,) by the place in a patch; ``sigma`` in pixels."""
    line = np.exp(-0.5 * (np.arange(-REACH, REACH + 1) / sigma) ** 2)
    window = np.outer(line, line)
    window[window < 0.01] = 0
    return window.reshape(-1).astype(np.float32)


class Matcher:
    """Matches and paints one level.

    Attributes:
        found: (n,) int32 the source of each spot.
    """

    def __init__(self, level: Level, found: NDArray[np.int32], reach: float, threads: int) -> None:
        self.found = found
        self._level = level
        self._threads = threads
        self._far = 1 / (FAR * max(reach, REACH)) ** 2
        self._cost = np.ones(len(found), np.float32)
        self._passes = 0

    def search(self, radius: int) -> None:
        """One pass: better sources, where neighbours or chance know some; ``radius`` in pixels."""
        level, before = self._level, self.found.copy()
        uses = np.empty(level.numbers.shape, np.int32)
        count_uses(before, uses)
        self._passes += 1

        def run(first: int, last: int) -> None:
            search(
                level.picture.reshape(-1),
                level.weight.reshape(-1),
                level.width,
                level.spots,
                level.numbers,
                4 * SIDE,
                level.allowed,
                level.sources,
                before,
                uses,
                PENALTY,
                self._far,
                radius,
                self._passes % 2 == 0,
                self._passes,
                first,
                last,
                self.found,
                self._cost,
            )

        self._in_runs(run, len(level.spots))

    def paint(self, window: NDArray[np.float32]) -> None:
        """Patches vote for the pixels they cover."""
        level = self._level
        cost = self._cost / level.faith
        typical = float(np.percentile(cost, 75)) + 1
        trust = level.faith * np.exp(-0.5 * np.minimum(cost / typical, 40)).astype(np.float32)
        flat = level.picture.reshape(-1)

        def run(first: int, last: int) -> None:
            vote(flat, level.width, level.pixels, level.numbers, self.found, trust, window, first, last, flat)

        self._in_runs(run, len(level.pixels))

    def _in_runs(self, run: Callable[[int, int], None], count: int) -> None:
        bounds = [count * k // RUNS for k in range(RUNS + 1)]
        if self._threads <= 1:
            for first, last in pairwise(bounds):
                run(first, last)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(run, bounds[:-1], bounds[1:]))
