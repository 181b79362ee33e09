"""Pictures with pixels that are not square, stretched so that they are (the sample aspect ratio of H.273)."""

from fractions import Fraction

import numpy as np

from engine.core.frames import Plane, YuvFrame
from engine.media.video.picture import VideoPicture

MAX_ASPECT = 16
"""A sample aspect ratio beyond this, or its inverse, is damage and ignored."""


def square_size(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """The size with square pixels; the side that is too short grows, so that nothing is lost.

    Args:
        width, height: stored pixels, upright.
        aspect: width over height of a pixel; None or 0 is unknown, and square.
    """
    if not aspect or not Fraction(1, MAX_ASPECT) <= aspect <= MAX_ASPECT:
        return width, height
    if aspect > 1:
        return max(1, round(width * aspect)), height
    return width, max(1, round(height / aspect))


def to_square(picture: VideoPicture, stored: tuple[int, ...], size: tuple[int, int]) -> VideoPicture:
    """Stretch a picture.

    Args:
        picture: of the stored size, rounded up to even numbers.
        stored: (height, width) without that rounding.
        size: (width, height) wanted, odd numbers allowed.
    """
    if size == (stored[1], stored[0]):
        return picture
    across, down = size[0] / stored[1], size[1] / stored[0]
    width, height = size[0] + size[0] % 2, size[1] + size[1] % 2
    frame = picture.frame
    y = _stretch(frame.y, width, height, across, down, 0.5, 0.5)
    # Chroma sample (i, j) lies at luma position (2i + 0.5, 2j + 1), before and after.
    u, v = (_stretch(c, width // 2, height // 2, across, down, 0.25, 0.5) for c in (frame.u, frame.v))
    alpha = picture.alpha
    if alpha is not None:
        alpha = _stretch(alpha, width, height, across, down, 0.5, 0.5)
    return VideoPicture(YuvFrame(y, u, v), alpha)


def _stretch(
    plane: Plane, width: int, height: int, across: float, down: float, first_x: float, first_y: float
) -> Plane:
    """Cubic; output sample i lies at i + first, in the units of its own plane, as input sample i does."""
    import cv2

    matrix = np.array([[1 / across, 0, first_x / across - first_x], [0, 1 / down, first_y / down - first_y]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(
        np.ascontiguousarray(plane), matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(out, np.uint8)
