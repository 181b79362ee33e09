"""Colours held to the photo's: a diffusion model drifts in mean and contrast from picture to picture.

Each picture gets the mean and the standard deviation of the photo in Y', Cb and Cr (Reinhard et al., "Color transfer
between images", 2001, who did it in another decorrelated space). So the first picture looks as the photo does, and no
later one is darker, greyer or redder.
"""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage

Field = NDArray[np.float32]

MOST_GAIN = 1.5
"""By which contrast may be raised or lowered: beyond that another thing is seen, and its contrast is its own."""

FLATTEST = 0.5
"""Standard deviation, in code values, below which a channel has no contrast that could be matched."""

ROUNDS = 3
"""Times that a picture is matched: what is cut off at black and white moves the mean again, each time less."""

_TO_YCC = np.array([[0.2126, 0.7152, 0.0722], [-0.1146, -0.3854, 0.5], [0.5, -0.4542, -0.0458]], np.float32)
"""R'G'B' to Y'CbCr, ITU-R BT.709, full range."""

_TO_RGB = np.linalg.inv(_TO_YCC).astype(np.float32)


def statistics(rgb: RgbImage) -> tuple[Field, Field]:
    """Means and standard deviations of Y', Cb and Cr in code values; each of shape (3,)."""
    pixels = rgb.reshape(-1, 3).astype(np.float32) @ _TO_YCC.T
    return pixels.mean(0, dtype=np.float64).astype(np.float32), pixels.std(0, dtype=np.float64).astype(np.float32)


def matched(picture: RgbImage, reference: tuple[Field, Field]) -> RgbImage:
    """A picture with the colours of a reference.

    Args:
        picture: (H, W, 3) uint8.
        reference: from :func:`statistics`.

    Returns:
        (H, W, 3) uint8. Means agree to within a code value unless much is black or white already, contrast unless it
        differs by more than :data:`MOST_GAIN`.
    """
    mean, deviation = reference
    values = picture.reshape(-1, 3).astype(np.float32)
    wanted: Field | None = None
    for _ in range(ROUNDS):
        ycc = values @ _TO_YCC.T
        own_mean = ycc.mean(0, dtype=np.float64).astype(np.float32)
        own = ycc.std(0, dtype=np.float64).astype(np.float32)
        if wanted is None:
            flat = (own < FLATTEST) | (deviation < FLATTEST)
            wanted = np.where(flat, own, np.clip(deviation, own / MOST_GAIN, own * MOST_GAIN)).astype(np.float32)
        gain = wanted / np.maximum(own, FLATTEST / 100)
        values = np.clip(((ycc - own_mean) * gain + mean) @ _TO_RGB.T, 0, 255)
    return np.rint(values).astype(np.uint8).reshape(picture.shape)
