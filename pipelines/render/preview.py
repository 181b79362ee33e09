"""Looking at a draft without rendering it: one frame, a filmstrip, a small version of the whole."""

import io
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from engine.core.errors import OptionError
from engine.core.frames import RgbImage, YuvFrame
from engine.media.pending_file import PendingFile, output_error
from engine.media.video.rgb import to_rgb
from engine.timeline import Canvas, Draft
from pipelines.render.generating import made_clips, orders_of, with_files
from pipelines.render.gop_renderer import GopRenderer
from pipelines.render.options import RenderOptions, usable_cores
from pipelines.render.scene import Scene, prepare

PREVIEW_SIDE = 360
"""Pixels on the short side of a small draft."""

STRIP_SIDE = 180
"""Pixels on the short side of each frame of a filmstrip."""

MAX_STRIP_FRAMES = 100
STRIP_COLUMNS = 5
STRIP_GAP = 4
"""Pixels between the frames of a filmstrip."""

JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Picture:
    """A preview.

    Attributes:
        pixels: (H, W, 3) uint8 sRGB.
        notes: sentences for the user.
    """

    pixels: RgbImage
    notes: tuple[str, ...]


def frame_at(draft: Draft, options: RenderOptions, time: Fraction) -> Picture:
    """The frame that is on screen at a time, exactly as it would be rendered.

    Args:
        draft: what to look at.
        options: as for rendering.
        time: seconds on the timeline.

    Raises:
        OptionError: the draft is not that long.
        MultiplaneError: see :func:`pipelines.render.render_draft`.
    """
    scene = prepare(draft, options.base)
    number = int(time * draft.frame_rate)
    if not 0 <= number < scene.frames:
        raise OptionError(
            f"There is no frame at {float(time):g} s: the draft lasts {float(scene.draft.duration):g} s, "
            f"its last frame is at {float(scene.time(scene.frames - 1)):.3f} s."
        )
    pixels, notes = _paint(scene, options, [number])
    return Picture(pixels[0], notes)


def filmstrip(draft: Draft, options: RenderOptions, count: int) -> Picture:
    """Frames from the middles of equal parts of the whole, small, row by row in one picture.

    Args:
        draft: what to look at.
        options: as for rendering.
        count: of frames, 1 .. :data:`MAX_STRIP_FRAMES`.

    Raises:
        OptionError: the count is out of range.
        MultiplaneError: see :func:`pipelines.render.render_draft`.
    """
    if not 1 <= count <= MAX_STRIP_FRAMES:
        raise OptionError(f"A filmstrip of {count} frames is not possible: give 1 to {MAX_STRIP_FRAMES}.")
    scene = prepare(small_draft(draft, STRIP_SIDE), options.base)
    numbers = [int((index + Fraction(1, 2)) * scene.frames / count) for index in range(count)]
    frames, notes = _paint(scene, replace(options, small_of=draft.canvas), numbers)
    height, width = frames[0].shape[:2]
    columns = min(count, STRIP_COLUMNS)
    rows = ceil(count / columns)
    sheet = np.zeros((rows * (height + STRIP_GAP) - STRIP_GAP, columns * (width + STRIP_GAP) - STRIP_GAP, 3), np.uint8)
    for index, frame in enumerate(frames):
        top, left = index // columns * (height + STRIP_GAP), index % columns * (width + STRIP_GAP)
        sheet[top : top + height, left : left + width] = frame
    return Picture(sheet, notes)


def small_draft(draft: Draft, side: int = PREVIEW_SIDE) -> Draft:
    """The draft on a canvas with this many pixels on its short side; everything on it counts in shares and follows."""
    width, height = draft.canvas.width, draft.canvas.height
    share = min(1.0, side / min(width, height))
    return replace(draft, canvas=Canvas(*(max(16, 2 * round(length * share / 2)) for length in (width, height))))


def save_picture(pixels: RgbImage, target: Path, *, overwrite: bool) -> None:
    """Write a picture as PNG or JPEG, by the suffix of its name; it appears complete or not at all.

    Raises:
        OutputError: the file cannot be written, or is there and may not be replaced.
    """
    from PIL import Image

    data = io.BytesIO()
    jpeg = target.suffix.lower() in (".jpg", ".jpeg")
    Image.fromarray(pixels).save(data, "JPEG" if jpeg else "PNG", quality=JPEG_QUALITY)
    with PendingFile(target, overwrite=overwrite) as file:
        try:
            file.path.write_bytes(data.getvalue())
        except OSError as error:
            raise output_error(target, error) from error


def _paint(scene: Scene, options: RenderOptions, numbers: list[int]) -> tuple[list[RgbImage], tuple[str, ...]]:
    times = [scene.time(number) for number in numbers]
    shown = [shot for shot in scene.shots if any(shot.start <= time < shot.end for time in times)]
    with made_clips(orders_of(scene, options), shown, options, lambda _: None) as made:
        return _painted(scene, with_files(options, made), numbers)


def _painted(scene: Scene, options: RenderOptions, numbers: list[int]) -> tuple[list[RgbImage], tuple[str, ...]]:
    renderer = GopRenderer(scene, options, usable_cores())
    try:
        pictures = []
        for number in numbers:
            frame = YuvFrame.empty(*scene.size)
            renderer.painter.paint(number, frame)
            pictures.append(to_rgb(frame))
        return pictures, renderer.notes
    finally:
        renderer.close()
