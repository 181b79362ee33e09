"""The guided filter: smoothing that stops at the edges of a picture.

He, Sun, Tang, "Guided image filtering", IEEE TPAMI 35(6), 2013: in every window the output is a linear function of the
guide's colour. A three-channel guide is used, because edges between colours of equal brightness count too. The linear
functions are found on a reduced picture and applied on the whole (He, Sun, "Fast guided filter", arXiv 1505.00996).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.resize import resized

Map = NDArray[np.float32]
"""One value a pixel, shape (h, w), float32."""


def guided_filter(guide: NDArray[np.float32], values: Map, radius: int, epsilon: float, reduce: int = 1) -> Map:
    """Smooth values within the edges of a guide.

    Args:
        guide: shape (h, w, 3), float32, about 0..1; any three-channel colour space.
        values: shape (h, w), float32.
        radius: half width of the window, in pixels of the guide, >= 1.
        epsilon: variance of the guide's colours, (0..1)^2, below which a difference is no edge.
        reduce: the linear functions are found at 1/reduce of the size.

    Returns:
        shape (h, w), float32; may leave the range of the values a little.
    """
    height, width = values.shape
    reduce = max(1, min(reduce, height // 4, width // 4))
    small = (max(1, width // reduce), max(1, height // reduce))
    few_guide, few_values = resized(guide, small), resized(values, small)
    window = (2 * max(1, radius // reduce) + 1,) * 2

    def mean(image: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(image, window, borderType=cv2.BORDER_REFLECT), np.float32)

    mean_guide, mean_values = mean(few_guide), mean(few_values)
    r, g, b = cv2.split(few_guide)
    mr, mg, mb = cv2.split(mean_guide)
    rr, gg, bb = (mean(c * c) - m * m + epsilon for c, m in ((r, mr), (g, mg), (b, mb)))
    rg, rb, gb = mean(r * g) - mr * mg, mean(r * b) - mr * mb, mean(g * b) - mg * mb
    vr, vg, vb = (mean(c * few_values) - m * mean_values for c, m in ((r, mr), (g, mg), (b, mb)))
    # The inverse of the symmetric 3 x 3 covariance, by cofactors; epsilon keeps its determinant above zero.
    c_rr, c_rg, c_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    determinant = np.maximum(rr * c_rr + rg * c_rg + rb * c_rb, epsilon**3)
    slope = np.dstack(
        [
            (c_rr * vr + c_rg * vg + c_rb * vb) / determinant,
            (c_rg * vr + c_gg * vg + c_gb * vb) / determinant,
            (c_rb * vr + c_gb * vg + c_bb * vb) / determinant,
        ]
    ).astype(np.float32)
    offset = mean_values - np.einsum("ijk,ijk->ij", slope, mean_guide)
    slope, offset = mean(slope), mean(offset.astype(np.float32))
    if reduce > 1:
        slope, offset = resized(slope, (width, height)), resized(offset, (width, height))
    return np.asarray(np.einsum("ijk,ijk->ij", slope, guide) + offset, np.float32)
