"""Colours held to the photo's: a diffusion model drifts in mean and contrast from picture to picture.

Each picture gets the mean and the standard deviation of the photo in Y', Cb and Cr (Reinhard et al., "Color transfer
between images", 2001, who did it in another decorrelated space). So the first picture looks as the photo does, and no
later one is darker, greyer or redder.
"""

from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage

Field = NDArray[np.float32]

MOST_GAIN = 1.5
"""By which contrast may be raised or lowered: beyond that another thing is seen, and its contrast is its own."""

FLATTEST = 0.5
"""Standard deviation, in code values, below which a channel has no contrast that could be matched."""

ROUNDS = 3
"""Times that the map is corrected: what is cut off at black and white moves the mean again, each time less."""

LOOKED_AT = 160_000
"""Pixels that are measured, at most, on a regular grid. Not means of neighbours: those have less contrast."""

_TO_YCC = np.array([[0.2126, 0.7152, 0.0722], [-0.1146, -0.3854, 0.5], [0.5, -0.4542, -0.0458]], np.float32)
"""R'G'B' to Y'CbCr, ITU-R BT.709, full range."""

_TO_RGB = np.linalg.inv(_TO_YCC).astype(np.float32)


def statistics(rgb: RgbImage) -> tuple[Field, Field]:
    """Means and standard deviations of Y', Cb and Cr in code values, of at most :data:`LOOKED_AT` pixels; each (3,)."""
    return _measured(_looked_at(rgb), np.hstack([_TO_YCC, np.zeros((3, 1), np.float32)]))


def matched(picture: RgbImage, reference: tuple[Field, Field]) -> RgbImage:
    """A picture with the colours of a reference: one affine map for all of its pixels.

    Args:
        picture: (H, W, 3) uint8.
        reference: from :func:`statistics`.

    Returns:
        (H, W, 3) uint8. Means agree to within a code value unless much is black or white already, contrast unless it
        differs by more than :data:`MOST_GAIN`.
    """
    import cv2

    mean, deviation = reference
    seen = _looked_at(picture)
    to_ycc = np.hstack([_TO_YCC, np.zeros((3, 1), np.float32)])
    own_mean, own = _measured(seen, to_ycc)
    flat = (own < FLATTEST) | (deviation < FLATTEST)
    wanted = np.where(flat, own, np.clip(deviation, own / MOST_GAIN, own * MOST_GAIN))
    change = to_ycc.astype(np.float64)  # from R'G'B' to the Y'CbCr that the picture is to have
    for number in range(ROUNDS):
        gain = wanted / np.maximum(own, FLATTEST / 100)
        change *= gain[:, None]
        change[:, 3] += mean - own_mean * gain
        whole = (_TO_RGB @ change).astype(np.float32)
        if number < ROUNDS - 1:
            shown = np.clip(np.asarray(cv2.transform(seen, whole), np.float32), 0, 255)
            own_mean, own = _measured(shown, to_ycc)
    values = cv2.transform(picture.astype(np.float32), whole)
    np.clip(np.rint(values, out=values), 0, 255, out=values)
    return values.astype(np.uint8)


def _looked_at(rgb: RgbImage) -> Field:
    """(h, w, 3) float32: every n-th pixel of every n-th row."""
    step = ceil(sqrt(rgb.shape[0] * rgb.shape[1] / LOOKED_AT))
    return np.ascontiguousarray(rgb[step // 2 :: step, step // 2 :: step], np.float32)


def _measured(rgb: Field, to_ycc: Field) -> tuple[Field, Field]:
    import cv2

    mean, deviation = cv2.meanStdDev(cv2.transform(rgb, to_ycc))
    return mean[:, 0].astype(np.float32), deviation[:, 0].astype(np.float32)
