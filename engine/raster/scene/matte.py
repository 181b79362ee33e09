"""Soft edges: how much of each pixel belongs to the layer in front."""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage

Alpha = NDArray[np.float32]
"""(H, W) float32, 0..1."""

EPSILON = 4e-4
"""Variance, of colours 0..1, below which a window counts as flat."""

FLOOR, CEILING = 0.12, 0.88
"""What the filter says below and above is taken as none and as all: it never quite says either."""


def soft_matte(core: NDArray[np.bool_], picture: RgbImage, edge_error: float) -> Alpha:
    """The matte of what lies in front, from a hard mask that may be coarser than the picture.

    The guided filter (He, Sun and Tang, "Guided Image Filtering", 2013) with the picture as guide: within a window,
    alpha is a linear function of the colour, as in closed-form matting, so that it follows silhouettes and thin
    structures.

    Args:
        core: (h, w) what is in front, of any size.
        picture: (H, W, 3) uint8.
        edge_error: how far the mask may be off, as a share of the longer side: the radius of the filter's windows.
    """
    import cv2

    height, width = picture.shape[:2]
    radius = max(2, round(edge_error * max(height, width)))
    mask = np.asarray(cv2.resize(core.astype(np.float32), (width, height)), np.float32)
    box = _grown(_box(mask), 4 * radius, width, height)
    if box is None:
        return mask
    x0, y0, x1, y1 = box
    part, guide = mask[y0:y1, x0:x1], picture[y0:y1, x0:x1].astype(np.float32) * np.float32(1 / 255)
    soft = _guided(part, guide, radius)
    soft = np.clip((soft - FLOOR) / (CEILING - FLOOR), 0, 1)
    # Away from the mask's edge the mask is right.
    size = (2 * radius + 1, 2 * radius + 1)
    sure = cv2.boxFilter(part, -1, size)
    out = np.zeros((height, width), np.float32)
    out[y0:y1, x0:x1] = np.where(sure > 0.999, 1, np.where(sure < 0.001, 0, soft))
    return out


def _box(mask: Alpha) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _grown(box: tuple[int, int, int, int] | None, by: int, width: int, height: int) -> tuple[int, int, int, int] | None:
    if box is None:
        return None
    x0, y0, x1, y1 = box
    return max(0, x0 - by), max(0, y0 - by), min(width, x1 + by), min(height, y1 + by)


def _guided(mask: Alpha, guide: NDArray[np.float32], radius: int) -> Alpha:
    """Fast guided filter (He and Sun 2015): coefficients at half size, colour guide."""
    import cv2

    height, width = mask.shape
    half = (max(1, width // 2), max(1, height // 2))
    small, colour = (
        np.asarray(cv2.resize(each, half, interpolation=cv2.INTER_AREA), np.float32) for each in (mask, guide)
    )
    size = (radius + 1 | 1,) * 2

    def mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.boxFilter(plane, -1, size, borderType=cv2.BORDER_REFLECT))

    mean_guide, mean_mask = mean(colour), mean(small)
    r, g, b = (colour[..., i] for i in range(3))
    mr, mg, mb = (mean_guide[..., i] for i in range(3))
    cov = [mean(np.ascontiguousarray(each * small)) - m * mean_mask for each, m in ((r, mr), (g, mg), (b, mb))]
    rr, rg, rb = mean(r * r) - mr * mr + EPSILON, mean(r * g) - mr * mg, mean(r * b) - mr * mb
    gg, gb, bb = mean(g * g) - mg * mg + EPSILON, mean(g * b) - mg * mb, mean(b * b) - mb * mb + EPSILON
    # The symmetric 3 x 3 system by its cofactors.
    c00, c01, c02 = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    c11, c12, c22 = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    det = rr * c00 + rg * c01 + rb * c02
    a0 = (c00 * cov[0] + c01 * cov[1] + c02 * cov[2]) / det
    a1 = (c01 * cov[0] + c11 * cov[1] + c12 * cov[2]) / det
    a2 = (c02 * cov[0] + c12 * cov[1] + c22 * cov[2]) / det
    rest = mean_mask - a0 * mr - a1 * mg - a2 * mb
    full = [cv2.resize(mean(each), (width, height), interpolation=cv2.INTER_LINEAR) for each in (a0, a1, a2, rest)]
    return np.asarray(full[0] * guide[..., 0] + full[1] * guide[..., 1] + full[2] * guide[..., 2] + full[3])
