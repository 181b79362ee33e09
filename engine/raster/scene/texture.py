"""What a layer is sampled from: its planes at the sizes that a path needs, ready for bilinear lookups.

A bilinear lookup is exact for pictures that change slowly from texel to texel. So textures have about two texels for
each pixel of the frame at the closest view (interpolated by a long filter where the photo has fewer), hold nothing that
the frame could not show, and are sharpened by what the lookup takes away on average.
"""

from dataclasses import dataclass
from math import ceil, floor, log

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane
from engine.raster.kernels.scene_tiles import BLOCK, FIELDS
from engine.raster.scene.layer import SceneLayer
from engine.raster.scene.resize import resized

TEXELS = 1.5
"""Texels per frame pixel at the closest view of a level."""

GROWTH = 1.2
"""Largest growth of the view that one level serves."""

SHARPEN = 0.07
"""Weight of each neighbour that is subtracted along an axis: lifts what a lookup loses on average over its phases,
sinc^2 of cycles per texel, to within 10 % up to 0.4 cycles per frame pixel: as the Ken Burns kernel."""

FULL = 255
"""Alpha of what is solid."""

SLACK = 8
"""Bytes after a plane that a lookup of four bytes may touch."""


@dataclass(frozen=True, slots=True)
class Texture:
    """One size of a layer.

    Attributes:
        corner: left, top in pixels of the full-size photo.
        ratio: texels per photo pixel, along x and y.
        row: the fields of :func:`engine.raster.kernels.scene_tiles.paint_tiles`; addresses into ``planes``.
        planes: keeps the memory: luma, chroma, alpha, chroma's alpha, least and largest alpha of blocks.
        size: width and height in texels.
    """

    corner: tuple[float, float]
    ratio: tuple[float, float]
    row: NDArray[np.int64]
    planes: tuple[NDArray[np.uint8], ...]
    size: tuple[int, int]


def texture_ratio(scale: float, native: float) -> float:
    """Texels per photo pixel of the level that serves a view: the coarsest of a fixed ladder that is fine enough.

    Args:
        scale: photo pixels per frame pixel in the layer.
        native: working pixels per photo pixel: more than TEXELS times finer is never made.
    """
    finest = TEXELS * native
    return float(finest / GROWTH ** max(0, floor(log(finest * scale / TEXELS) / log(GROWTH) + 1e-9)))


def make_texture(layer: SceneLayer, working: tuple[float, float], ratio: float) -> Texture:
    """One size of a layer.

    Args:
        layer: to be resized.
        working: working pixels per photo pixel, along x and y.
        ratio: texels per photo pixel that are wanted; sizes are rounded to even numbers.
    """
    import cv2

    height, width = layer.luma.shape
    across, down = (max(2, 2 * round(s * ratio / r / 2)) for s, r in ((width, working[0]), (height, working[1])))
    size = (across, down)
    half = (size[0] // 2, size[1] // 2)
    plain = resized(layer.luma, size, TEXELS)
    luma = _sharp(plain)
    chroma = np.stack([resized(layer.chroma[..., i], half, TEXELS) for i in (0, 1)], axis=-1)
    row = np.zeros(FIELDS, np.int64)
    rest: list[NDArray[np.uint8]] = []
    if layer.alpha is not None:
        alpha = resized(layer.alpha, size, TEXELS)
        # Where the layer ends, colours and alpha must stay in step.
        luma = np.where(cv2.erode(alpha, np.ones((3, 3), np.uint8)) == FULL, luma, plain)
        thin = alpha.reshape(half[1], 2, half[0], 2).mean(axis=(1, 3), dtype=np.float32)
        rest = [_slack(alpha), _slack((thin + np.float32(0.5)).astype(np.uint8)), *_blocks(alpha)]
    planes = [_slack(luma), _slack(chroma), *rest]
    row[: len(planes)] = [plane.ctypes.data for plane in planes]
    row[6:] = [*size, *half, ceil(size[0] / BLOCK)]
    rates = (size[0] / width * working[0], size[1] / height * working[1])
    return Texture((layer.x / working[0], layer.y / working[1]), rates, row, tuple(planes), size)


def _sharp(plane: Plane) -> Plane:
    import cv2

    kernel = np.array([-SHARPEN, 1 + 2 * SHARPEN, -SHARPEN], np.float32)
    return np.asarray(cv2.sepFilter2D(plane, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE))


def _slack(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    flat = np.empty(plane.size + SLACK, np.uint8)
    flat[: plane.size] = plane.reshape(-1)
    flat[plane.size :] = 0
    return flat


def _blocks(alpha: Plane) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Least and largest alpha of each block of BLOCK x BLOCK texels."""
    down, across = (ceil(side / BLOCK) for side in alpha.shape)
    padded = np.pad(alpha, ((0, down * BLOCK - alpha.shape[0]), (0, across * BLOCK - alpha.shape[1])), mode="edge")
    tiles = padded.reshape(down, BLOCK, across, BLOCK)
    return _slack(tiles.min(axis=(1, 3))), _slack(tiles.max(axis=(1, 3)))
