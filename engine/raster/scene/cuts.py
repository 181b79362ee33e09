"""At which disparities a scene is cut into layers: where a moving camera would tear it most."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.scene.smooth import Field

MOST_LAYERS = 5

JUMP_PIXELS = 3.0
"""A step of disparity that moves its two sides apart by less than this many pixels of the frame is no edge."""

FRAME_WIDTH = 1920
"""Frame pixels across the photo that JUMP_PIXELS counts in: a scene serves every canvas."""

LEVELS = 256
"""Disparities that are tried as cuts."""

SPAN = 5
"""Samples across which a step is looked for: what is left of a silhouette's blur after it was snapped to the
picture."""

WHOLE_STEP = 0.9
"""Share of the largest step nearby that a sample must see."""

INNER = 0.25
"""How far inside a step, as a share of it, a cut must be to separate its two sides cleanly."""

LEAST_GAIN = 0.02
"""Share of all that is exposed that another layer must save."""

LEAST_EDGE = 24
"""Samples: less of an edge than this is a speck."""


def find_cuts(
    disparity: Field, reach: float, most: int = MOST_LAYERS, least_gain: float = LEAST_GAIN
) -> tuple[float, ...]:
    """Disparities between the layers, falling: the nearest layer is what is above the first.

    Every sample beside a step votes, with the step's size, for all disparities well inside it; the best cut is taken,
    its voters are served, and the rest vote again.

    Args:
        disparity: 0..1.
        reach: largest displacement of a point of disparity 1, in photo widths.
        most: layers at most, at least 1.
        least_gain: share of all that is exposed that another layer must save.
    """
    import cv2

    kernel = np.ones((SPAN, SPAN), np.uint8)
    high = np.asarray(cv2.dilate(disparity, kernel), np.float32)
    low = np.asarray(cv2.erode(disparity, kernel), np.float32)
    step = high - low
    least = JUMP_PIXELS / (FRAME_WIDTH * max(reach, 1e-6))
    # A slope has as much of a step everywhere; an edge has it here and not beside. At the map's border less of it is
    # seen, which says nothing.
    rim = SPAN // 2
    whole = np.full_like(step, np.inf)
    whole[rim:-rim, rim:-rim] = step[rim:-rim, rim:-rim]
    beside = cv2.erode(whole, np.ones((4 * SPAN + 1, 4 * SPAN + 1), np.uint8))
    # Beside the middle of a blurred edge only a part of its step is seen: that part is no edge of its own.
    largest = cv2.dilate(step, kernel)
    edge = (step > least) & (0.5 * step > beside) & (step >= WHOLE_STEP * largest)
    votes_low, votes_high = _inner(low[edge], high[edge])
    weight = step[edge].astype(np.float64)
    total = weight.sum()
    cuts: list[float] = []
    while len(cuts) < most - 1 and weight.size >= LEAST_EDGE:
        ballot = _count(votes_low, votes_high, weight)
        best = _middle_of_best(ballot)
        if ballot[best] < least_gain * total:
            break
        cut = (best + 0.5) / LEVELS
        cuts.append(cut)
        served = (votes_low <= best) & (votes_high >= best)
        votes_low, votes_high, weight = votes_low[~served], votes_high[~served], weight[~served]
    return tuple(sorted(cuts, reverse=True))


def _inner(low: Field, high: Field) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last level well inside each step."""
    size = high - low
    first = np.ceil((low + INNER * size) * LEVELS - 0.5).astype(np.int64)
    last = np.floor((high - INNER * size) * LEVELS - 0.5).astype(np.int64)
    first = np.clip(first, 0, LEVELS - 1)
    return first, np.clip(np.maximum(last, first), 0, LEVELS - 1)


def _count(low: NDArray[np.int64], high: NDArray[np.int64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    edges = np.zeros(LEVELS + 1)
    np.add.at(edges, low, weight)
    np.add.at(edges, high + 1, -weight)
    return np.cumsum(edges[:LEVELS])


def _middle_of_best(ballot: NDArray[np.float64]) -> int:
    """The middle of the first run of levels that have (nearly) the most votes: away from both sides."""
    near = np.flatnonzero(ballot >= 0.98 * ballot.max())
    breaks = np.flatnonzero(np.diff(near) > 1)
    run = near[: breaks[0] + 1] if breaks.size else near
    return int(run[len(run) // 2])
