"""Pictures between pictures by optical flow, without weights: what runs where RIFE is not.

Motion comes from DIS flow, both ways (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016). Each
direction proposes a motion for every pixel of the picture in between, and both pictures are fetched along it by
backward lookup. What the two fetched pictures agree on is mixed by time; where they do not, the place is hidden in one
of them, and it is taken from the picture that the motion was measured in. Of the two proposals the one that holds
better wins, softly.

A pixel (x, y) is centred at its integer position; a motion (u, v) from the first picture says that what is at (x, y)
there is at (x + u, y + v) in the second. The result depends on the pictures only, not on the number of threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.interpolation.pairs import check_pair, picture_itself

NAME = "flow-dis-1"

AGREES = 8.0
"""Code values: two fetched pictures that differ by this much still agree about half; noise and the flow's errors make
less.
"""

MISSES = 2.0
"""Pixels: a motion that leads to a pixel with a motion this different belongs to another thing."""

BEST = 4.0
"""How sharply the better of two proposals wins, per unit of mismatch."""

NEIGHBOURHOOD = 2.0
"""Pixels, deviation of the Gaussian that mismatches are averaged over."""

ROUNDS = 5
"""Steps of the fixed-point search for the motion at a place in between."""

SMALLEST = 16
"""Pixels: below this the flow has nothing to look at, and pictures are enlarged for it by repeating their borders."""

Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Proposal:
    """One direction's idea of the picture in between.

    Attributes:
        picture: (H, W, 3) float32.
        mismatch: (H, W) float32, 0 where it holds.
    """

    picture: Field
    mismatch: Field


class FlowInterpolator:
    """An :class:`models.interpolation.interface.Interpolator`; any number of threads may use it at a time."""

    on_processor = True
    """Needs no working memory of a device: several threads may use it at a time to be faster."""

    @property
    def name(self) -> str:
        """See :class:`models.interpolation.interface.Interpolator`."""
        return NAME

    def between(
        self, first: NDArray[np.uint8], second: NDArray[np.uint8], times: Sequence[float]
    ) -> list[NDArray[np.uint8]]:
        """See :meth:`models.interpolation.interface.Interpolator.between`.

        Raises:
            ValueError: the two are no pictures of one shape, or a time is outside 0..1.
        """
        check_pair(first, second, times)
        if all(time in (0, 1) for time in times):
            return [first.copy() if time == 0 else second.copy() for time in times]
        forward, backward = both_ways(first, second)
        pictures = (first.astype(np.float32), second.astype(np.float32))
        made = []
        for time in times:
            itself = picture_itself(first, second, time)
            made.append(_between(pictures, forward, backward, float(time)) if itself is None else itself)
        return made


def both_ways(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[Field, Field]:
    """Motion from the first picture (H, W, 3) to the second, and from the second to the first: (H, W, 2), x and y in
    pixels.
    """
    import cv2

    grey = [np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) for picture in (first, second)]
    return motion(grey[0], grey[1]), motion(grey[1], grey[0])


def motion(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Field:
    """Motion from one grey picture (H, W) to another: (H, W, 2) float32, x and y in pixels."""
    import cv2

    height, width = first.shape
    below, right = max(SMALLEST - height, 0), max(SMALLEST - width, 0)
    if below or right:
        first, second = (np.pad(picture, ((0, below), (0, right)), mode="edge") for picture in (first, second))
    library: Any = cv2  # its stubs lack the flow
    flow = library.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(flow.calc(first, second, None)[:height, :width], np.float32)


def fetched(picture: NDArray[np.float32], field: Field) -> NDArray[np.float32]:
    """A picture or a field (H, W, C) looked up at each pixel's place plus a motion (H, W, 2).

    Bilinear between pixel centres, to 1/32 of a pixel; outside, the nearest pixel of the border.
    """
    import cv2

    height, width = field.shape[:2]
    x = field[..., 0] + np.arange(width, dtype=np.float32)
    y = field[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _between(pictures: tuple[Field, Field], forward: Field, backward: Field, time: float) -> NDArray[np.uint8]:
    ahead = _proposal(pictures[0], pictures[1], forward, time)
    back = _proposal(pictures[1], pictures[0], backward, 1 - time)
    # At each end the picture there is whole, and the other's motion has only holes to add.
    better = np.clip(BEST * (back.mismatch - ahead.mismatch) + np.log((1 - time) / time), -30, 30)
    share = (1 / (1 + np.exp(-better)))[..., None]
    return np.asarray(np.rint(ahead.picture * share + back.picture * (1 - share)).clip(0, 255), np.uint8)


def _proposal(near: Field, far: Field, field: Field, time: float) -> _Proposal:
    """The picture at a time after ``near``, by the motion that was measured there.

    Args:
        near: (H, W, 3), at time 0.
        far: the same at time 1.
        field: (H, W, 2), motion from near to far.
        time: between 0 and 1.
    """
    import cv2

    here, missed = _motion_at(field, time)
    kept, other = fetched(near, -time * here), fetched(far, (1 - time) * here)
    apart = cv2.GaussianBlur(np.abs(kept - other).mean(2), (0, 0), NEIGHBOURHOOD) / AGREES
    apart = apart + 100 * _outside((1 - time) * here)
    agreed = (np.exp2(-(apart**2)) * time)[..., None]
    lost = cv2.GaussianBlur(missed, (0, 0), NEIGHBOURHOOD) / MISSES + 100 * _outside(-time * here)
    return _Proposal(kept * (1 - agreed) + other * agreed, np.asarray(np.minimum(apart, 3) + lost, np.float32))


def _motion_at(field: Field, time: float) -> tuple[Field, Field]:
    """The motion of what has arrived at each place by a time, and by how many pixels the search for it failed."""
    here = field
    for _ in range(ROUNDS):
        before, here = here, fetched(field, -time * here)
    return here, np.asarray(np.linalg.norm(here - before, axis=2), np.float32)


def _outside(field: Field) -> Field:
    """1 where a motion leads out of the picture by more than a pixel, else 0."""
    height, width = field.shape[:2]
    x = field[..., 0] + np.arange(width, dtype=np.float32)
    y = field[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray((x < -1) | (x > width) | (y < -1) | (y > height), np.float32)
