"""From few small pictures to a clip of the canvas's size and rate, a few pictures in memory at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import groupby
from math import ceil
from pathlib import Path

import numpy as np

from engine.core.frames import RgbImage, YuvFrame
from engine.media import Mp4Options
from engine.media.mp4_writer import Mp4Writer
from engine.media.presets import Preset
from engine.media.video.convert import convert_rgba
from models.interpolation.interface import Interpolator
from models.super_resolution.interface import Upscaler
from pipelines.diffusion.framing import Place, put_back
from pipelines.diffusion.length import Course

KEPT = Preset("generated", x264_preset="veryfast", crf=12, references=1, nvenc_preset="p4", nvenc_cq=15)
"""How a finished clip is kept: it will be sampled, perhaps zoomed into, and encoded once more."""

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Creation time of every clip: the same pictures are the same bytes, and one blob of a service."""

THREADS = 4
"""Of x264, whatever the machine: its bits depend on their number."""

AT_ONCE = 8
"""Pictures between the same two that are asked for together."""

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
        pictures: of the model, all of the chain's, (H, W, 3) uint8.
        course: which of them is on screen when.
        finish: see there.
        target: an MP4, written when all is done; an iterator that is closed before leaves none.

    Raises:
        EncodeError, OutputError: it cannot be written.
    """
    width, height = finish.size
    options = Mp4Options(width, height, finish.rate, KEPT, creation_time=UNDATED, threads=THREADS)
    with Mp4Writer(target, options, overwrite=True) as writer:
        for number, picture in enumerate(_on_screen(pictures, course, finish)):
            frame = writer.new_frame()
            _fill(frame, _enlarged(picture, finish))
            writer.write(frame)
            yield number + 1


def _enlarged(picture: RgbImage, finish: Finish) -> RgbImage:
    if finish.place is None:
        return _sized(picture, finish.size, finish.upscaler)
    part = _sized(picture, (finish.place.width, finish.place.height), finish.upscaler)
    return put_back(finish.place, part)


def _sized(picture: RgbImage, size: tuple[int, int], upscaler: Upscaler) -> RgbImage:
    import cv2

    width, height = picture.shape[1], picture.shape[0]
    if size == (width, height):
        return picture
    if size[0] >= width and size[1] >= height:
        return upscaler.enlarge(picture, size)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _on_screen(pictures: Sequence[RgbImage], course: Course, finish: Finish) -> Iterator[RgbImage]:
    moments = [course.at(float(number / finish.rate)) for number in range(finish.frames)]
    # Runs that lie between the same two pictures are made together.
    for pair, run in groupby(moments, lambda places: int(places[0][0]) if len(places) == 1 else None):
        group = list(run)
        if pair is None:
            for places in group:
                yield _mixed([(_single(pictures, place, finish.interpolator), share) for place, share in places])
            continue
        for begin in range(0, len(group), AT_ONCE):
            times = [places[0][0] - pair for places in group[begin : begin + AT_ONCE]]
            yield from _between(pictures, pair, times, finish.interpolator)


def _single(pictures: Sequence[RgbImage], place: float, interpolator: Interpolator) -> RgbImage:
    index = int(place)
    return next(_between(pictures, index, [place - index], interpolator))


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
    total = np.zeros(parts[0][0].shape, np.float32)
    for picture, share in parts:
        total += picture * np.float32(share)
    return np.rint(total).astype(np.uint8)


def _fill(frame: YuvFrame, rgb: RgbImage) -> None:
    opaque = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    opaque[..., :3] = rgb
    made = convert_rgba(opaque).frame
    frame.y[:], frame.u[:], frame.v[:] = made.y, made.u, made.v
