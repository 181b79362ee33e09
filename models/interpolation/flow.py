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

NAME = "flow-dis-2"

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

REDUCED = 2
"""By which motion and its mismatches are looked at smaller than the pictures: DIS flow knows no finer ones."""

Field = NDArray[np.float32]
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Proposal:
    """One direction's idea of the picture in between.

    Attributes:
        picture: (H, W, 3) uint8.
        mismatch: (h, w) float32, reduced; 0 where it holds.
    """

    picture: Picture
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
        made = []
        for time in times:
            itself = picture_itself(first, second, time)
            made.append(_between(first, second, forward, backward, float(time)) if itself is None else itself)
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


def fetched(picture: NDArray[Any], field: Field) -> NDArray[Any]:
    """A picture or a field (H, W, C) looked up at each pixel's place plus a motion (H, W, 2).

    Bilinear between pixel centres, to 1/32 of a pixel; outside, the nearest pixel of the border.
    """
    import cv2

    height, width = field.shape[:2]
    x = field[..., 0] + np.arange(width, dtype=np.float32)
    y = field[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _between(first: Picture, second: Picture, forward: Field, backward: Field, time: float) -> Picture:
    ahead = _proposal(first, second, forward, time)
    back = _proposal(second, first, backward, 1 - time)
    # At each end the picture there is whole, and the other's motion has only holes to add.
    better = np.clip(BEST * (back.mismatch - ahead.mismatch) + np.log((1 - time) / time), -30, 30)
    return _mixed(back.picture, ahead.picture, 1 / (1 + np.exp(-better)))


def _proposal(near: Picture, far: Picture, field: Field, time: float) -> _Proposal:
    """The picture at a time after ``near``, by the motion that was measured there.

    Args:
        near: (H, W, 3), at time 0.
        far: the same at time 1.
        field: (H, W, 2), motion from near to far.
        time: between 0 and 1.
    """
    import cv2

    height, width = field.shape[:2]
    small = (max(1, width // REDUCED), max(1, height // REDUCED))
    pixel = (width / small[0], height / small[1])
    here, missed = _motion_at(_resized(field, small), time, pixel)
    whole: Field = _resized(here, (width, height))
    kept = np.asarray(fetched(near, np.float32(-time) * whole), np.uint8)
    other = np.asarray(fetched(far, np.float32(1 - time) * whole), np.uint8)
    difference = _resized(np.asarray(cv2.absdiff(kept, other)), small).astype(np.float32)
    mean = cv2.transform(difference, np.full((1, 3), 1 / 3, np.float32))
    near_by = NEIGHBOURHOOD / REDUCED
    apart = cv2.GaussianBlur(mean, (0, 0), near_by) / AGREES
    apart = apart + 100 * _outside((1 - time) * here, pixel)
    agreed = np.exp2(-(apart**2)) * time
    lost = cv2.GaussianBlur(missed, (0, 0), near_by) / MISSES + 100 * _outside(-time * here, pixel)
    return _Proposal(_mixed(kept, other, agreed), np.asarray(np.minimum(apart, 3) + lost, np.float32))


def _mixed(first: Picture, second: Picture, share: Field) -> Picture:
    """Two pictures (H, W, 3), with a share of the second that is given (h, w) at any size."""
    import cv2

    library: Any = cv2  # its stubs lack this
    whole = _resized(np.asarray(share, np.float32), (first.shape[1], first.shape[0]))
    return np.asarray(library.blendLinear(first, second, 1 - whole, whole), np.uint8)


def _resized(values: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    import cv2

    smaller = size[0] < values.shape[1]
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR))


def _motion_at(field: Field, time: float, pixel: tuple[float, float]) -> tuple[Field, Field]:
    """The motion of what has arrived at each place by a time, and by how many pixels the search for it failed.

    Args:
        field: (h, w, 2), reduced; motion in pixels of the picture.
        time: between 0 and 1.
        pixel: size of the field's pixel, in pixels of the picture.
    """
    here = field
    step = np.array([-time / pixel[0], -time / pixel[1]], np.float32)
    for _ in range(ROUNDS):
        before, here = here, np.asarray(fetched(field, step * here), np.float32)
    missed = here - before
    return here, np.hypot(missed[..., 0], missed[..., 1])


def _outside(field: Field, pixel: tuple[float, float]) -> Field:
    """1 where a motion leads out of the picture by more than a pixel, else 0; arguments as in :func:`_motion_at`."""
    height, width = field.shape[:2]
    x = field[..., 0] + (np.arange(width, dtype=np.float32) + np.float32(0.5)) * np.float32(pixel[0])
    y = field[..., 1] + (np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5)) * np.float32(pixel[1])
    right, below = width * pixel[0] + 0.5, height * pixel[1] + 0.5
    return np.asarray((x < -0.5) | (x > right) | (y < -0.5) | (y > below), np.float32)
