"""Frames for the tests: cheap to make, different from one another, and telling which one they are."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.frames import YuvFrame
from engine.media import Mp4Options, Mp4Writer
from engine.media.encoders import gop_frames
from engine.media.gop_encoder import GopEncoder
from engine.media.mp4_muxer import Mp4Muxer
from engine.media.packets import EncodedGop

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


def encode_gops(options: Mp4Options, frames: Iterable[YuvFrame]) -> Iterator[EncodedGop]:
    """The groups of a video, all from one encoder object; the last one may be shorter."""
    encoder = GopEncoder(options)
    frames = iter(frames)
    while group := list(islice(frames, gop_frames(options.frame_rate))):
        for frame in group:
            encoder.encode(frame)
        yield encoder.finish()


def mux_mp4(path: Path, options: Mp4Options, frames: Iterator[YuvFrame], **more: Any) -> Path:
    """Like :func:`write_mp4`, by way of groups that are encoded apart."""
    with Mp4Muxer(path, options, **more) as muxer:
        for gop in encode_gops(options, frames):
            muxer.write(gop)
    return path


def write_mp4(path: Path, options: Mp4Options, frames: Iterator[YuvFrame]) -> Path:
    """Frames in, file out, through one encoder."""
    with Mp4Writer(path, options) as writer:
        for frame in frames:
            writer.write(frame)
    return path


BOTH_WAYS = {"writer": write_mp4, "muxer": mux_mp4}
"""The two ways from frames to a file, which must keep the same promises."""
