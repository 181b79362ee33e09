"""A card as a source of frames: the same at all times, painted anew for each lens.

A gradient is that of ``linear-gradient()`` in CSS Images 3: linear in R'G'B' codes, hence in Y'CbCr, along a line of
|w sin a| + |h cos a| pixels through the middle. It is dithered with triangular noise of one code value, fixed to the
frame, so that no steps are seen.
"""

from fractions import Fraction
from functools import lru_cache
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.raster.color import ycbcr_matrix
from engine.timeline.cards import Card


class CardSource:
    """Frames of one card. Any frame can be made on its own, from any thread.

    Args:
        card: what is painted.
        frame_size: (width, height) of the layer.

    Attributes:
        notes: none.
        has_alpha: never.
        extent: the whole layer.
    """

    notes: tuple[str, ...] = ()
    has_alpha = False

    def __init__(self, card: Card, frame_size: tuple[int, int]) -> None:
        width, height = frame_size
        self.extent = (0.0, 0.0, float(width), float(height))
        self._ends = tuple(_ycbcr(color) for color in card.colors)
        angle = radians(card.angle)
        length = abs(width * sin(angle)) + abs(height * cos(angle))
        # Share of the way from the first colour to the second: 0.5 in the middle of the layer.
        self._along = sin(angle) / length, -cos(angle) / length
        self._middle = width / 2, height / 2
        self._painted: tuple[tuple[View, int, int], YuvFrame] | None = None

    def close(self) -> None:
        """Nothing to close."""

    def render(self, time: Fraction, lens: View, frame: YuvFrame, alpha: Plane | None = None) -> None:
        """Fill a frame with what a lens shows of the card; beyond the layer the colours of its edge go on.

        Args:
            time: any.
            lens: in layer pixels.
            frame: any even size.
            alpha: filled with 255 if given.
        """
        if alpha is not None:
            alpha[:] = 255
        planes = (frame.y, frame.u, frame.v)
        if len(self._ends) == 1:
            for plane, value in zip(planes, self._ends[0], strict=True):
                plane[:] = round(float(value))
            return
        key = (lens, frame.width, frame.height)
        painted = self._painted
        if painted is None or painted[0] != key:
            made = YuvFrame.empty(frame.width, frame.height)
            self._paint(lens, made)
            painted = self._painted = (key, made)
        for plane, value in zip(planes, (painted[1].y, painted[1].u, painted[1].v), strict=True):
            plane[:] = value

    def _paint(self, lens: View, frame: YuvFrame) -> None:
        for channel, plane in enumerate((frame.y, frame.u, frame.v)):
            # Centres: luma pixel (i, j) at (i + 0.5, j + 0.5), chroma sample (i, j) at (2i + 0.5, 2j + 1).
            factor, down = (1, 0.5) if channel == 0 else (2, 1.0)
            x = factor * np.arange(plane.shape[1]) + 0.5 - frame.width / 2
            y = factor * np.arange(plane.shape[0]) + down - frame.height / 2
            turn_x, turn_y = cos(lens.angle) * lens.scale, sin(lens.angle) * lens.scale
            along_x, along_y = self._along
            start = 0.5 + (lens.x - self._middle[0]) * along_x + (lens.y - self._middle[1]) * along_y
            share_x = start + x * (turn_x * along_x + turn_y * along_y)
            share_y = y * (turn_x * along_y - turn_y * along_x)
            share = np.clip(share_x[None, :] + share_y[:, None], 0, 1).astype(np.float32)
            first, last = float(self._ends[0][channel]), float(self._ends[1][channel])
            plane[:] = np.clip(first + (last - first) * share + _noise(*plane.shape) + 0.5, 0, 255)


@lru_cache(maxsize=4)
def _noise(height: int, width: int) -> NDArray[np.float32]:
    """Triangular noise of +-1 code value, the same every time."""
    random = np.random.default_rng(0)
    return random.random((height, width), np.float32) - random.random((height, width), np.float32)


def _ycbcr(color: str) -> NDArray[np.float64]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return np.asarray(ycbcr_matrix() @ np.array([red, green, blue, 1.0]))


def open_card(card: Card, frame_size: tuple[int, int]) -> CardSource:
    """A card for layers of a size.

    Args:
        card: from :func:`engine.timeline.cards.parse_card`.
        frame_size: (width, height), even.
    """
    return CardSource(card, frame_size)
