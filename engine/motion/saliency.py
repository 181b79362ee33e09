"""The built-in estimate of a photo's subject: no model, a few milliseconds, the same answer every time."""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage
from engine.motion.saliency_maps import (
    SIDE,
    Map,
    barrier_distance,
    border_contrast,
    reduce,
    sharpness,
    stretch,
    to_lab,
)
from engine.motion.subject import WHOLE_PHOTO, Subject

SHARPNESS_FLOOR = 0.45
"""What a pixel without any detail keeps of its saliency, relative to the sharpest with 1 + this."""

CENTRE_SIGMA = 0.3
"""Width of the centre prior, in shares of each side: photographers put subjects near the middle."""
CENTRE_FLOOR = 0.5
"""What the centre prior leaves of a corner's saliency."""

SMOOTHING = 1 / 64
"""Sigma of the last smoothing, as a share of the longer side."""

SUBJECT_LEVEL = 0.4
"""Saliency, relative to the peak, from which a pixel can belong to the subject."""
TAIL_SHARE = 0.02
"""Share of the subject's saliency that may lie beyond each side of its box."""

CONTRAST_FULL = 40.0
"""Barrier distance in L*a*b* units at which a subject stands out clearly; below it, confidence falls."""
TRUSTED = 0.5
"""Confidence from which the answer is given as found; below it, it moves towards the whole photo and its middle."""

LEAST_SIDE = 8
"""Pixels: a picture narrower than this has no subject to find."""


class SaliencyFinder:
    """A cheap estimate of the subject: what stands out from the border, is in focus and lies near the middle."""

    def find(self, rgb: RgbImage) -> Subject:
        """The subject of an sRGB photo, shape (H, W, 3), uint8, upright.

        Where nothing stands out the answer is near the middle, its box near the whole photo, its confidence low.
        """
        if min(rgb.shape[:2]) < LEAST_SIDE:
            return WHOLE_PHOTO
        saliency, contrast = saliency_map(rgb)
        return _subject(saliency, contrast)


def saliency_map(rgb: RgbImage) -> tuple[Map, float]:
    """How much each part of a photo draws the eye.

    Returns:
        The map, shape (h, w) with the longer side about 128, float32, 0..1; and the barrier distance, in L*a*b*
        units, of the strongest part: how far it really stands out.
    """
    import cv2

    double = reduce(rgb, 2 * SIDE)
    lab = to_lab(reduce(double, SIDE))
    height, width = lab.shape[:2]
    barrier = barrier_distance(lab)
    distinct = stretch(barrier, 5, 99.5, least=CONTRAST_FULL) + stretch(border_contrast(lab), 5, 99.5, least=0.5)
    focus = SHARPNESS_FLOOR + stretch(sharpness(double, (width, height)), 5, 99.5, least=1.0)
    y, x = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5 for size in (height, width))
    middle = np.exp(-0.5 * (x[None, :] ** 2 + y[:, None] ** 2) / CENTRE_SIGMA**2)
    raw = distinct * focus * (CENTRE_FLOOR + (1 - CENTRE_FLOOR) * middle)
    smooth = cv2.GaussianBlur(raw.astype(np.float32), (0, 0), max(1.0, SMOOTHING * max(height, width)))
    return stretch(np.asarray(smooth, np.float32), 1, 99.9, least=0.01), float(np.percentile(barrier, 99))


def _subject(saliency: Map, contrast: float) -> Subject:
    import cv2

    above = (saliency > SUBJECT_LEVEL).astype(np.uint8)
    # A subject in two near parts, or cut by a shadow, is one.
    candidate = cv2.morphologyEx(above, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, labels = cv2.connectedComponents(candidate)
    if count < 2:
        return WHOLE_PHOTO
    # Squares: a small strong thing beats a large faint one.
    weights = saliency.astype(np.float64) ** 2
    strength = np.bincount(labels.ravel(), weights.ravel(), minlength=count)
    chosen = weights * (labels == 1 + int(np.argmax(strength[1:])))
    x, x0, x1 = _spread(chosen.sum(axis=0))
    y, y0, y1 = _spread(chosen.sum(axis=1))
    height, width = saliency.shape
    box = np.zeros((height, width), bool)
    box[int(y0 * height) : int(np.ceil(y1 * height)), int(x0 * width) : int(np.ceil(x1 * width))] = True
    inside, outside = float(saliency[box].mean()), float(saliency[~box].mean()) if not box.all() else 1.0
    confidence = max(0.0, 1 - outside / inside) * min(1.0, contrast / CONTRAST_FULL)
    trust = min(1.0, confidence / TRUSTED)
    return Subject(
        x=_blend(x, 0.5, trust),
        y=_blend(y, 0.5, trust),
        box=(_blend(x0, 0, trust), _blend(y0, 0, trust), _blend(x1, 1, trust), _blend(y1, 1, trust)),
        confidence=confidence,
    )


def _spread(weights: NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean, low and high end, 0..1, of weights along one axis, leaving :data:`TAIL_SHARE` beyond each end."""
    size = len(weights)
    total = np.cumsum(weights) / weights.sum()
    low = int(np.searchsorted(total, TAIL_SHARE)) / size
    high = min(int(np.searchsorted(total, 1 - TAIL_SHARE)) + 1, size) / size
    mean = float(((np.arange(size) + 0.5) * weights).sum() / weights.sum()) / size
    return min(max(mean, low), high), low, high


def _blend(found: float, safe: float, trust: float) -> float:
    return safe + (found - safe) * trust
