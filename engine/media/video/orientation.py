"""How stored pictures are turned upright: the display matrix of ISO/IEC 14496-12, as eight cases."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

AnyPlane = NDArray[Any]
"""One plane, shape (H, W)."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """What must be done to the stored picture: transpose first, then mirror.

    Attributes:
        transpose: rows and columns change places.
        flip_x: mirrored left to right (after the transposition).
        flip_y: mirrored top to bottom (likewise).
    """

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False


UPRIGHT = Orientation()


def orientation_of(matrix: bytes) -> Orientation:
    """Read a display matrix: nine 32-bit integers [a b u; c d v; x y w], (p, q) -> (a p + c q, b p + d q).

    Angles between the quarter turns take the nearest; a matrix that turns nothing into nothing is ignored.
    """
    if len(matrix) < 36:
        return UPRIGHT
    a, b, _, c, d = struct.unpack("=9i", matrix[:36])[:5]
    if a == b == c == d == 0:
        return UPRIGHT
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(transpose=True, flip_x=c < 0, flip_y=b < 0)
    return Orientation(flip_x=a < 0, flip_y=d < 0)


def turn(plane: AnyPlane, orientation: Orientation) -> AnyPlane:
    """A plane turned upright, contiguous; the plane itself where nothing is to be done."""
    import cv2

    if orientation.transpose:
        plane = cv2.transpose(plane)
    if orientation.flip_x and orientation.flip_y:
        plane = cv2.flip(plane, -1)
    elif orientation.flip_x:
        plane = cv2.flip(plane, 1)
    elif orientation.flip_y:
        plane = cv2.flip(plane, 0)
    return np.ascontiguousarray(plane)
