"""Pictures and masks for the tests of depth."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parent / "data"

Rgb = NDArray[np.uint8]
Mask = NDArray[np.float32]


def stored_mask(name: str) -> Mask:
    """U2-Net-p's mask of a photo, 0..1."""
    mask = cv2.imread(str(DATA / f"{name}_mask.png"), cv2.IMREAD_GRAYSCALE)
    assert mask is not None
    return mask.astype(np.float32) / np.float32(255)


def filled(width: int, height: int, colour: tuple[int, int, int]) -> Rgb:
    return np.full((height, width, 3), colour, np.uint8)


def textured(rgb: Rgb, amount: float, seed: int = 0, grain: float = 1.5) -> Rgb:
    noise = np.random.default_rng(seed).normal(0, 1, rgb.shape).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), grain)
    return np.clip(rgb + amount * noise / noise.std(), 0, 255).astype(np.uint8)


def ellipse(width: int, height: int, middle: tuple[float, float], radii: tuple[float, float]) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:height, 0:width] + 0.5
    inside = ((x / width - middle[0]) / radii[0]) ** 2 + ((y / height - middle[1]) / radii[1]) ** 2 < 1
    return np.asarray(inside, np.bool_)


def landscape(width: int = 320, height: int = 240) -> Rgb:
    """A blue sky over rough green ground."""
    rgb = filled(width, height, (110, 160, 220))
    rgb[height // 2 :] = (70, 110, 50)
    rough = textured(rgb, 18)
    rgb[height // 2 :] = rough[height // 2 :]
    return rgb


def page(width: int = 480, height: int = 640) -> Rgb:
    """Lines of black text on white paper."""
    rgb = filled(width, height, (250, 250, 248))
    for row in range(40, height - 20, 26):
        cv2.putText(
            rgb, "The quick brown fox jumps over it", (20, row), cv2.FONT_HERSHEY_SIMPLEX, 0.72, (10, 10, 10), 2
        )
    return rgb


def room_with_subject(width: int = 320, height: int = 240) -> tuple[Rgb, Mask]:
    """A red thing that stands on a grey floor before a brown, rough wall."""
    rgb = filled(width, height, (120, 85, 50))
    rgb[int(0.6 * height) :] = (150, 150, 150)
    rgb = textured(rgb, 12)
    body = ellipse(width, height, (0.5, 0.55), (0.15, 0.3))
    rgb[body] = (200, 30, 30)
    return rgb, body.astype(np.float32)
