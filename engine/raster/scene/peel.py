"""A photo taken apart into layers, from the front to the back, and put together again exactly.

At each cut, what lies in front gets a matte a; the plate B behind it is the picture with that filled; and what is in
front is F = I - (1 - a) B, multiplied by alpha and free of the background's colour. Where F could be no colour, a is
too small and is raised. So F + (1 - a) B = I at every cut, and a camera that does not move shows the photo.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage
from engine.raster.scene.layer import SceneLayer, make_layer
from engine.raster.scene.matte import Alpha, soft_matte
from engine.raster.scene.plate import Uncovered, paint_behind, uncovered
from engine.raster.scene.push_pull import fill_smooth
from engine.raster.scene.smooth import Field, gentle

Mask = NDArray[np.bool_]

HALO_SHARE = 1 / 1000
"""Of the working picture's longer side: pixels around a matte that still may show the colour of what is in front, by
lens blur and JPEG blocks."""

SURE = 1 / 400
"""Edge error up to which a mask is taken as right: beyond it, what stands beside a mask may belong to what is in front,
and does where the plate cannot explain it."""

HIDDEN = 0.02
"""Alpha from which a pixel belongs to the hole behind a layer."""

EDGE_ERROR = 1 / 700
"""How far the edges of a disparity map may be from those of the photo, as a share of the longer side, unless it is
said. Within that the rim of a layer has no disparity of its own: it is continued from inside."""

SPARE = 0.5
"""Levels by which a colour may be out of range before the matte is raised for it: noise in highlights asks for no
matte."""


@dataclass(frozen=True, slots=True)
class Peeling:
    """How a photo is taken apart.

    Attributes:
        cuts: disparities between the layers, falling.
        reach: largest displacement of a point of disparity 1, in photo widths.
        edge_error: how far edges of the disparity may be off, as a share of the longer side.
        threads: for the fill.
        model: fills a hole instead of our own method: (picture, hole) -> picture.
    """

    cuts: tuple[float, ...]
    reach: float
    edge_error: float = EDGE_ERROR
    threads: int = 2
    model: Callable[[RgbImage, Mask], RgbImage] | None = None


def peel(picture: RgbImage, disparity: Field, how: Peeling) -> list[SceneLayer]:
    """The layers of a photo, the farthest first.

    Args:
        picture: (H, W, 3) uint8, even sides: the working picture.
        disparity: 0..1, its edges on those of the picture.
        how: see :class:`Peeling`.
    """
    rest, depth = picture, disparity
    with ThreadPoolExecutor(1) as aside:
        nearer: list[Future[SceneLayer | None]] = []
        for cut in how.cuts:
            core = depth > cut
            if not core.any() or core.all():
                continue
            front, behind = _inside(depth, core, how.edge_error), _behind(depth, core, cut, how.edge_error)
            alpha = soft_matte(core, rest, how.edge_error)
            hole = _hole(alpha, how.edge_error)
            plate = _plate(rest, hole, uncovered(front, behind, core, how.reach), how)
            # The next layer needs the plate alone: this one is finished beside it.
            nearer.append(aside.submit(_layer, rest, plate, alpha, hole, front, _displacement(depth, how)))
            rest, depth = plate, behind
        farthest = make_layer(rest.astype(np.float32), None, gentle(depth, _displacement(depth, how)))
        assert farthest is not None
        found = [each.result() for each in reversed(nearer)]
    return [farthest, *(layer for layer in found if layer is not None)]


def _displacement(depth: Field, how: Peeling) -> float:
    """How many samples a camera may move a point of disparity 1: a travel into the scene moves those at the farther
    borders most, which are the upper and the lower of a tall photo."""
    return float(how.reach * max(depth.shape))


def _hole(alpha: Alpha, edge_error: float) -> Mask:
    """What may show anything of the layer in front: by its matte, and as far beside as that may be off."""
    import cv2

    halo = int(max(HALO_SHARE, edge_error if edge_error > SURE else 0) * max(alpha.shape))
    touched = (alpha > HIDDEN).astype(np.uint8)
    hole = cv2.dilate(touched, np.ones((2 * halo + 1,) * 2, np.uint8)).astype(bool)
    # Where what is in front touches everything, the least touched still says best what is behind.
    for smaller in (touched.astype(bool), alpha > 0.5, alpha > alpha.min()):
        if hole.all():
            hole = smaller
    return np.asarray(hole)


def _plate(picture: RgbImage, hole: Mask, seen: Uncovered, how: Peeling) -> RgbImage:
    """The picture behind a layer."""
    if how.model is None:
        return paint_behind(picture, hole, seen, how.threads)
    return np.where(hole[..., None], how.model(picture, hole), picture)


def _layer(
    picture: RgbImage, plate: RgbImage, alpha: Alpha, hole: Mask, disparity: Field, displacement: float
) -> SceneLayer | None:
    """What is in front of a plate."""
    alpha = _explained(picture, plate, alpha, hole)
    solid = alpha >= 1
    colours = np.asarray(picture * solid[..., None], np.float32)
    band = hole & ~solid
    share = alpha[band][:, None]
    colours[band] = np.clip(picture[band] - (1 - share) * plate[band], 0, 255)
    return make_layer(colours, alpha, gentle(disparity, displacement))


def _explained(picture: RgbImage, plate: RgbImage, alpha: Alpha, hole: Mask) -> Alpha:
    """The matte, raised to where what is in front can explain the picture.

    I = F + (1 - a) B asks for a colour F / a within 0..255: so a must be at least 1 - I / B where the picture is darker
    than the plate, and (I - B) / (255 - B) where it is brighter. Whatever of a hair the matte missed moves with the
    hair.
    """
    import cv2

    band = hole & (alpha < 1)
    i, b = (np.asarray(each[band], np.float32) for each in (picture, plate))
    darker, brighter = 1 - (i + SPARE) / np.maximum(b, 1), (i - b - SPARE) / np.maximum(255 - b, 1)
    least = np.zeros_like(alpha)
    least[band] = np.clip(np.maximum(darker, brighter).max(axis=1), 0, 1)
    # A matte that changes from pixel to pixel is lost when it is resampled: what a pixel asks for, its neighbours get
    # too.
    wide = cv2.GaussianBlur(cv2.dilate(least, np.ones((3, 3), np.uint8)), (0, 0), 1.0)
    return np.asarray(np.where(hole, np.maximum(np.maximum(alpha, wide), least), 0), np.float32)


def _inside(depth: Field, core: Mask, edge_error: float) -> Field:
    """The disparity of what is in front, continued beyond its edge."""
    import cv2

    rim = max(1, round(edge_error * max(depth.shape)))
    sure = cv2.erode(core.astype(np.uint8), np.ones((2 * rim + 1,) * 2, np.uint8), borderValue=1).astype(bool)
    # A stalk has no inside: it is its own.
    labels = _kept(core, sure)
    return fill_smooth(depth, ~labels)


def _kept(core: Mask, sure: Mask) -> Mask:
    """The eroded mask, and those parts of the mask that erosion would remove altogether."""
    import cv2

    count, parts = cv2.connectedComponents(core.astype(np.uint8), connectivity=8)
    alive = np.zeros(count, bool)
    alive[np.unique(parts[sure])] = True
    lost = ~alive
    lost[0] = False
    return np.asarray(sure | lost[parts])


def _behind(depth: Field, core: Mask, cut: float, edge_error: float) -> Field:
    """The disparity of what is behind, continued under what was in front."""
    import cv2

    rim = max(1, round(edge_error * max(depth.shape)))
    hole = cv2.dilate(core.astype(np.uint8), np.ones((2 * rim + 1,) * 2, np.uint8)).astype(bool)
    if hole.all():
        hole = core
    return np.minimum(fill_smooth(depth, hole), np.float32(cut))
