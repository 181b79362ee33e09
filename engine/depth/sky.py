"""Where the sky is: smooth, bright, blue or dark of night, and reaching the top of the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.guided import Map, guided_filter
from engine.depth.look import Look, odd, step

SMOOTH = 0.018
"""Largest mean change of L (0..1) a pixel that a sky has; clouds are soft."""

BRIGHT = 0.62
"""L (0..1) from which a pale smooth surface may be a sky."""

NIGHT = 0.17
"""L (0..1) up to which a picture's top may be a night sky."""


@dataclass(frozen=True, slots=True)
class Sky:
    """The sky of a photo.

    Attributes:
        alpha: shape (h, w), float32 0..1: how much a pixel is sky; all 0 where none was found.
        certainty: 0..1.
        skyline: row (0..h) where it ends, the median over the columns that have it; 0 without sky.
    """

    alpha: Map
    certainty: float
    skyline: float


def find_sky(look: Look) -> Sky:
    """Find the sky.

    Rules of thumb in the manner of Hoiem, Efros, Hebert, "Automatic photo pop-up", SIGGRAPH 2005, without its learned
    classifiers: colour, smoothness, position.
    """
    height = look.shape[0]
    light, a, b = look.colour[..., 0], look.colour[..., 1], look.colour[..., 2]
    rows = np.arange(height, dtype=np.float32)[:, None] / max(1, height)
    blue = (b < -0.04) & (a < 0.12) & (light > 0.12)
    bright = light > max(BRIGHT, float(np.quantile(light, 0.55)))
    night = (light < NIGHT) & (float(np.median(light)) < 2 * NIGHT)
    # Lower down the picture, a smooth bright surface is more likely snow, water or a wall.
    allowed = np.float32(SMOOTH) * np.clip(1.6 - 1.2 * rows, 0.4, 1.6)
    likely = (look.rough < allowed) & (blue | bright | night) & (look.subject < 0.4)
    grain = np.ones((odd(max(look.shape) / 160),) * 2, np.uint8)
    opened = cv2.morphologyEx(likely.astype(np.uint8), cv2.MORPH_OPEN, grain)
    _, labels = cv2.connectedComponents(opened, connectivity=4)
    at_top = np.unique(labels[: max(1, height // 40)])
    found = np.isin(labels, at_top[at_top > 0])
    if not found.any():
        return Sky(np.zeros(look.shape, np.float32), 0.0, 0.0)
    found = _with_clouds(found, look)
    columns = found.any(axis=0)
    ends = height - np.argmax(found[::-1], axis=0)
    skyline = float(np.median(ends[columns]))
    below = ~found
    contrast = float(look.rough[below].mean() / (look.rough[found].mean() + 1e-4)) if below.any() else 0.0
    # Blue makes a small sky credible; a small pale patch is more often a wall or a window.
    pale = 1 - float(blue[found].mean())
    certainty = (
        step(float(found[: max(1, height // 40)].any(axis=0).mean()), 0.25, 0.6)
        * step(float(found.mean()), 0.03 + 0.03 * pale, 0.1 + 0.06 * pale)
        * step(contrast, 1.2, 2.5)
        * (1 - step(_seen_below(found, look), 0.12, 0.35))
        # A backdrop that runs down to the picture's foot is no sky.
        * (1 - step(float((ends[columns] > 0.85 * height).mean()), 0.1, 0.5))
    )
    radius = max(2, max(look.shape) // 60)
    soft = guided_filter(look.colour, found.astype(np.float32), radius, 1e-3, reduce=4)
    return Sky(np.clip(soft, 0, 1) * np.float32(certainty), certainty, skyline)


def _seen_below(found: NDArray[np.bool_], look: Look) -> float:
    """How much of the picture's lower half, the subject apart, has the same colours: a wall goes on, a sky does not."""
    light, red, yellow = np.moveaxis(look.colour[found], -1, 0)
    lower = np.arange(len(found))[:, None] > 0.6 * len(found)
    rest = lower & ~found & (look.subject < 0.4)
    if not rest.any():
        return 0.0
    alike = np.ones(int(rest.sum()), bool)
    for channel, values in enumerate((light, red, yellow)):
        low, high = np.quantile(values, (0.05, 0.95))
        alike &= (look.colour[rest, channel] > low - 0.03) & (look.colour[rest, channel] < high + 0.03)
    return float(alike.mean())


def _with_clouds(found: NDArray[np.bool_], look: Look) -> NDArray[np.bool_]:
    """Fill what the sky encloses: clouds, birds, wires. What reaches the other borders of the picture stays."""
    size = odd(max(look.shape) / 40)
    closed = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    height, width = look.shape
    holes = closed.astype(bool)
    for label in range(1, len(stats)):
        x, y, w, h, area = stats[label]
        if y + h < height and x > 0 and x + w < width and area < 0.05 * height * width:
            holes |= labels == label
    return np.asarray(holes & (look.subject < 0.4), np.bool_)
