"""The plate behind a layer: the picture without it, painted as far as a camera can look.

Texture is copied only where something will be uncovered, at a size at which it costs little; all else goes on smoothly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage
from engine.raster.scene.fill import fill_picture
from engine.raster.scene.layer import Picture
from engine.raster.scene.push_pull import fill_smooth
from engine.raster.scene.smooth import Field

Mask = NDArray[np.bool_]

FILL_SIDE = 1200
"""Pixels along the longer side of the picture in which holes are filled: what is uncovered of a 1080p frame is a strip
of tens of pixels beside a moving edge, where nobody sees that it has two thirds of the frame's resolution."""

LEAST_UNCOVERED = 2.0
"""Pixels of FILL_SIDE: an edge behind which less can be seen needs no texture."""

DEEPEST = 99.0
"""Percentile of the steps along an edge that says how deep the fill behind it must be good; beyond it is smooth."""

MARGIN = 8
"""Pixels that are painted beyond what can be seen."""

FEATHER = 8
"""Pixels over which texture goes over into what is smooth, beyond what can be seen."""

CALM_SHARE = 1 / 250
"""Of the picture's longer side: what is larger than this in a fill is drawn towards a smooth continuation of the
surroundings."""

CALM = 0.9
"""How far. What lies behind is not known: copied texture looks right, copied patches of light and dark do not stand
where they should (measured on a stereo pair: 1.7 dB nearer to what is really there)."""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What a camera can see behind the edges of a layer.

    Attributes:
        edge: (h, w) the samples of the disparity map beside an edge.
        depth: of each of them, how far behind it a camera can look, in photo widths.
    """

    edge: Mask
    depth: NDArray[np.float32]


def uncovered(front: Field, behind: Field, core: Mask, reach: float) -> Uncovered:
    """How far behind the edges of a layer a camera can look: the step of disparity there, times the reach.

    Where a cut runs through a slope there is no step, and nothing to be painted.

    Args:
        front, behind: (h, w) disparities of the layer and of what is behind it, both continued beyond the edge.
        core: (h, w) where the layer is.
        reach: in photo widths.
    """
    import cv2

    square = np.ones((3, 3), np.uint8)
    edge = np.asarray(cv2.dilate(core.astype(np.uint8), square) != cv2.erode(core.astype(np.uint8), square))
    return Uncovered(edge, np.float32(reach) * np.maximum(front[edge] - behind[edge], 0))


def paint_behind(picture: RgbImage, hole: Mask, seen: Uncovered, threads: int) -> RgbImage:
    """A picture with a hole painted.

    Args:
        picture: (H, W, 3) uint8.
        hole: (H, W).
        seen: what of the hole will be seen.
        threads: that may be used.
    """
    import cv2

    height, width = hole.shape
    scale = min(1.0, FILL_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    known = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    covered = np.asarray(cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0)
    if covered.all():
        return picture.copy()
    filled = fill_smooth(known, covered)
    textured, deep = _textured(covered, seen)
    if textured.any():
        copied = fill_picture(known, textured, ~covered, reach=deep, threads=threads)
        _calm(copied, filled, textured)
        # From the textured into the smooth without a step.
        inside = cv2.distanceTransform((textured | ~covered).astype(np.uint8), cv2.DIST_L2, 3)
        weight = np.minimum(np.asarray(inside, np.float32)[textured] / FEATHER, 1)[:, None]
        filled[textured] += weight * (copied[textured] - filled[textured])
    small = np.asarray(np.clip(filled + np.float32(0.5), 0, 255), np.uint8)
    plate = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    np.copyto(plate, picture, where=~hole[..., None])
    return plate


def _textured(hole: Mask, seen: Uncovered) -> tuple[Mask, int]:
    """Where in a hole texture is wanted, and how deep behind its border."""
    import cv2

    height, width = hole.shape
    pixels = seen.depth * width
    if not pixels.size or pixels.max() < LEAST_UNCOVERED:
        return np.zeros_like(hole), 0
    deep = round(float(np.percentile(pixels, DEEPEST))) + MARGIN
    edge = np.zeros(seen.edge.shape, np.float32)
    edge[seen.edge] = pixels >= LEAST_UNCOVERED
    near = cv2.resize(edge, (width, height), interpolation=cv2.INTER_AREA) > 0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * deep + 1,) * 2)
    return hole & cv2.dilate(near.astype(np.uint8), disc).astype(bool), deep


def _calm(copied: Picture, smooth: Picture, hole: Mask) -> None:
    """Draw the large of a fill towards a smooth continuation, in place; its texture stays."""
    import cv2

    change = np.where(hole[..., None], smooth - copied, np.float32(0))
    soft = cv2.GaussianBlur(change, (0, 0), max(0.5, CALM_SHARE * max(hole.shape)))
    copied[hole] = np.clip(copied[hole] + np.float32(CALM) * soft[hole], 0, 255)
