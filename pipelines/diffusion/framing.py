"""Which part of a photo a model gets, and how what it makes goes back to its place.

A model is good at the sizes that it was trained at, and photos have any shape. What the clip shows (*shown*) lies in
what the model gets (*made*) where that can be: it grows into the photo's own surroundings first, then by mirrored
padding that is cut off again. Where that would be too much padding, the model gets the part around the subject, and its
pictures are put back into the photo that stands still around them.

Rectangles are left, top, right, bottom in photo pixels; pixel (i, j) covers [i, i + 1] x [j, j + 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage
from engine.motion import Subject

Rect = tuple[float, float, float, float]

MOST_PADDED = 0.4
"""Share of what the model gets that may be padding: mirrored surroundings are pictures too, but none that anybody sees
move, and a model that sees little else invents there."""

FEATHER = 0.12
"""Width of the border over which moving pictures fade into the standing photo, as a share of their shorter side."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How a photo is given to a model.

    Attributes:
        shown: the part of the photo that the clip shows.
        made: what the model gets; it may reach beyond the photo.
        size: width and height of the model's pictures.
        put_back: whether ``made`` is a part of ``shown`` and the rest stands still; else ``shown`` is cut out of it.
    """

    shown: Rect
    made: Rect
    size: tuple[int, int]
    put_back: bool


def frame_photo(
    photo_size: tuple[int, int], ratio: float, sizes: Sequence[tuple[int, int]], subject: Subject
) -> Framing:
    """Choose the part of a photo that a model gets.

    Args:
        photo_size: width and height.
        ratio: width over height of what the clip shows.
        sizes: widths and heights that the model was trained at.
        subject: what the crop is held around.
    """
    photo = (0.0, 0.0, float(photo_size[0]), float(photo_size[1]))
    shown = _largest(photo, ratio, subject, photo_size)
    size = min(sizes, key=lambda each: abs(log(each[0] / each[1] / ratio)))
    trained = size[0] / size[1]
    made = _smallest_around(shown, trained, photo)
    if _padded(made, photo) <= MOST_PADDED:
        return Framing(shown, made, size, put_back=False)
    return Framing(shown, _largest(shown, trained, subject, photo_size), size, put_back=True)


def cut_out(pixels: RgbImage, photo_size: tuple[int, int], rect: Rect, size: tuple[int, int]) -> RgbImage:
    """A part of a photo, resampled; beyond the photo's borders it is mirrored.

    The rectangle is rounded to whole pixels of what was decoded, which is under a pixel of the result.

    Args:
        pixels: (H, W, 3) uint8, possibly reduced.
        photo_size: full width and height.
        rect: in photo pixels.
        size: width and height of the result.
    """
    import cv2

    height, width = pixels.shape[:2]
    scale_x, scale_y = width / photo_size[0], height / photo_size[1]
    left, right = round(rect[0] * scale_x), round(rect[2] * scale_x)
    top, bottom = round(rect[1] * scale_y), round(rect[3] * scale_y)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    columns = _mirrored(np.arange(left, right), width)
    rows = _mirrored(np.arange(top, bottom), height)
    part = pixels[rows[0] : rows[-1] + 1] if _runs(rows) else pixels[rows]
    part = part[:, columns[0] : columns[-1] + 1] if _runs(columns) else part[:, columns]
    shrinks = size[0] * size[1] < part.shape[0] * part.shape[1]
    part = np.ascontiguousarray(part)
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC), np.uint8)


def shown_in_made(framing: Framing) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the clip shows, in whole pixels of the model's pictures."""
    left, top, right, bottom = framing.made
    scale_x = framing.size[0] / (right - left)
    scale_y = framing.size[1] / (bottom - top)
    shown = framing.shown
    box = (
        max(0, round((shown[0] - left) * scale_x)),
        max(0, round((shown[1] - top) * scale_y)),
        min(framing.size[0], round((shown[2] - left) * scale_x)),
        min(framing.size[1], round((shown[3] - top) * scale_y)),
    )
    return (0, 0, *framing.size) if framing.put_back else box


@dataclass(frozen=True, slots=True)
class Place:
    """Where moving pictures stand in the picture that stands still around them.

    Attributes:
        still: (H, W, 3) uint8: what the clip shows of the photo.
        left, top, width, height: of the moving part, in its pixels.
        weight: (height, width, 1) float32: 1 where it moves, falling to 0 towards borders that lie inside.
    """

    still: RgbImage
    left: int
    top: int
    width: int
    height: int
    weight: NDArray[np.float32]


def place_for(framing: Framing, pixels: RgbImage, photo_size: tuple[int, int], size: tuple[int, int]) -> Place:
    """Prepare the still picture and the fade for a clip of this width and height."""
    still = cut_out(pixels, photo_size, framing.shown, size)
    shown, made = framing.shown, framing.made
    scale_x, scale_y = size[0] / (shown[2] - shown[0]), size[1] / (shown[3] - shown[1])
    left, top = round((made[0] - shown[0]) * scale_x), round((made[1] - shown[1]) * scale_y)
    right = min(size[0], round((made[2] - shown[0]) * scale_x))
    bottom = min(size[1], round((made[3] - shown[1]) * scale_y))
    width, height = right - left, bottom - top
    border = FEATHER * min(width, height)
    across = _rise(width, border, fades_in=left > 0, fades_out=right < size[0])
    down = _rise(height, border, fades_in=top > 0, fades_out=bottom < size[1])
    return Place(still, left, top, width, height, (down[:, None] * across[None, :])[..., None])


def put_back(place: Place, moving: RgbImage) -> RgbImage:
    """The whole picture, with (height, width, 3) uint8 of moving picture in its place."""
    whole = place.still.copy()
    part = whole[place.top : place.top + place.height, place.left : place.left + place.width]
    mixed = part + (moving.astype(np.float32) - part) * place.weight
    part[:] = np.rint(mixed)
    return whole


def _largest(outer: Rect, ratio: float, subject: Subject, photo_size: tuple[int, int]) -> Rect:
    """The largest rectangle of a shape inside another, as near to the subject as it can be."""
    width, height = outer[2] - outer[0], outer[3] - outer[1]
    wide, high = min(width, height * ratio), min(height, width / ratio)
    x = min(max(subject.x * photo_size[0], outer[0] + wide / 2), outer[2] - wide / 2)
    y = min(max(subject.y * photo_size[1], outer[1] + high / 2), outer[3] - high / 2)
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _smallest_around(inner: Rect, ratio: float, photo: Rect) -> Rect:
    """The smallest rectangle of a shape around another; it lies inside the photo as far as it can."""
    width, height = inner[2] - inner[0], inner[3] - inner[1]
    wide, high = max(width, height * ratio), max(height, width / ratio)
    left = _slid((inner[0] + inner[2] - wide) / 2, wide, photo[0], photo[2])
    top = _slid((inner[1] + inner[3] - high) / 2, high, photo[1], photo[3])
    return (left, top, left + wide, top + high)


def _slid(begin: float, length: float, low: float, high: float) -> float:
    if length >= high - low:
        return (low + high - length) / 2
    return min(max(begin, low), high - length)


def _padded(rect: Rect, photo: Rect) -> float:
    width = min(rect[2], photo[2]) - max(rect[0], photo[0])
    height = min(rect[3], photo[3]) - max(rect[1], photo[1])
    return 1 - width * height / ((rect[2] - rect[0]) * (rect[3] - rect[1]))


def _mirrored(index: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Indices beyond a border count back from it, the border's own pixel twice."""
    period = index % (2 * length)
    return np.where(period < length, period, 2 * length - 1 - period)


def _runs(index: NDArray[np.int64]) -> bool:
    return bool((np.diff(index) == 1).all())


def _rise(length: int, border: float, *, fades_in: bool, fades_out: bool) -> NDArray[np.float32]:
    """Weights along one side: smoothstep over the border at the ends that lie inside the picture."""
    centres = np.arange(length) + 0.5
    weight = np.ones(length)
    for fades, distance in ((fades_in, centres), (fades_out, length - centres)):
        if fades:
            share = np.clip(distance / max(border, 1.0), 0, 1)
            weight = weight * (share * share * (3 - 2 * share))
    return weight.astype(np.float32)
