"""Holds an interpolator to what its two pictures allow: no flicker of brightness, and nothing made across a cut.

Brightness flicker is the known fault of made pictures: one in between that is a little darker than both neighbours is
seen at once in a clip. The mean luma of each is held to the line between its neighbours', and where a pair has no
motion that explains it, nothing is made of it: a cut stays a cut, and nonsense gives way to a blend.

Whether a picture follows from another is measured by the correlation of the details of the one with the other's, moved
along the flow between them: it does not mind changes of brightness, which SVD's clips have.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.interpolation.flow import fetched, motion
from models.interpolation.interface import Interpolator
from models.interpolation.pairs import blend, check_pair

NAME = "luma-gate-1"

LUMA_TOLERANCE = 0.5
"""Code values by which mean luma may leave the line between the neighbours'.

Bright things that enter or leave a moving view bend the line: on six photographs that move 3 to 40 pixels of 448
between two pictures, the true middle leaves it by 0.04 in the median and 0.4 at most. Flicker is seen from about one.
"""

GREATEST_GAIN = 1.12
"""What brings luma back multiplies by this at most; what needs more is no flicker, but a picture that failed."""

LOOK_SIDE = 256
"""Pixels of the longer side that pairs are compared at."""

FAILED_SIMILARITY = 0.65
"""A made picture that resembles one of its neighbours less than this was not made from their motion.

Six photographs at 256 pixels: true middle pictures, and those that RIFE makes, have 0.81 and more, up to moves of a
fifth of the width; what is made across 15 cuts has 0.51 and less, and what DIS flow makes of a move beyond its reach
0.56.
"""

PLAIN_SIMILARITY = 0.8
"""A made picture that resembles both neighbours that much along a straight and even motion between them needs no
motion of its own to be measured: along that it resembles them more yet.
"""

CUT_SIMILARITY = 0.3
CUT_DIFFERENCE = 32.0
"""Two pictures between which making failed are the sides of a cut below such a similarity and above such a difference.

Measured in the same way: cuts have 0.26 and less, and 37 code values and more; a move of a fifth of the width 0.3 and
more, and 32 at most.
"""

_DETAIL = 4.0  # pixels, deviation of the window of the correlation
_FLAT = 20.0  # code values squared: variances far below are noise, and count as alike
_LUMA = np.array((0.2126, 0.7152, 0.0722))  # BT.709, on code values

Field = NDArray[np.float32]
Plane = NDArray[np.uint8]


class Gated:
    """An :class:`models.interpolation.interface.Interpolator` behind the gate."""

    def __init__(self, inner: Interpolator) -> None:
        self._inner = inner
        self.on_processor = bool(getattr(inner, "on_processor", False))

    @property
    def name(self) -> str:
        """See :class:`models.interpolation.interface.Interpolator`."""
        return f"{self._inner.name}+{NAME}"

    def between(
        self, first: NDArray[np.uint8], second: NDArray[np.uint8], times: Sequence[float]
    ) -> list[NDArray[np.uint8]]:
        """See :meth:`models.interpolation.interface.Interpolator.between`.

        A pair is judged as a whole: where one of its pictures failed, all of them are blends, or, at a cut, the nearer
        of the two.
        """
        check_pair(first, second, times)
        if all(time in (0, 1) for time in times):
            return [first.copy() if time == 0 else second.copy() for time in times]
        ends = look(first), look(second)
        moves = motion(*ends), motion(*ends[::-1])
        luma = mean_luma(first), mean_luma(second)
        made: list[NDArray[np.uint8]] = []
        for time, picture in zip(times, self._inner.between(first, second, times), strict=True):
            held = picture if time in (0, 1) else _held(picture, luma[0] * (1 - time) + luma[1] * time)
            if held is None or (time not in (0, 1) and not _follows(held, ends, moves, time)):
                return _without_motion(first, second, times, ends)
            made.append(held)
        return made


def gated(interpolator: Interpolator) -> Interpolator:
    """An interpolator whose pictures keep the brightness of their neighbours, and that makes nothing across a cut."""
    return Gated(interpolator)


def mean_luma(rgb: NDArray[np.uint8]) -> float:
    """Mean of BT.709 luma over a picture (H, W, 3), in code values."""
    import cv2

    return float(np.array(cv2.mean(rgb)[:3]) @ _LUMA)


def look(rgb: NDArray[np.uint8]) -> Plane:
    """A picture (H, W, 3) as it is compared: grey, no longer than ``LOOK_SIDE``."""
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = LOOK_SIDE / max(height, width)
    if scale >= 1:
        return np.asarray(grey, np.uint8)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def resemblance(first: Plane, second: Plane) -> tuple[float, float]:
    """How well two grey pictures (H, W) explain one another, the worse way round.

    Returns:
        Correlation of details along the flow between them, -1 to 1; and what differs along it, in code values, apart
        from a change of brightness of the whole.
    """
    ways = [_explained(first, second), _explained(second, first)]
    return min(way[0] for way in ways), max(way[1] for way in ways)


def _explained(one: Plane, other: Plane) -> tuple[float, float]:
    here = one.astype(np.float32)
    there = fetched(other.astype(np.float32), motion(one, other))
    difference = here - there
    return _correlation(here, there), float(np.abs(difference - difference.mean()).mean())


def _correlation(here: Field, there: Field) -> float:
    """Of details of two grey pictures (H, W), -1 to 1."""
    import cv2

    def local(plane: Field) -> Field:
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), _DETAIL), np.float32)

    mean_here, mean_there = local(here), local(there)
    together = local(here * there) - mean_here * mean_there
    apart = local(here**2 + there**2) - mean_here**2 - mean_there**2
    return float(((2 * together + _FLAT) / (apart + _FLAT)).mean())


def _follows(made: NDArray[np.uint8], ends: tuple[Plane, Plane], moves: tuple[Field, Field], time: float) -> bool:
    seen = look(made)
    between = seen.astype(np.float32)
    shares = (time, 1 - time)
    plain = (
        _correlation(end.astype(np.float32), fetched(between, np.float32(share) * move))
        for end, move, share in zip(ends, moves, shares, strict=True)
    )
    if all(similarity >= PLAIN_SIMILARITY for similarity in plain):
        return True
    return min(resemblance(ends[0], seen)[0], resemblance(seen, ends[1])[0]) >= FAILED_SIMILARITY


def _without_motion(
    first: NDArray[np.uint8], second: NDArray[np.uint8], times: Sequence[float], ends: tuple[Plane, Plane]
) -> list[NDArray[np.uint8]]:
    similarity, difference = resemblance(*ends)
    if similarity < CUT_SIMILARITY and difference > CUT_DIFFERENCE:
        return [(first if time < 0.5 else second).copy() for time in times]
    return [blend(first, second, time) for time in times]


def _held(made: NDArray[np.uint8], line: float) -> NDArray[np.uint8] | None:
    """A picture with its mean luma within the tolerance of the line; None where that takes more than the greatest
    gain.
    """
    reached = mean_luma(made)
    if abs(reached - line) <= LUMA_TOLERANCE:
        return made
    # A gain about -1 rather than 0, so that black needs no division.
    wanted = line + float(np.clip(reached - line, -LUMA_TOLERANCE, LUMA_TOLERANCE))
    gain = 1.0
    for _ in range(3):  # what clips at white is made up for
        gain *= (wanted + 1) / (reached + 1)
        if not 1 / GREATEST_GAIN <= gain <= GREATEST_GAIN:
            return None
        levels = np.rint((np.arange(256) + 1) * gain - 1).clip(0, 255).astype(np.uint8)
        held = np.asarray(levels[made], np.uint8)
        reached = mean_luma(held)
    return held
