"""Views of real photographs that move by known amounts, and what they are compared by."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 256, 144

Picture = np.ndarray


def opened(path: Path, side: int = 900) -> Picture:
    """A photo, no longer than a side, as (H, W, 3) uint8."""
    with Image.open(path) as image:
        image.draft("RGB", (side, side))
        image.thumbnail((side, side))
        return np.array(image.convert("RGB"))


def view(photo: Picture, right: float = 0, down: float = 0) -> Picture:
    """A view of half the size around a photo's centre, moved by pixels of the view; blurred first, so nothing
    aliases.
    """
    smooth = cv2.GaussianBlur(photo, (0, 0), 1)
    x, y = photo.shape[1] / 2 - WIDTH + 2 * right, photo.shape[0] / 2 - HEIGHT + 2 * down
    where = np.array([[2, 0, x], [0, 2, y]], np.float64)
    return cv2.warpAffine(
        smooth, where, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT
    )


def disc_over(background: Picture, thing: Picture, time: float, step: float = 10) -> Picture:
    """A round piece of one photo that moves over another one, which moves the other way; time from -1 to 1."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    across, down = WIDTH / 2 + step * time, HEIGHT / 2 + 0.3 * step * time
    alpha = np.clip(40.5 - np.hypot(x - across, y - down), 0, 1)[..., None]
    over = view(thing, -step * time, -0.3 * step * time) * alpha + view(background, 2 * time) * (1 - alpha)
    return np.rint(over).astype(np.uint8)


def psnr(one: Picture, other: Picture, border: int = 6) -> float:
    """dB between two pictures, without what a move brings in at the border."""
    inside = np.s_[border:-border, border:-border]
    error = np.mean((one[inside].astype(float) - other[inside]) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-6)))
