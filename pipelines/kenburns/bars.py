"""A photo shown whole on a canvas of another shape, between bars: blurred picture or one colour."""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage

BLUR_SIGMA = 0.03
"""Blur of the background, as a share of the canvas's longer side: shapes dissolve, colours stay."""

BACKGROUND_BRIGHTNESS = 0.6
"""The background is darker than the photo, so that the photo's edge stays visible."""

MAX_CANVAS_PIXELS = 64_000_000
"""Of the picture with its bars: 192 MB of RGB, and as much again as Y'CbCr. Beyond it the photo is made smaller."""

_BAND_ROWS = 256

_WORKING_SIDE = 256  # pixels: what is left of a picture after that blur fits into so few


def canvas_size(photo_size: tuple[int, int], frame_size: tuple[int, int]) -> tuple[int, int]:
    """The smallest canvas of the frame's shape that holds the whole photo, in photo pixels (width, height)."""
    width, height = photo_size
    frame_width, frame_height = frame_size
    if width * frame_height >= height * frame_width:
        return width, max(height, round(width * frame_height / frame_width))
    return max(width, round(height * frame_width / frame_height)), height


def on_canvas(
    focus: tuple[float, float] | str | None, photo_size: tuple[int, int], frame_size: tuple[int, int]
) -> tuple[float, float] | str | None:
    """A focus that counts in 0..1 of the photo, in 0..1 of its canvas; words stay as they are."""
    if focus is None or isinstance(focus, str):
        return focus
    x, y = (
        0.5 + (place - 0.5) * photo / canvas
        for place, photo, canvas in zip(focus, photo_size, canvas_size(photo_size, frame_size), strict=True)
    )
    return x, y


def with_bars(pixels: RgbImage, frame_size: tuple[int, int], *, blur: bool, color: tuple[int, int, int]) -> RgbImage:
    """Put a photo in the middle of a canvas of the frame's shape.

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        frame_size: (width, height) whose shape the canvas takes.
        blur: fill the bars with the photo itself, enlarged to cover and blurred; else with ``color``.
        color: sRGB, 0..255 each.

    Returns:
        (H', W', 3) uint8; one side is the photo's own, or less where the canvas would exceed MAX_CANVAS_PIXELS.
    """
    pixels = _within_limit(pixels, frame_size)
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


def _within_limit(pixels: RgbImage, frame_size: tuple[int, int]) -> RgbImage:
    """The photo, made smaller where its canvas would be too large: a panorama before a tall frame is mostly bars."""
    height, width = pixels.shape[:2]
    canvas_width, canvas_height = canvas_size((width, height), frame_size)
    shrink = (MAX_CANVAS_PIXELS / (canvas_width * canvas_height)) ** 0.5
    if shrink >= 1:
        return pixels
    import cv2

    size = (max(1, int(width * shrink)), max(1, int(height * shrink)))
    smaller: RgbImage = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return smaller


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
    # Enlarged as float and rounded last, with noise of one code value: a smooth surface must not show steps. In bands,
    # so that no float picture of the whole canvas is ever held.
    out = np.empty((canvas_height, canvas_width, 3), np.uint8)
    random = np.random.default_rng(0)
    down = small_size[1] / canvas_height
    across = np.array([[small_size[0] / canvas_width, 0, 0], [0, down, 0]])
    for top in range(0, canvas_height, _BAND_ROWS):
        rows = min(_BAND_ROWS, canvas_height - top)
        # Pixel centres: small = (large + 0.5) * ratio - 0.5.
        across[:, 2] = 0.5 * across[0, 0] - 0.5, (top + 0.5) * down - 0.5
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        large = cv2.warpAffine(
            blurred.astype(np.float32), across, (canvas_width, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        noise = random.random((rows, canvas_width, 1), np.float32)
        out[top : top + rows] = np.clip(large + noise, 0, 255)
    return out
