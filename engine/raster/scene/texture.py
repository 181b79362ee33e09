"""What a layer is sampled from: its planes at the sizes that a path needs, ready for bilinear lookups.

A bilinear lookup is exact for pictures that change slowly from texel to texel. So textures have about two texels for
each pixel of the frame at the closest view (interpolated by a long filter where the photo has fewer), hold nothing that
the frame could not show, and are sharpened by what the lookup takes away on average.
"""

from dataclasses import dataclass
from math import ceil, floor, log
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane
from engine.raster.kernels.scene_tiles import BLOCK, FIELDS
from engine.raster.scene.layer import SceneLayer
from engine.raster.scene.resize import resized, resized_wide

Number = TypeVar("Number", np.uint8, np.float32)

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
    height, width = layer.luma.shape
    across, down = (max(2, 2 * round(s * ratio / r / 2)) for s, r in ((width, working[0]), (height, working[1])))
    size = (across, down)
    half = (size[0] // 2, size[1] // 2)
    planes: list[NDArray[np.uint8]]
    if layer.alpha is None:
        chroma = [resized(layer.chroma[..., i], half, TEXELS) for i in (0, 1)]
        planes = [_slack(_sharp(resized(layer.luma, size, TEXELS))), _slack(np.stack(chroma, axis=-1))]
    else:
        planes = _with_alpha(layer, layer.alpha, size, half)
    row = np.zeros(FIELDS, np.int64)
    row[: len(planes)] = [plane.ctypes.data for plane in planes]
    row[6:] = [*size, *half, ceil(size[0] / BLOCK)]
    rates = (size[0] / width * working[0], size[1] / height * working[1])
    return Texture((layer.x / working[0], layer.y / working[1]), rates, row, tuple(planes), size)


def _with_alpha(
    layer: SceneLayer, solid: Plane, size: tuple[int, int], half: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """The planes of a layer that is not solid.

    Colours and alpha go through the same filters, and what overshoots of alpha is taken off the colours too: else an
    edge between equal colours would show.
    """
    alpha, luma = (_sharp(resized_wide(plane, size, TEXELS)) for plane in (solid, layer.luma))
    height, width = solid.shape
    quads = solid.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3), dtype=np.float32)
    thin = resized_wide((quads + np.float32(0.5)).astype(np.uint8), half, TEXELS)
    chroma = np.stack([resized_wide(layer.chroma[..., i], half, TEXELS) for i in (0, 1)], axis=-1)
    luma *= _within(alpha)
    chroma *= _within(thin)[..., None]
    whole, small = _bytes(alpha), _bytes(thin)
    (least, largest), (least_half, largest_half) = _extremes(whole, BLOCK), _extremes(small, BLOCK // 2)
    blocks = (np.minimum(least, least_half), np.maximum(largest, largest_half))
    return [_slack(plane) for plane in (_bytes(luma), _bytes(chroma), whole, small, *blocks)]


def _within(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """What colours are multiplied by so that they belong to an alpha that is cut off at 0 and 255."""
    return np.where(alpha > 0, np.float32(255) / np.maximum(alpha, np.float32(255)), np.float32(0))


def _bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(values + np.float32(0.5), 0, 255), np.uint8)


def _sharp(plane: NDArray[Number]) -> NDArray[Number]:
    import cv2

    kernel = np.array([-SHARPEN, 1 + 2 * SHARPEN, -SHARPEN], np.float32)
    return np.asarray(cv2.sepFilter2D(plane, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE), plane.dtype)


def _slack(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    flat = np.empty(plane.size + SLACK, np.uint8)
    flat[: plane.size] = plane.reshape(-1)
    flat[plane.size :] = 0
    return flat


def _extremes(plane: Plane, block: int) -> tuple[Plane, Plane]:
    """Least and largest value of each block of block x block samples."""
    down, across = (ceil(side / block) for side in plane.shape)
    padded = np.pad(plane, ((0, down * block - plane.shape[0]), (0, across * block - plane.shape[1])), mode="edge")
    tiles = padded.reshape(down, block, across, block)
    return tiles.min(axis=(1, 3)), tiles.max(axis=(1, 3))
