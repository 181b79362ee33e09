"""Frames for the tests: cheap to make, different from one another, and telling which one they are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.core.frames import YuvFrame
from engine.media import Mp4Options, Mp4Writer

CREATED = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


def moving_gradient(width: int, height: int, count: int) -> Iterator[YuvFrame]:
    """A soft wave that travels; no two neighbours are equal."""
    columns, rows = np.arange(width), np.arange(height)[:, None]
    for number in range(count):
        frame = YuvFrame.empty(width, height)
        frame.y[:] = 126 + 90 * np.sin((columns + 3 * number) / 40) * np.cos((rows - number) / 30)
        frame.u[:] = 110 + 20 * np.sin((columns[::2] + number) / 50)
        frame.v[:] = 140 + 20 * np.cos((rows[::2] - number) / 50)
        yield frame


def noise(width: int, height: int, count: int) -> Iterator[YuvFrame]:
    """The dearest pictures there are: nothing can be predicted."""
    random = np.random.default_rng(5)
    for _ in range(count):
        yield YuvFrame(
            random.integers(16, 236, (height, width), np.uint8),
            random.integers(16, 241, (height // 2, width // 2), np.uint8),
            random.integers(16, 241, (height // 2, width // 2), np.uint8),
        )


def numbered(width: int, height: int, number: int) -> YuvFrame:
    """A flat picture whose luma tells its number, 0..63, through any compression."""
    return YuvFrame(
        np.full((height, width), 32 + 3 * number, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
    )


def number_of(frame: YuvFrame) -> int:
    """The number of a decoded :func:`numbered` picture."""
    return round((float(frame.y.mean()) - 32) / 3)


def write_mp4(path: Path, options: Mp4Options, frames: Iterator[YuvFrame]) -> Path:
    with Mp4Writer(path, options) as writer:
        for frame in frames:
            writer.write(frame)
    return path
