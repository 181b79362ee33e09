"""What stands behind a clip that does not fill its layer: one colour, or the clip itself, enlarged and blurred.

The look is that of :mod:`pipelines.kenburns.bars`; scaling R'G'B' towards black is scaling Y'CbCr towards black.
"""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.color import rgb_to_ycbcr
from pipelines.clip.enlarge import enlarge
from pipelines.kenburns.bars import BACKGROUND_BRIGHTNESS, BLUR_SIGMA

_WORKING_SIDE = 256  # pixels: what the blur leaves of a picture fits into so few
_NOISE = np.random.default_rng(0).random((64, 4096), np.float32)

NOTHING = (0, 0, 0, 0)
"""No hole."""


def fill_color(frame: YuvFrame, color: str) -> None:
    """Fill a frame with ``#rrggbb``."""
    y, u, v = rgb_to_ycbcr(*bytes.fromhex(color.removeprefix("#")))
    frame.y[:], frame.u[:], frame.v[:] = y, u, v


def fill_blurred(
    picture: YuvFrame,
    size: tuple[int, int],
    layer: tuple[int, int],
    lens: View,
    frame: YuvFrame,
    hole: tuple[int, int, int, int] = NOTHING,
) -> None:
    """Fill a frame with a picture that covers the layer, blurred and darkened.

    Args:
        picture: the clip's.
        size: its (width, height), odd numbers allowed.
        layer: (width, height).
        lens: what the frame shows of the layer.
        frame: filled.
        hole: left, top, right, bottom in pixels of the frame: what need not be filled.
    """
    import cv2

    cover = min(size[0] / layer[0], size[1] / layer[1])
    crop = layer[0] * cover, layer[1] * cover
    left, top = (size[0] - crop[0]) / 2, (size[1] - crop[1]) / 2
    shrink = _WORKING_SIDE / max(layer)
    small = max(2, round(layer[0] * shrink)), max(2, round(layer[1] * shrink))
    planes = ((picture.y, frame.y, 1, 16.0), (picture.u, frame.u, 2, 128.0), (picture.v, frame.v, 2, 128.0))
    for source, out, factor, black in planes:
        x0, x1 = int(left / factor), max(int((left + crop[0]) / factor), int(left / factor) + 1)
        y0, y1 = int(top / factor), max(int((top + crop[1]) / factor), int(top / factor) + 1)
        part = np.ascontiguousarray(source[y0:y1, x0:x1])
        tiny = cv2.resize(part, small, interpolation=cv2.INTER_AREA).astype(np.float32)
        sigma = BLUR_SIGMA * _WORKING_SIDE
        blurred = cv2.GaussianBlur(tiny, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        dark = np.asarray(black + BACKGROUND_BRIGHTNESS * (blurred - black), np.float32)
        part_hole = (-(-hole[0] // factor), -(-hole[1] // factor), hole[2] // factor, hole[3] // factor)
        enlarge(dark, _matrix(small, layer, lens, frame, factor), _NOISE, out, part_hole)


def _matrix(
    small: tuple[int, int], layer: tuple[int, int], lens: View, frame: YuvFrame, factor: int
) -> NDArray[np.float64]:
    """(2, 3): from samples of a frame's plane to samples of the small picture of the layer, centres at whole numbers.

    Sample (i, j) of a chroma plane is taken to lie at luma (2i + 1, 2j + 1): a blur has no finer places.
    """
    turn_x, turn_y = np.cos(lens.angle) * lens.scale * factor, np.sin(lens.angle) * lens.scale * factor
    middle = np.array([0.5 - frame.width / 2 / factor, 0.5 - frame.height / 2 / factor])
    matrix = np.array([[turn_x, -turn_y, 0.0], [turn_y, turn_x, 0.0]])
    matrix[:, 2] = matrix[:, :2] @ middle + (lens.x, lens.y)
    matrix *= np.array([[small[0] / layer[0]], [small[1] / layer[1]]])
    matrix[:, 2] -= 0.5
    return matrix
