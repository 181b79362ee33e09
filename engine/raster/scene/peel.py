"""A photo taken apart into layers, from the front to the back, and put together again exactly.

At each cut, what lies in front gets a matte a; the plate B behind it is the picture with that filled; and what is in
front is F = I - (1 - a) B, multiplied by alpha and free of the background's colour. What F cannot be (a colour below 0
or above a) goes back into B. So F + (1 - a) B = I at every cut, and a camera that does not move shows the photo.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import RgbImage
from engine.raster.scene.fill import fill_picture
from engine.raster.scene.layer import Picture, SceneLayer, make_layer
from engine.raster.scene.matte import Alpha, soft_matte
from engine.raster.scene.push_pull import fill_smooth
from engine.raster.scene.smooth import Field, gentle

Mask = NDArray[np.bool_]

HALO = 3
"""Working pixels around a matte that still may show the colour of what is in front: lens blur and JPEG blocks."""

HIDDEN = 0.02
"""Alpha from which a pixel belongs to the hole behind a layer."""

EDGE_SHARE = 1 / 200
"""Width of the rim of a layer, as a share of the map's longer side, whose own disparity is not trusted: it is continued
from inside."""

SOLID = 0.97
"""Alpha from which a pixel is all of the layer: so little of what is behind is seen that it could not be corrected."""


@dataclass(frozen=True, slots=True)
class Peeling:
    """How a photo is taken apart.

    Attributes:
        cuts: disparities between the layers, falling.
        reach: largest displacement of a point of disparity 1, in photo widths.
        threads: for the fill.
        model: fills a hole instead of our own method: (picture, hole) -> picture.
    """

    cuts: tuple[float, ...]
    reach: float
    threads: int = 2
    model: Callable[[RgbImage, Mask], RgbImage] | None = None


def peel(picture: RgbImage, disparity: Field, how: Peeling) -> list[SceneLayer]:
    """The layers of a photo, the farthest first.

    Args:
        picture: (H, W, 3) uint8, even sides: the working picture.
        disparity: 0..1, its edges on those of the picture.
        how: see :class:`Peeling`.
    """
    rest = picture.astype(np.float32)
    depth = disparity
    nearer: list[SceneLayer] = []
    for cut in how.cuts:
        core = depth > cut
        if not core.any() or core.all():
            continue
        alpha = soft_matte(core, _bytes(rest))
        alpha[alpha >= SOLID] = 1
        plate, colours = _cut_out(rest, alpha, depth, core, how)
        layer = make_layer(colours, alpha, gentle(_inside(depth, core), how.reach * depth.shape[1]))
        if layer is not None:
            nearer.append(layer)
        rest, depth = plate, _behind(depth, core, cut)
    farthest = make_layer(rest, None, gentle(depth, how.reach * depth.shape[1]))
    assert farthest is not None
    return [farthest, *reversed(nearer)]


def _cut_out(picture: Picture, alpha: Alpha, depth: Field, core: Mask, how: Peeling) -> tuple[Picture, Picture]:
    """The plate behind a layer, and the layer's colours multiplied by alpha."""
    import cv2

    touched = (alpha > HIDDEN).astype(np.uint8)
    hole = cv2.dilate(touched, np.ones((2 * HALO + 1,) * 2, np.uint8)).astype(bool)
    # Where what is in front touches everything, the least touched still says best what is behind.
    for smaller in (touched.astype(bool), alpha > 0.5, alpha > alpha.min()):
        if hole.all():
            hole = smaller
    if how.model is not None:
        filled = how.model(_bytes(picture), hole).astype(np.float32)
        plate = np.where(hole[..., None], filled, picture)
    else:
        # How far a camera can look behind: the step of disparity at the edge, at most its whole range.
        span = float(depth.max() - depth[~core].min()) if (~core).any() else 1.0
        deep = round(how.reach * span * alpha.shape[1]) + 2 * HALO
        plate = fill_picture(picture, hole, ~hole, reach=deep, threads=how.threads)
    a = alpha[..., None]
    colours = np.clip(picture - (1 - a) * plate, 0, 255 * a)
    seen = hole & (alpha < 1)
    missing = picture[seen] - colours[seen] - (1 - a[seen]) * plate[seen]
    plate[seen] = np.clip(plate[seen] + missing / (1 - a[seen]), 0, 255)
    return plate, np.asarray(colours, np.float32)


def _inside(depth: Field, core: Mask) -> Field:
    """The disparity of what is in front, continued beyond its edge."""
    import cv2

    rim = max(1, round(EDGE_SHARE * max(depth.shape)))
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


def _behind(depth: Field, core: Mask, cut: float) -> Field:
    """The disparity of what is behind, continued under what was in front."""
    import cv2

    rim = max(1, round(EDGE_SHARE * max(depth.shape)))
    hole = cv2.dilate(core.astype(np.uint8), np.ones((2 * rim + 1,) * 2, np.uint8)).astype(bool)
    if hole.all():
        hole = core
    return np.minimum(fill_smooth(depth, hole), np.float32(cut))


def _bytes(picture: Picture) -> RgbImage:
    return np.asarray(np.clip(picture + np.float32(0.5), 0, 255), np.uint8)
