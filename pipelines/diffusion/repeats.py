"""What a clip shows more than once: which frames they are, and the file that holds them until they are shown again."""

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

import numpy as np

from engine.core.frames import YuvFrame
from pipelines.diffusion.length import BLEND, Course, Places

MOST_KEPT = 2 * 2**30
"""Bytes of disk that frames may take until they are shown again; those beyond are made again. 690 frames of 1080p."""

DECIMALS = 6
"""Of a place: closer than that two places are the same one."""

WHOLE = 1e-6
"""Frames by which a loop's period may differ from a whole number of them."""


def what_is_shown(course: Course, rate: Fraction, frames: int) -> list[Places]:
    """Places of each frame of a clip.

    The way there and back takes a whole number of frames, for which its speed changes by half a frame at most: so the
    way back shows the pictures of the way there, and a loop's rounds those of the first.
    """
    period = _period(course)
    if period is None:
        return [_rounded(course.at(float(number / rate))) for number in range(frames)]
    whole = max(round(period * rate), 1)
    if not course.turns and abs(period * rate - whole) > WHOLE:
        return [_rounded(course.at(float(number / rate))) for number in range(frames)]
    return [
        _rounded(course.at(period * _folded(number, whole, mirrored=course.turns) / whole)) for number in range(frames)
    ]


class Repeats:
    """Frames that are shown again, in a file without a name; where the disk has no room for it, there are none.

    Args:
        shown: places of each frame.
        size: width and height of the frames.
        folder: on whose disk the file lies.

    Attributes:
        again: for each frame, whether an earlier one that was remembered shows the same.
    """

    def __init__(self, shown: Sequence[Places], size: tuple[int, int], folder: Path) -> None:
        self._size = size
        self._bytes = size[0] * size[1] * 3 // 2
        places: dict[Places, list[int]] = {}
        for number, each in enumerate(shown):
            places.setdefault(each, []).append(number)
        repeated = [numbers for numbers in places.values() if len(numbers) > 1][: MOST_KEPT // self._bytes]
        self._file = TemporaryFile(dir=folder) if repeated else None  # noqa: SIM115  closed on leaving
        if self._file is not None:
            try:
                os.posix_fallocate(self._file.fileno(), 0, len(repeated) * self._bytes)
            except OSError:
                repeated = []
        self._slots = {number: slot for slot, numbers in enumerate(repeated) for number in numbers}
        later = {number for numbers in repeated for number in numbers[1:]}
        self.again = [number in later for number in range(len(shown))]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    def remember(self, number: int, frame: YuvFrame) -> None:
        """Keep a frame if it is shown again."""
        if self._file is None or number not in self._slots:
            return
        self._file.seek(self._slots[number] * self._bytes)
        for plane in (frame.y, frame.u, frame.v):
            self._file.write(np.ascontiguousarray(plane).data)

    def recall(self, number: int, frame: YuvFrame) -> None:
        """Write a frame that was shown before into another."""
        assert self._file is not None
        self._file.seek(self._slots[number] * self._bytes)
        for plane in (frame.y, frame.u, frame.v):
            plane[:] = np.frombuffer(self._file.read(plane.size), np.uint8).reshape(plane.shape)


def _period(course: Course) -> float | None:
    """Seconds after which a course repeats itself; None where it does not."""
    if course.way == "loop":
        return course.seconds - min(BLEND, course.seconds / 3)
    return 2 * course.seconds if course.turns else None


def _folded(number: int, period: int, *, mirrored: bool) -> int:
    """An earlier frame that shows the same."""
    if not mirrored:
        return number % period
    # The first way there begins at full speed, later ones from a turn: these mirror the way back.
    if 2 * number <= period:
        return number
    number %= period
    return period - number if 0 < 2 * number < period else (number or period)


def _rounded(places: Places) -> Places:
    return tuple((round(place, DECIMALS), share) for place, share in places)
