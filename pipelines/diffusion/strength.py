"""How much moves, as Stable Video Diffusion is told it: a motion bucket and the noise on the photo.

The model is conditioned on a score of its training clips' motion and on noise on the conditioning picture (Blattmann
et al., "Stable Video Diffusion", 2023, arXiv:2311.15127). 127 and 0.02 are the defaults of the authors' own sampling
script (``simple_video_sample.py``) and of diffusers' pipeline, whose documentation says of both that more of it gives
more motion, and of the noise that the clip then resembles the photo less. In use the bucket is kept within 1..255;
below about 20 nearly nothing moves, and noise much above 0.1 loses the photo. The ends are that practice, not a
measurement.
"""

from itertools import pairwise

DEFAULT_STRENGTH = 0.5
"""What stands for the model's own defaults."""

BUCKETS = ((0.0, 20.0), (DEFAULT_STRENGTH, 127.0), (1.0, 255.0))
"""Strength to motion bucket, linear in between."""

NOISES = ((0.0, 0.005), (DEFAULT_STRENGTH, 0.02), (1.0, 0.1))
"""Strength to noise augmentation (standard deviation, of pictures in -1..1), linear in between."""


def svd_motion(strength: float | None) -> tuple[int, float]:
    """Motion bucket and noise augmentation for a strength.

    Args:
        strength: 0..1 (``mo.strength``); None for the model's defaults.

    Returns:
        ``motion_bucket_id`` in 20..255, and ``noise_aug_strength`` in 0.005..0.1. Both never fall where the strength
        rises.

    Raises:
        ValueError: the strength is not within 0..1.
    """
    at = DEFAULT_STRENGTH if strength is None else strength
    if not 0 <= at <= 1:
        raise ValueError(f"a strength of {at!r} is not within 0..1")
    return round(_between(BUCKETS, at)), _between(NOISES, at)


def _between(points: tuple[tuple[float, float], ...], at: float) -> float:
    for (low, first), (high, last) in pairwise(points):
        if at <= high:
            share = (at - low) / (high - low)
            # This form meets both ends exactly.
            return first * (1 - share) + last * share
    return points[-1][1]
