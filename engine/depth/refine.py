"""Edges of a depth map drawn to the edges of the picture.

A network's depth is smeared over 5 to 20 pixels at a silhouette, and often lies a little beside it; both make a moving
camera tear the outline. Only such bands are touched. Each pixel of a band takes its disparity from one side of the edge:
the side that nearby pixels *outside* the band speak for, by how alike their colours are. That is a weighted vote in the
manner of the weighted median filter (Ma, He, Wei, Sun, Wu, "Constant time weighted median filtering for stereo matching
and beyond", ICCV 2013) between two candidates. As every value comes from one side or the other, no texture of the
picture gets into the depth, and the jump is crisp.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.guided import Map

WORK_LONG_SIDE_PX = 512
"""Longest side at which the bands are decided; the size of the depth networks in use."""

JUMP = 0.06
"""Least difference of disparity (0..1) across a band that makes it an edge; less is a slope and stays."""

BAND_SHARE = 1 / 40
"""Half width of the widest band, as a share of the longest side: 13 pixels of 512, so smears of up to 25."""

COLOUR_SIGMA = 0.06
"""Difference of colour (0..1 of sRGB) up to which two pixels look alike."""

_SAMPLES = 9
"""Votes along one side of the window, each way."""


def snap_to_edges(disparity: Map, rgb: NDArray[np.uint8], size: tuple[int, int]) -> Map:
    """Draw a depth map's edges to the picture's and give it a size.

    Args:
        disparity: shape (h, w), float32, 0..1, of any size and of the photo's shape.
        rgb: shape (H, W, 3), uint8, sRGB: the photo at any size.
        size: (width, height) of the result, in pixels; a long side of about 1024 is meant.

    Returns:
        shape (height, width), float32, 0..1, never beyond the range of the input.

    Raises:
        ValueError: an empty array or size.
    """
    if disparity.ndim != 2 or rgb.ndim != 3 or 0 in disparity.shape or 0 in rgb.shape or min(size) < 1:
        raise ValueError(f"cannot bring disparity {disparity.shape} with a picture {rgb.shape} to {size}")
    factor = min(1.0, WORK_LONG_SIDE_PX / max(size))
    work = (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    large = _resized(rgb, size).astype(np.float32) / 255
    small = _resized(large, work)
    # A smear is never wider than the network's own pixels make it: the band follows what the map can resolve.
    decided = _decide(_resized(disparity, work), small, max(2, round(max(work) * BAND_SHARE)))
    if work == size:
        return decided
    return _decide(cv2.resize(decided, size, interpolation=cv2.INTER_LINEAR), large, _grain(work, size))


def _grain(work: tuple[int, int], size: tuple[int, int]) -> int:
    """Half the width of the band that enlarging makes of a crisp jump."""
    return max(2, -(-max(size) // max(work)))


def _resized(image: NDArray[np.float32] | NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.float32]:
    if image.shape[1::-1] == size:
        return np.asarray(image, np.float32)
    shrinks = image.shape[1] > size[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), np.float32)


def _decide(disparity: Map, colour: NDArray[np.float32], reach: int) -> Map:
    """Give every pixel within ``reach`` of an edge the disparity of one of its sides."""
    height, width = disparity.shape
    disparity = np.ascontiguousarray(disparity, np.float32)
    # An edge changes within the reach by more than a slope does: compare with what the wider surroundings explain.
    window = np.ones((2 * reach + 1,) * 2, np.uint8)
    low, high = cv2.erode(disparity, window), cv2.dilate(disparity, window)
    steep = _steepness(disparity)
    # The steepest third of what the band holds is its core; round it, as far as the reach, nothing can be trusted.
    edge = (high - low > JUMP) & (steep > (high - low) / (2.5 * reach)) & (steep > JUMP / (2 * reach))
    if not edge.any():
        return disparity
    band = cv2.dilate(edge.astype(np.uint8), np.ones((2 * (reach // 2) + 1,) * 2, np.uint8))
    rows, columns = np.nonzero(band)
    trusted = (1 - band).astype(np.float32)
    pad = 2 * reach
    far, near = _sides(disparity, trusted, pad)
    middle = (far + near)[rows, columns] / 2
    votes = _votes(disparity, colour, trusted, rows, columns, middle, pad)
    result = disparity.copy()
    current = disparity[rows, columns]
    # Without a witness on either side, the map's own value decides.
    is_near = np.where(votes == 0, current > middle, votes > 0)
    result[rows, columns] = np.where(is_near, near[rows, columns], far[rows, columns])
    return np.clip(result, float(disparity.min()), float(disparity.max()))


def _steepness(disparity: Map) -> Map:
    across = cv2.Sobel(disparity, cv2.CV_32F, 1, 0, ksize=3, borderType=cv2.BORDER_REPLICATE) / 8
    down = cv2.Sobel(disparity, cv2.CV_32F, 0, 1, ksize=3, borderType=cv2.BORDER_REPLICATE) / 8
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _sides(disparity: Map, trusted: Map, reach: int) -> tuple[Map, Map]:
    """The disparities on the far and on the near side of a band, from trusted pixels within reach of each pixel."""
    window = np.ones((2 * reach + 1,) * 2, np.uint8)
    kept = trusted > 0
    far = cv2.erode(np.where(kept, disparity, np.float32(2)), window)
    near = cv2.dilate(np.where(kept, disparity, np.float32(-1)), window)
    lost = near < 0  # no trusted pixel in reach: a thin thing between bands
    far, near = np.where(lost, disparity, far), np.where(lost, disparity, near)
    # Extremes of a slanted surface are not its value here: mean of what lies on each side of the middle.
    middle = (far + near) / 2
    size = (2 * reach + 1,) * 2
    means = []
    for side, fallback in ((kept & (disparity <= middle), far), (kept & (disparity > middle), near)):
        weight = cv2.blur(side.astype(np.float32), size)
        total = cv2.blur(np.where(side, disparity, np.float32(0)), size)
        means.append(np.where(weight > 1e-4, total / np.maximum(weight, 1e-4), fallback).astype(np.float32))
    return means[0], means[1]


def _votes(
    disparity: Map,
    colour: NDArray[np.float32],
    trusted: Map,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    middle: NDArray[np.float32],
    reach: int,
) -> NDArray[np.float32]:
    """For each pixel of a band: trusted pixels that look like it, on the near side less those on the far side."""
    height, width = disparity.shape
    padded = cv2.copyMakeBorder(np.dstack([colour, disparity]), *(reach,) * 4, cv2.BORDER_REPLICATE)
    certain = cv2.copyMakeBorder(trusted, *(reach,) * 4, cv2.BORDER_CONSTANT, value=0).ravel()
    stride = width + 2 * reach
    flat = padded.reshape(-1, 4)
    base = (rows + reach) * stride + columns + reach
    own = colour[rows, columns]
    near, far = np.zeros(len(base), np.float32), np.zeros(len(base), np.float32)
    count_near, count_far = np.zeros(len(base), np.float32), np.zeros(len(base), np.float32)
    for dy, dx, weight in _offsets(reach):
        at = base + (dy * stride + dx)
        witness = certain[at]
        seen = flat[at]
        apart = seen[:, :3] - own
        alike = np.einsum("ij,ij->i", apart, apart)
        alike = np.exp(alike * np.float32(-0.5 / COLOUR_SIGMA**2)) * witness * np.float32(weight)
        side = seen[:, 3] > middle
        near += alike * side
        far += alike * ~side
        count_near += witness * side * np.float32(weight)
        count_far += witness * ~side * np.float32(weight)
    # Mean likeness of each side, so that the side with more pixels in the window does not win by number.
    votes = near / np.maximum(count_near, 1e-6) - far / np.maximum(count_far, 1e-6)
    return np.where((count_near == 0) | (count_far == 0), np.float32(0), votes).astype(np.float32)


def _offsets(reach: int) -> list[tuple[int, int, float]]:
    """Sample positions in a window and how much each counts, less with distance."""
    steps = sorted({round(v) for v in np.linspace(-reach, reach, min(_SAMPLES, 2 * reach + 1))})
    return [
        (dy, dx, float(np.exp(-0.5 * (dy * dy + dx * dx) / (0.6 * reach) ** 2)))
        for dy in steps
        for dx in steps
        if (dy or dx) and dy * dy + dx * dx <= reach * reach * 1.2
    ]
