"""How well a depth map orders what is near and what is far: the share of pixel pairs that it gets right.

Chen, Fu, Yang, Deng, "Single-image depth perception in the wild", NeurIPS 2016, judge depth by pairs, since a photo
has no scale. Here the pairs are random, and count where the true disparities differ by more than a ratio.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

RATIO = 1.1
"""Least ratio of two true disparities that makes a pair count."""

PAIRS = 200_000
"""Random pairs drawn; those within the ratio are dropped. The score's standard error is then 0.001."""


def ordinal_score(
    predicted: NDArray[np.float32], truth: NDArray[Any], *, ratio: float = RATIO, pairs: int = PAIRS, seed: int = 0
) -> float:
    """The share of pairs ordered as in truth; a tie counts one half.

    Args:
        predicted: shape (h, w), any size, larger is nearer.
        truth: shape (H, W), disparities; NaN, infinite or not above 0 where unknown.
        ratio: see :data:`RATIO`, > 1.
        pairs: random pairs to draw.
        seed: of the draw.

    Raises:
        ValueError: no pair counts.
    """
    height, width = truth.shape
    there = cv2.resize(predicted, (width, height), interpolation=cv2.INTER_LINEAR).ravel()
    known = np.flatnonzero(np.isfinite(truth) & (np.nan_to_num(truth, posinf=0.0) > 0))
    if not len(known):
        raise ValueError("the truth is empty")
    draw = np.random.default_rng(seed)
    first, second = draw.choice(known, pairs), draw.choice(known, pairs)
    a, b = truth.ravel()[first].astype(np.float64), truth.ravel()[second].astype(np.float64)
    counts = np.maximum(a, b) > ratio * np.minimum(a, b)
    if not counts.any():
        raise ValueError("the truth is flat: no pair differs enough")
    agreed = np.sign(there[first] - there[second])[counts] * np.sign(a - b)[counts]
    return float((1 + agreed.mean()) / 2)


def plain_ramp(height: int, width: int) -> NDArray[np.float32]:
    """The baseline: the lower in the picture, the nearer."""
    return np.repeat(np.linspace(0, 1, height, dtype=np.float32)[:, None], width, axis=1)
