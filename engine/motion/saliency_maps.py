"""Saliency features of a small picture: what stands out from the border, and what is in focus.

Everything runs at about :data:`SIDE` pixels, where it costs milliseconds.
"""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage

Map = NDArray[np.float32]
"""One value a pixel, shape (h, w), float32."""
LabImage = NDArray[np.float32]
"""CIE L*a*b* (D65), shape (h, w, 3), float32: L* 0..100, a* and b* about -100..100."""

SIDE = 128
"""Pixels of the longer side of the maps."""

BORDER_SHARE = 1 / 16
"""Width of the border whose colours count as background, as a share of the longer side."""

COLOUR_NOISE = 8.0
"""Added to the variances of border colours, in squared L*a*b* units: a flawless border does not divide by zero."""


def reduce(rgb: RgbImage, side: int) -> RgbImage:
    """The picture with its longer side reduced to ``side`` pixels (never enlarged); shape (h, w, 3), uint8.

    Striding first, down to three or more samples a pixel, makes the cost independent of the photo's size; the area
    average after it leaves too little aliasing to matter here.
    """
    import cv2

    longer = max(rgb.shape[:2])
    step = max(1, longer // (3 * side))
    strided = np.ascontiguousarray(rgb[::step, ::step])
    height, width = strided.shape[:2]
    factor = min(1.0, side / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(strided, size, interpolation=cv2.INTER_AREA), np.uint8)


def to_lab(rgb: RgbImage) -> LabImage:
    """Convert sRGB, shape (h, w, 3), uint8, to CIE L*a*b* (CIE 15:2004, white D65), lightly smoothed.

    Not by OpenCV: its first conversion builds tables for 0.15 s, which is longer than all the rest of the estimate.
    """
    import cv2

    lab = _cie_lab(_LINEAR[rgb] @ _XYZ_OF_RGB.T)
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), 1.0), np.float32)


def _srgb_to_linear() -> NDArray[np.float32]:
    """Linear light of the 256 sRGB code values (IEC 61966-2-1)."""
    code = np.arange(256) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _srgb_to_linear()

_WHITE = np.array([0.950456, 1.0, 1.088754])

_XYZ_OF_RGB = (
    np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
    / _WHITE[:, None]
).astype(np.float32)
"""From linear sRGB to XYZ relative to white."""


def _cie_lab(xyz: NDArray[np.float32]) -> NDArray[np.float32]:
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def barrier_distance(lab: LabImage, passes: int = 2) -> Map:
    """How hard it is to reach the picture's border from each pixel, in L*a*b* units summed over the channels.

    The minimum barrier distance of a pixel is the smallest range (largest minus smallest value) of any path from it
    to the border: zero inside a background that runs to the border, however it shades; large inside an object with an
    outline. Approximated by sweeps over rows and columns after Zhang et al., "Minimum Barrier Salient Object
    Detection at 80 FPS" (ICCV 2015), here with whole rows and columns at a time.
    """
    distance = np.full_like(lab, np.inf)
    distance[0], distance[-1], distance[:, 0], distance[:, -1] = 0, 0, 0, 0
    highest, lowest = lab.copy(), lab.copy()
    state = np.stack((lab, highest, lowest, distance))
    for _ in range(passes):
        for rows_first in (state, state.transpose(0, 2, 1, 3)):
            for directed in (rows_first, rows_first[:, ::-1]):
                _sweep(directed)
    return np.asarray(state[3].sum(axis=2), np.float32)


def _sweep(state: NDArray[np.float32]) -> None:
    """Let every row take the previous row's path where its barrier is lower; ``state`` is changed in place.

    Args:
        state: value, highest and lowest value of the best path, and its range: shape (4, rows, columns, channels).
    """
    value, highest, lowest, distance = state
    for row in range(1, value.shape[0]):
        high = np.maximum(highest[row - 1], value[row])
        low = np.minimum(lowest[row - 1], value[row])
        barrier = high - low
        better = barrier < distance[row]
        np.copyto(distance[row], barrier, where=better)
        np.copyto(highest[row], high, where=better)
        np.copyto(lowest[row], low, where=better)


def border_contrast(lab: LabImage) -> Map:
    """How unlike the colours of the border each pixel is; 0..3.

    For each side of the border: the Mahalanobis distance to its colours, over its maximum. The sum without the
    largest, so that an object that covers one side of the border does not count as background (the same paper).
    """
    width = max(1, round(BORDER_SHARE * max(lab.shape[:2])))
    sides = (lab[:width], lab[-width:], lab[:, :width], lab[:, -width:])
    maps = []
    for side in sides:
        colours = side.reshape(-1, 3).astype(np.float64)
        off = colours - colours.mean(axis=0)
        covariance = off.T @ off / len(off) + COLOUR_NOISE * np.eye(3)
        distance = lab - colours.mean(axis=0)
        squared = np.einsum("hwi,ij,hwj->hw", distance, np.linalg.inv(covariance), distance, optimize=True)
        root = np.sqrt(squared)
        maps.append(root / max(float(root.max()), 1e-6))
    stack = np.stack(maps)
    return np.asarray(stack.sum(axis=0) - stack.max(axis=0), np.float32)


def sharpness(rgb: RgbImage, size: tuple[int, int]) -> Map:
    """How much fine detail there is around each pixel: what a photographer has put in focus.

    Args:
        rgb: the picture at about twice the maps' size, shape (H, W, 3), uint8.
        size: width and height of the answer.
    """
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = cv2.resize(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(detail, (0, 0), max(size) / 40), np.float32)


def stretch(values: Map, low: float, high: float, least: float) -> Map:
    """Map the percentiles ``low`` and ``high`` to 0 and 1, clipped; a range below ``least`` stays below 1."""
    bottom, top = np.percentile(values, [low, high])
    return np.asarray(np.clip((values - bottom) / max(top - bottom, least), 0, 1), np.float32)
