"""One layer of a scene: a picture, how much of it is there, and how near it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane
from engine.raster.color import ycbcr_matrix
from engine.raster.scene.matte import Alpha
from engine.raster.scene.smooth import Field

Picture = NDArray[np.float32]
"""(H, W, 3) float32, R'G'B' 0..255."""

BORDER = 16
"""Pixels of nothing that are kept around what a layer shows."""


@dataclass(frozen=True, slots=True)
class SceneLayer:
    """A part of the photo's plane, in planar Y'CbCr (BT.709, limited range), multiplied by alpha.

    Attributes:
        x, y: its top left corner in pixels of the scene's working picture, both even.
        luma: (h, w) uint8, h and w even; Y' times alpha.
        chroma: (h / 2, w / 2, 2) uint8, Cb and Cr times alpha; each sample in the middle of its four pixels.
        alpha: (h, w) uint8; None where the layer is solid, as the farthest is.
        disparity: float32 over the whole photo.
    """

    x: int
    y: int
    luma: Plane
    chroma: NDArray[np.uint8]
    alpha: Plane | None
    disparity: Field


def make_layer(colours: Picture, alpha: Alpha | None, disparity: Field) -> SceneLayer | None:
    """A layer from colours of the working picture's size; None where nothing of it is there.

    Args:
        colours: multiplied by alpha; even sides.
        alpha: None is solid.
        disparity: see :class:`SceneLayer`.
    """
    height, width = colours.shape[:2]
    x0, y0, x1, y1 = 0, 0, width, height
    if alpha is not None:
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        if not rows.size:
            return None
        x0, y0 = (max(0, int(first) - BORDER) & ~1 for first in (columns[0], rows[0]))
        x1 = min(width, (int(columns[-1]) + 2 + BORDER) & ~1)
        y1 = min(height, (int(rows[-1]) + 2 + BORDER) & ~1)
    part = colours[y0:y1, x0:x1]
    share = None if alpha is None else alpha[y0:y1, x0:x1]
    luma, chroma = _planes(part, share)
    solid = None if share is None else _rounded(255 * share)
    return SceneLayer(x0, y0, luma, chroma, solid, disparity)


def _planes(colours: Picture, alpha: Alpha | None) -> tuple[Plane, NDArray[np.uint8]]:
    import cv2

    matrix = ycbcr_matrix()
    height, width = colours.shape[:2]
    half = (width // 2, height // 2)
    luma = np.asarray(cv2.transform(colours, matrix[:1, :3].astype(np.float32)), np.float32).reshape(height, width)
    small = cv2.resize(colours, half, interpolation=cv2.INTER_AREA)
    chroma = np.asarray(cv2.transform(small, matrix[1:, :3].astype(np.float32)), np.float32)
    if alpha is None:
        return _rounded(luma + np.float32(matrix[0, 3])), _rounded(chroma + np.float32(matrix[1, 3]))
    thin = np.asarray(cv2.resize(alpha, half, interpolation=cv2.INTER_AREA), np.float32)
    luma += np.float32(matrix[0, 3]) * alpha
    chroma += np.float32(matrix[1, 3]) * thin.reshape(half[1], half[0], 1)
    return _rounded(luma), _rounded(chroma)


def _rounded(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(values + np.float32(0.5), 0, 255), np.uint8)
