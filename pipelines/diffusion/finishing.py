"""From few small pictures to a clip of the canvas's size and rate, a few pictures in memory at a time.

Models are asked by one thread, in the order of the clip; what needs none is done by several beside it and beside the
encoder. What the clip shows again is not made again: its frames lie in a nameless file in the clip's folder meanwhile.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from engine.core.frames import RgbImage, YuvFrame
from engine.media import Mp4Options
from engine.media.mp4_writer import Mp4Writer
from engine.media.presets import Preset
from models.interpolation.interface import Interpolator
from models.super_resolution.interface import Upscaler
from pipelines.diffusion.framing import Place, put_back
from pipelines.diffusion.length import Course, Places
from pipelines.diffusion.repeats import Repeats, what_is_shown
from pipelines.diffusion.yuv import fill

KEPT = Preset("generated", x264_preset="veryfast", crf=12, references=1, nvenc_preset="p4", nvenc_cq=15)
"""How a finished clip is kept: it will be sampled, perhaps zoomed into, and encoded once more."""

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Creation time of every clip: the same pictures are the same bytes, as a rule, and one blob of a service."""

THREADS = 4
"""Of x264, whatever the machine: its bits depend on their number."""

AT_ONCE = 8
"""Pictures between the same two that are asked for together."""

AHEAD = 8
"""Frames that are made before the encoder takes them: threads have work, and memory stays flat."""

WORKERS = 4
"""Threads that make frames, at most; each holds two or three pictures of the clip's size."""

NEAR = 1e-3
"""Of a picture: nearer than that to one that was generated, that one is shown."""


@dataclass(frozen=True, slots=True)
class Finish:
    """How generated pictures become a clip.

    Attributes:
        size: width and height of the clip.
        rate: pictures a second.
        duration: seconds.
        interpolator, upscaler: see there.
        place: where the pictures stand in a photo that does not move around them; None where they fill the clip.
    """

    size: tuple[int, int]
    rate: Fraction
    duration: Fraction
    interpolator: Interpolator
    upscaler: Upscaler
    place: Place | None = None

    @property
    def frames(self) -> int:
        """Pictures of the clip."""
        return max(1, ceil(self.duration * self.rate))


def write_clip(pictures: Sequence[RgbImage], course: Course, finish: Finish, target: Path) -> Iterator[int]:
    """Write the clip; yields how many of its pictures are done, after each one.

    Args:
        pictures: of the model, all of the chain's, (H, W, 3) uint8; looked at by several threads.
        course: which of them is on screen when.
        finish: see there.
        target: an MP4, written when all is done; an iterator that is closed before leaves none. The same arguments
            give the same frames, whatever the number of threads; the same bytes too, but for clips of high bit rates
            (over 20 Mbit/s), where x264 came out in one of a few ways: why is not known.

    Raises:
        EncodeError, OutputError: it cannot be written.
    """
    width, height = finish.size
    options = Mp4Options(width, height, finish.rate, KEPT, creation_time=UNDATED, threads=THREADS)
    shown = what_is_shown(course, finish.rate, finish.frames)
    with (
        Mp4Writer(target, options, overwrite=True) as writer,
        Repeats(shown, finish.size, target.parent) as repeats,
        _Making(pictures, finish, writer) as making,
    ):
        waiting: deque[tuple[int, Future[YuvFrame] | None]] = deque()
        for run in _runs(shown, repeats.again):
            waiting.extend([(run.start, None)] if repeats.again[run.start] else making.begin(shown, run))
            while len(waiting) > AHEAD:
                yield _written(*waiting.popleft(), writer, repeats)
        while waiting:
            yield _written(*waiting.popleft(), writer, repeats)


def _written(number: int, made: "Future[YuvFrame] | None", writer: Mp4Writer, repeats: Repeats) -> int:
    if made is None:
        frame = writer.new_frame()
        repeats.recall(number, frame)
    else:
        frame = made.result()
        repeats.remember(number, frame)
    writer.write(frame)
    return number + 1


def _runs(shown: Sequence[Places], again: Sequence[bool]) -> Iterator[range]:
    """Frames that are made together: between the same pictures, and no more than :data:`AT_ONCE`; those that are shown
    again one by one.
    """
    begin = 0
    for end in range(1, len(shown) + 1):
        if (
            end == len(shown)
            or again[end]
            or again[begin]
            or end - begin == AT_ONCE
            or [int(place) for place, _ in shown[end]] != [int(place) for place, _ in shown[begin]]
        ):
            yield range(begin, end)
            begin = end


class _Making:
    """The threads; leaving it gives up what was not begun, and waits for the rest."""

    def __init__(self, pictures: Sequence[RgbImage], finish: Finish, writer: Mp4Writer) -> None:
        self._pictures = pictures
        self._finish = finish
        self._writer = writer
        workers = min(WORKERS, os.cpu_count() or 1)
        # Networks take one picture at a time: each more would need their working memory once more.
        self._apart = bool(getattr(finish.upscaler, "on_processor", False))
        between = workers if getattr(finish.interpolator, "on_processor", False) and self._apart else 1
        with ExitStack() as opened:
            self._models = opened.enter_context(ThreadPoolExecutor(between, "between"))
            self._rest = opened.enter_context(ThreadPoolExecutor(workers, "finish"))
            self._opened = opened.pop_all()

    def __enter__(self) -> "_Making":
        return self

    def __exit__(self, *error: object) -> None:
        self._models.shutdown(wait=False, cancel_futures=True)
        self._rest.shutdown(wait=False, cancel_futures=True)
        self._opened.close()

    def begin(self, shown: Sequence[Places], run: range) -> "list[tuple[int, Future[YuvFrame] | None]]":
        """Number of each frame of a run, and the frame that will be."""
        made = self._models.submit(self._between, [shown[number] for number in run])
        return [(number, self._rest.submit(self._frame, made, number - run.start)) for number in run]

    def _between(self, run: Sequence[Places]) -> list[RgbImage]:
        parts = []
        for each in range(len(run[0])):
            index = int(run[0][each][0])
            times = [places[each][0] - index for places in run]
            parts.append(list(_between(self._pictures, index, times, self._finish.interpolator)))
        pictures = [
            _mixed([(made, share) for made, (_, share) in zip(at_once, places, strict=True)])
            for *at_once, places in zip(*parts, run, strict=True)
        ]
        return pictures if self._apart else [_enlarged(picture, self._finish) for picture in pictures]

    def _frame(self, made: Future[list[RgbImage]], number: int) -> YuvFrame:
        picture = made.result()[number]
        frame = self._writer.new_frame()
        if self._apart:
            picture = _enlarged(picture, self._finish)
        fill(frame, picture if self._finish.place is None else put_back(self._finish.place, picture))
        return frame


def _enlarged(picture: RgbImage, finish: Finish) -> RgbImage:
    size = finish.size if finish.place is None else (finish.place.width, finish.place.height)
    return _sized(picture, size, finish.upscaler)


def _sized(picture: RgbImage, size: tuple[int, int], upscaler: Upscaler) -> RgbImage:
    import cv2

    width, height = picture.shape[1], picture.shape[0]
    if size == (width, height):
        return picture
    if size[0] >= width and size[1] >= height:
        return upscaler.enlarge(picture, size)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _between(
    pictures: Sequence[RgbImage], index: int, times: Sequence[float], interpolator: Interpolator
) -> Iterator[RgbImage]:
    first = pictures[index]
    second = pictures[min(index + 1, len(pictures) - 1)]
    open_times = [time for time in times if NEAR < time < 1 - NEAR]
    made = iter(interpolator.between(first, second, open_times) if open_times else [])
    for time in times:
        if time <= NEAR:
            yield first
        elif time >= 1 - NEAR:
            yield second
        else:
            yield next(made)


def _mixed(parts: Sequence[tuple[RgbImage, float]]) -> RgbImage:
    if len(parts) == 1:
        return parts[0][0]
    total = np.zeros(parts[0][0].shape, np.float32)
    for picture, share in parts:
        total += picture * np.float32(share)
    return np.rint(total).astype(np.uint8)
