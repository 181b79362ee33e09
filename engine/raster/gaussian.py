"""Gaussian blur in linear light: what a lens out of focus does, lamps stay lamps.

The blurred picture has no details, so it is made on a coarser grid: the light of every 2 x 2 pixels, halved further
while the blur stays at least MIN_SAMPLES samples wide; a Gaussian there, whose variance is that of the blur less the
s^2 / 12 of a box of s pixels; and Catmull-Rom back to full size. A blur that grows over time does not jump where the
grid changes. Below MIN_SIGMA, the sharp picture is mixed with one blurred by MIN_SIGMA, which has the same variance.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane, YuvFrame
from engine.raster.enlarge import enlarge
from engine.raster.kernels.gaussian import convolve, half_light, halve, light_to_code
from engine.raster.transfer import code_table, light_table

MIN_SIGMA = 2.2
"""Pixels: the smallest blur that a grid of 2 pixels holds."""

MIN_SAMPLES = 3.0
"""Least standard deviation in samples for a coarser grid than 2 pixels."""

REACH = 3.0
"""Standard deviations at which the Gaussian is cut off."""

_OPAQUE = np.empty((0, 0), np.uint8)


@dataclass(frozen=True, slots=True)
class Light:
    """A picture in linear light on a coarser grid.

    Attributes:
        planes: (3, h, w) float32 R, G, B in 0..1, or (4, h, w), multiplied by the fourth, alpha.
        pitch: pixels per sample, a power of two.
    """

    planes: NDArray[np.float32]
    pitch: int


def to_half_light(frame: YuvFrame, alpha: Plane | None = None) -> Light:
    """The light of every 2 x 2 pixels of a picture."""
    planes = np.empty((3 if alpha is None else 4, frame.height // 2, frame.width // 2), np.float32)
    half_light(frame.y, frame.u, frame.v, _OPAQUE if alpha is None else alpha, light_table(), planes)
    return Light(planes, 2)


def blur(frame: YuvFrame, sigma: float, alpha: Plane | None = None) -> None:
    """Blur a picture in place; beyond its edges they are repeated.

    Args:
        frame: the picture.
        sigma: standard deviation in luma pixels, >= 0.
        alpha: blurred likewise; colours weigh by it.
    """
    if sigma > 0:
        blur_light(to_half_light(frame, alpha), sigma, frame, alpha)


def blur_light(light: Light, sigma: float, out: YuvFrame, alpha: Plane | None = None) -> None:
    """Write a blurred picture, or mix it with the sharp one where sigma is below MIN_SIGMA.

    Args:
        light: of 2 x 2 pixels, from :func:`to_half_light`.
        sigma: standard deviation in luma pixels, > 0.
        out: holds the sharp picture if sigma < MIN_SIGMA.
        alpha: likewise, for light that has alpha.
    """
    share = min(1.0, (sigma / MIN_SIGMA) ** 2)
    sigma = max(sigma, MIN_SIGMA)
    while sigma >= MIN_SAMPLES * 2 * light.pitch and min(light.planes.shape[1:]) >= 8:
        light = _halved(light)
    blurred = _gaussian(light.planes, sqrt((sigma / light.pitch) ** 2 - 1 / 12))
    y, u, v = np.empty((3, *blurred.shape[1:]), np.float32)
    light_to_code(blurred, code_table(), y, u, v)
    luma, chroma = 1 / light.pitch, 2 / light.pitch
    # Sample i of the grid is centred at pitch * (i + 0.5) pixels; chroma sample (i, j) lies at (2i + 0.5, 2j + 1).
    enlarge(y, out.y, (0.5 * luma, 0.5 * luma), (luma, luma), share)
    for source, target in ((u, out.u), (v, out.v)):
        enlarge(source, target, (0.5 * luma, luma), (chroma, chroma), share)
    if alpha is not None:
        enlarge(255 * blurred[3], alpha, (0.5 * luma, 0.5 * luma), (luma, luma), share)


def _halved(light: Light) -> Light:
    count, height, width = light.planes.shape
    out = np.empty((count, (height + 1) // 2, (width + 1) // 2), np.float32)
    halve(light.planes, out)
    return Light(out, 2 * light.pitch)


def _gaussian(planes: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Blur planes by ``sigma`` samples."""
    reach = ceil(REACH * sigma)
    weights = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2)
    weights /= weights[0] + 2 * weights[1:].sum()
    out = np.empty_like(planes)
    convolve(planes, weights.astype(np.float32), out, np.empty(planes.shape[2] + 2 * reach, np.float32))
    return out
