"""A photo shown whole on a canvas of another shape, between bars: blurred picture or one colour."""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage

BLUR_SIGMA = 0.03
"""Blur of the background, as a share of the canvas's longer side: shapes dissolve, colours stay."""

BACKGROUND_BRIGHTNESS = 0.6
"""The background is darker than the photo, so that the photo's edge stays visible."""

_WORKING_SIDE = 256  # pixels: what is left of a picture after that blur fits into so few


def canvas_size(photo_size: tuple[int, int], frame_size: tuple[int, int]) -> tuple[int, int]:
    """The smallest canvas of the frame's shape that holds the whole photo, in photo pixels (width, height)."""
    width, height = photo_size
    frame_width, frame_height = frame_size
    if width * frame_height >= height * frame_width:
        return width, max(height, round(width * frame_height / frame_width))
    return max(width, round(height * frame_width / frame_height)), height


def with_bars(pixels: RgbImage, frame_size: tuple[int, int], *, blur: bool, color: tuple[int, int, int]) -> RgbImage:
    """Put a photo in the middle of a canvas of the frame's shape.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        frame_size: (width, height) whose shape the canvas takes.
        blur: fill the bars with the photo itself, enlarged to cover and blurred; else with ``color``.
        color: sRGB, 0..255 each.

    Returns:
        (H', W', 3) uint8; one side is the photo's own.
    """
    height, width = pixels.shape[:2]
    canvas_width, canvas_height = canvas_size((width, height), frame_size)
    if blur:
        canvas = _blurred_cover(pixels, canvas_width, canvas_height)
    else:
        canvas = np.empty((canvas_height, canvas_width, 3), np.uint8)
        canvas[:] = color
    left, top = (canvas_width - width) // 2, (canvas_height - height) // 2
    canvas[top : top + height, left : left + width] = pixels
    return canvas


def _blurred_cover(pixels: RgbImage, canvas_width: int, canvas_height: int) -> RgbImage:
    import cv2

    height, width = pixels.shape[:2]
    # The part of the photo that covers the canvas when enlarged.
    cover = min(width / canvas_width, height / canvas_height)
    crop_width, crop_height = max(1, int(canvas_width * cover)), max(1, int(canvas_height * cover))
    left, top = (width - crop_width) // 2, (height - crop_height) // 2
    crop = pixels[top : top + crop_height, left : left + crop_width]
    shrink = _WORKING_SIDE / max(canvas_width, canvas_height)
    small_size = max(2, round(canvas_width * shrink)), max(2, round(canvas_height * shrink))
    small: NDArray[np.float32] = cv2.resize(crop, small_size, interpolation=cv2.INTER_AREA).astype(np.float32)
    sigma = BLUR_SIGMA * _WORKING_SIDE
    blurred = BACKGROUND_BRIGHTNESS * cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    # Enlarged as float and rounded last, with noise of one code value: a smooth surface must not show steps.
    large = cv2.resize(blurred.astype(np.float32), (canvas_width, canvas_height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).random((canvas_height, canvas_width, 1), np.float32)
    out: RgbImage = np.clip(large + noise, 0, 255).astype(np.uint8)
    return out
