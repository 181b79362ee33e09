"""Edges of a depth map drawn to the edges of the picture.

A network's depth is smeared over 5 to 20 pixels at a silhouette, and often lies a little beside it; both make a moving
camera tear the outline. Only such bands are touched. Each pixel of a band takes its disparity from one side of it:
that for which nearby pixels of like colour speak, which is a weighted median (Ma, He, Wei, Sun, Wu, "Constant time
weighted median filtering for stereo matching and beyond", ICCV 2013) between two candidates. As every value comes from
one side or the other, no texture of the picture gets into the depth, and the jump is crisp.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.guided import Map
from engine.depth.resize import resized

WORK_LONG_SIDE_PX = 512
"""Longest side at which the bands are decided; the size of the depth networks in use."""

JUMP = 0.06
"""Least difference of disparity (0..1) across a band that makes it an edge; less is a slope and stays."""

STEEP = 0.008
"""Change of disparity a pixel, at the working size, from which a smear is told from a slanted surface."""

ENDS = 1.5
"""Most that the range of disparities grows in a window twice as wide where the change is a smear; a slope's doubles."""

COLOUR_SIGMA = 0.07
"""Difference of colour (0..1 of sRGB, over three channels) up to which two pixels look alike."""

OWN_VOTE = 0.3
"""What the map's own opinion of a pixel counts beside the colours', which are sure at 1."""

_SMEARS = (3, 6, 10)
"""Half widths of a smear that are tried, in pixels of the working size."""

_GRAIN = (3,)
"""The same when a decided map has been enlarged."""

_SAMPLES = 7
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
    large = resized(rgb, size) / np.float32(255)
    small = resized(large, work)
    decided = _decide(resized(disparity, work), small, _SMEARS, STEEP)
    if work == size:
        return decided
    return _decide(resized(decided, size), large, _GRAIN, STEEP * max(work) / max(size))


def _decide(disparity: Map, colour: NDArray[np.float32], smears: tuple[int, ...], steep: float) -> Map:
    """Give every pixel of a smear the disparity of one of its sides."""
    disparity = np.ascontiguousarray(disparity, np.float32)
    far, near = _sides(disparity, smears)
    slope = _steepness(disparity)
    # A slanted surface goes on as steeply beyond the window, a smear ends within it.
    twice = np.ones((4 * max(smears) + 1,) * 2, np.uint8)
    wider = np.asarray(cv2.dilate(disparity, twice)) - np.asarray(cv2.erode(disparity, twice))
    ends = wider < ENDS * (near - far)
    smeared = (near - far > JUMP) & ((slope > 4 * steep) | ((slope > steep) & ends))
    # The true edge may lie a little beside the smear.
    band = cv2.dilate(smeared.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & (near - far > JUMP)
    rows, columns = np.nonzero(band)
    if not len(rows):
        return disparity
    far_side, near_side = far[rows, columns], near[rows, columns]
    own = disparity[rows, columns]
    opinion = 2 * (own - far_side) / (near_side - far_side) - 1
    votes = np.zeros(disparity.shape, np.float32)
    heard, far_side, near_side = _hear(disparity, colour, (rows, columns), far_side, near_side, max(smears) + 3)
    votes[rows, columns] = OWN_VOTE * opinion + heard
    # Neighbours agree more often than not: lone pixels are noise.
    window = (3, 3)
    agreed = cv2.blur(votes, window) / np.maximum(cv2.blur(band.astype(np.float32), window), np.float32(0.1))
    result = disparity.copy()
    result[rows, columns] = np.where(agreed[rows, columns] > 0, near_side, far_side)
    return result


def _steepness(disparity: Map) -> Map:
    across = cv2.Sobel(disparity, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Sobel(disparity, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _sides(disparity: Map, smears: tuple[int, ...]) -> tuple[Map, Map]:
    """The far and the near disparity around each pixel, from no farther off than its smear is wide."""
    pairs = []
    for reach in smears:
        # A square is fast at any size, a disk truer to small shapes.
        shape = cv2.MORPH_ELLIPSE if reach < 5 else cv2.MORPH_RECT
        window = cv2.getStructuringElement(shape, (2 * reach + 1,) * 2)
        pairs.append((np.asarray(cv2.erode(disparity, window)), np.asarray(cv2.dilate(disparity, window))))
    far, near = (np.asarray(side, np.float32) for side in pairs[-1])
    whole = near - far
    for low, high in reversed(pairs[:-1]):
        enough = high - low > np.float32(0.8) * whole
        far, near = np.where(enough, low, far).astype(np.float32), np.where(enough, high, near).astype(np.float32)
    return far, near


def _hear(
    disparity: Map,
    colour: NDArray[np.float32],
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    far: NDArray[np.float32],
    near: NDArray[np.float32],
    reach: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """For each pixel of a band: -1..1, whether those around it that look like it are far or near; and how far and near.

    A witness counts by how clearly it belongs to a side; likeness is a mean over each side, so that the side that fills
    more of the window does not win by number. The disparity of a side is the mean of its clearest witnesses: the least
    or largest in the window would be that of a slanted surface's end.
    """
    width = disparity.shape[1]
    padded = cv2.copyMakeBorder(cv2.merge([*cv2.split(colour), disparity]), *(reach,) * 4, cv2.BORDER_REPLICATE)
    stride = width + 2 * reach
    flat = padded.reshape(-1, 4)
    base = (at[0] + reach) * stride + at[1] + reach
    own = flat[base, :3]
    gain = 2 / (near - far)
    sums = np.zeros((4, len(base)), np.float32)
    # The extremes count a little, for a band without clear witnesses.
    clear = np.full((2, len(base)), 1e-3, np.float32)
    values = np.stack([far, near]) * np.float32(1e-3)
    scale = np.float32(-0.5 / COLOUR_SIGMA**2)
    for dy, dx, weight in _offsets(reach):
        seen = flat[base + (dy * stride + dx)]
        apart = seen[:, :3] - own
        alike = np.exp(scale * np.einsum("ij,ij->i", apart, apart))
        side = np.clip((seen[:, 3] - far) * gain - 1, -1, 1)
        is_near, is_far = np.maximum(side, 0), np.maximum(-side, 0)
        is_near *= is_near * np.float32(weight)
        is_far *= is_far * np.float32(weight)
        sums[0] += alike * is_near
        sums[1] += alike * is_far
        sums[2] += is_near
        sums[3] += is_far
        is_far *= is_far
        is_near *= is_near
        is_far *= is_far
        is_near *= is_near
        clear[0] += is_far
        clear[1] += is_near
        values[0] += is_far * seen[:, 3]
        values[1] += is_near * seen[:, 3]
    like_near, like_far = sums[0] / (sums[2] + 1e-3), sums[1] / (sums[3] + 1e-3)
    votes = (like_near - like_far) / (like_near + like_far + np.float32(0.02))
    values /= clear
    return votes, values[0], values[1]


def _offsets(reach: int) -> list[tuple[int, int, float]]:
    """Sample positions in a window and how much each counts, less with distance."""
    steps = sorted({round(v) for v in np.linspace(-reach, reach, min(_SAMPLES, 2 * reach + 1))})
    return [
        (dy, dx, float(np.exp(-0.5 * (dy * dy + dx * dx) / (0.6 * reach) ** 2)))
        for dy in steps
        for dx in steps
        if (dy or dx) and dy * dy + dx * dx <= reach * reach * 1.2
    ]
