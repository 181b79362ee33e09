"""What the guess looks at: a small picture in opponent colours, and how rough it is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.guided import Map
from engine.depth.resize import resized

LONG_SIDE_PX = 640
"""Longest side, in pixels, at which depth is guessed."""

_OPPONENTS = np.array([[0.2126, 0.7152, 0.0722], [1, -1, 0], [0.5, 0.5, -1]], np.float32)
"""Rows: light, red minus green, yellow minus blue."""


@dataclass(frozen=True, slots=True)
class Look:
    """A photo, reduced.

    Attributes:
        colour: shape (h, w, 3), float32, of sRGB codes 0..1: light (BT.709 luma, 0..1), red minus green, yellow minus
            blue (both -1..1). Not CIE Lab: OpenCV's first conversion builds tables for 0.15 s.
        rough: shape (h, w), float32, >= 0: mean change of light a pixel in a small neighbourhood.
        subject: shape (h, w), float32 0..1: the matte of the subject; zeros where there is none.
    """

    colour: NDArray[np.float32]
    rough: Map
    subject: Map

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w)."""
        height, width = self.rough.shape
        return height, width


def reduced_size(width: int, height: int, long_side: int = LONG_SIDE_PX) -> tuple[int, int]:
    """(w, h) with a long side of at most ``long_side``, neither side below 1."""
    factor = min(1.0, long_side / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def odd(length: float) -> int:
    """An odd kernel width near a length in pixels, at least 3."""
    return max(3, 2 * round((length - 1) / 2) + 1)


def look_at(rgb: NDArray[np.uint8], mask: NDArray[np.float32] | None) -> Look:
    """Reduce a photo and its mask.

    Args:
        rgb: shape (H, W, 3), uint8, sRGB.
        mask: shape (H', W') of any size, 0..1, or None. What is not a number counts as 0.
    """
    size = reduced_size(rgb.shape[1], rgb.shape[0])
    colour = np.asarray(cv2.transform(resized(rgb, size), _OPPONENTS / np.float32(255)), np.float32)
    light = cv2.GaussianBlur(colour[..., 0], (3, 3), 0)
    slope = np.abs(cv2.Scharr(light, cv2.CV_32F, 1, 0)) + np.abs(cv2.Scharr(light, cv2.CV_32F, 0, 1))
    rough = np.asarray(cv2.blur(slope / 32, (odd(max(size) / 90),) * 2), np.float32)
    if mask is None or mask.size == 0:
        subject = np.zeros(rough.shape, np.float32)
    else:
        clean = np.clip(np.nan_to_num(np.asarray(mask, np.float32), nan=0.0, posinf=1.0, neginf=0.0), 0, 1)
        subject = resized(clean, size)
    return Look(colour, rough, subject)


def step(value: float, start: float, end: float) -> float:
    """0 up to ``start``, 1 from ``end`` on, smooth between (a cubic Hermite)."""
    t = min(1.0, max(0.0, (value - start) / (end - start)))
    return t * t * (3 - 2 * t)
