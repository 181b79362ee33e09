"""Two photos of one scene and where each point of the first is in the second: what a synthesised view is held against.

The scene is Middlebury's *Motorcycle* at a quarter of its size (D. Scharstein et al., High-Resolution Stereo Datasets
with Subpixel-Accurate Ground Truth, GCPR 2014), which scikit-image ships: two photos of 741 x 500 pixels, and the
disparity of the left one from structured light, d = x_left - x_right in pixels, the shift of the principal points in
it. The right camera is then :class:`engine.core.camera.Camera` with x = d_max / W, and q = d / d_max.
"""

from dataclasses import dataclass
from math import inf, log10
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import RgbImage
from engine.core.view import View

ONE_SURFACE = 1.0
"""Pixels: neighbours whose disparities differ by less belong to one surface, which has no gap between them."""

EDGE_MARGIN = 2
"""Pixels: the colours of both photos are mixed so far around an edge, each with its own background."""

SAME_PLACE = 0.5
"""Pixels: how much nearer a surface must be to hide another."""

Mask = NDArray[np.bool_]
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Truth:
    """A stereo pair with its masks; pictures (H, W, 3) uint8, everything else (H, W).

    Attributes:
        left, right: the two photos.
        disparity: of the left photo in pixels; where it was not measured, that of the farther neighbour in the row.
        measured: where it was, on a surface: see :func:`truth_of`.
        seen: the right photo's disparity, by the surface that the left photo shows nearest there; NaN where none is.
        visible: pixels of the right photo whose surface the left photo shows, at a measured disparity.
        inner: the visible ones more than EDGE_MARGIN from where the disparity jumps or the left photo shows nothing.
        disoccluded: those that no surface of the left photo comes to lie on.
    """

    left: RgbImage
    right: RgbImage
    disparity: Field
    measured: Mask
    seen: Field
    visible: Mask
    inner: Mask
    disoccluded: Mask

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.left.shape[1], self.left.shape[0]

    @property
    def relative(self) -> Field:
        """The disparity as scenes want it, 0..1."""
        relative: Field = (self.disparity / self.disparity.max()).astype(np.float32)
        return relative

    @property
    def camera(self) -> Camera:
        """The right photo's."""
        return Camera(View.whole(*self.size), x=float(self.disparity.max()) / self.size[0])


def motorcycle() -> Truth:
    """The pair that scikit-image ships, without its last column: video frames, and so scenes, have even sides."""
    from skimage import data

    # Through Any: scikit-image declares types, and this function has none.
    load: Any = data.stereo_motorcycle
    left, right, disparity = (np.ascontiguousarray(each[:, :-1]) for each in load())
    return truth_of(left, right, disparity)


def truth_of(left: RgbImage, right: RgbImage, disparity: Field) -> Truth:
    """Masks and fills from a pair.

    Args:
        left, right: (H, W, 3) uint8.
        disparity: (H, W) pixels of the left photo; not finite where it is unknown.

    A pixel that is joined to neither neighbour in its row is no surface: shrinking the disparities has mixed those of
    both sides of an edge, and such pixels would fly between them. They count as unknown.

    What the right camera alone can see beyond the left photo's border counts for nothing: the last d_max columns are in
    no mask. Nor are pixels on which a surface of unknown disparity may land, whether it goes on at the disparity of its
    farther or of its nearer neighbour: what is there is not known.
    """
    measured = np.isfinite(disparity)
    joined = np.abs(np.diff(np.where(measured, disparity, np.float32(0)), axis=1)) < ONE_SURFACE
    joined &= measured[:, 1:] & measured[:, :-1]
    measured &= np.pad(joined, ((0, 0), (1, 0))) | np.pad(joined, ((0, 0), (0, 1)))
    farther, nearer = _filled(disparity, measured)
    known = _seen_from_right(farther, measured)
    guessed = np.maximum(_seen_from_right(farther, ~measured), _seen_from_right(nearer, ~measured))
    inside = np.arange(left.shape[1]) < left.shape[1] - np.ceil(farther.max())
    visible = (known > -np.inf) & (known > guessed - SAME_PLACE) & inside
    nothing = (known == -np.inf) & (guessed == -np.inf) & inside
    seen = np.where(known > -np.inf, known, np.float32(np.nan)).astype(np.float32)
    return Truth(left, right, farther, measured, seen, visible, visible & ~_near_edges(seen), nothing)


def shifted_psnr(truth: Truth, shift: float, sign: float = 1.0) -> float:
    """PSNR in dB of the right photo's visible pixels against the left's, looked up at their disparity plus a shift.

    Its maximum must lie at shift 0 and sign 1, if the disparity is what this module says that it is.
    """
    x = np.arange(truth.size[0]) + 0.5 + sign * (truth.seen + shift)
    return psnr(sampled_rows(truth.left, np.nan_to_num(x, nan=0.5)), truth.right, truth.visible)


def psnr(made: NDArray[np.generic], wanted: RgbImage, mask: Mask) -> float:
    """Peak signal to noise in dB over the pixels of a mask."""
    error = float(((made[mask].astype(np.float64) - wanted[mask]) ** 2).mean())
    return 10 * log10(255**2 / error) if error else inf


def sampled_rows(picture: RgbImage, x: NDArray[np.floating]) -> NDArray[np.float64]:
    """(H, W, 3): each row of a picture, linear between its pixels, at continuous positions x (H, W)."""
    place = np.clip(x - 0.5, 0, picture.shape[1] - 1)
    first = np.minimum(place.astype(np.int64), picture.shape[1] - 2)
    rows = np.arange(picture.shape[0])[:, None]
    share = (place - first)[..., None]
    mixed: NDArray[np.float64] = (1 - share) * picture[rows, first] + share * picture[rows, first + 1]
    return mixed


def _filled(disparity: Field, measured: Mask) -> tuple[Field, Field]:
    """The map with its unknown parts at the disparity of the farther, and at that of the nearer neighbour in the row.

    The farther is right where one camera did not see a point, which is what is mostly unknown.
    """
    columns = np.arange(disparity.shape[1])
    rows = np.arange(disparity.shape[0])[:, None]
    before = np.maximum.accumulate(np.where(measured, columns, -1), axis=1)
    after = np.minimum.accumulate(np.where(measured, columns, len(columns))[:, ::-1], axis=1)[:, ::-1]
    if not measured.any(axis=1).all():
        raise ValueError("a row of the disparity map has no measured pixel")
    # At the border there is one neighbour only, which is both.
    on_left = disparity[rows, np.where(before >= 0, before, after)]
    on_right = disparity[rows, np.where(after < len(columns), after, before)]
    farther = np.where(measured, disparity, np.minimum(on_left, on_right)).astype(np.float32)
    nearer = np.where(measured, disparity, np.maximum(on_left, on_right)).astype(np.float32)
    return farther, nearer


def _near_edges(seen: Field) -> Mask:
    """Pixels within EDGE_MARGIN of a jump of the disparity, or of none at all."""
    # Nothing (NaN) is never less than anything: it counts as a jump.
    along, down = (~(np.abs(np.diff(seen, axis=axis)) < ONE_SURFACE) for axis in (1, 0))
    jump = np.zeros(seen.shape, np.uint8)
    jump[:, 1:] |= along
    jump[:, :-1] |= along
    jump[1:] |= down
    jump[:-1] |= down
    around = np.ones((2 * EDGE_MARGIN + 1,) * 2, np.uint8)
    near: Mask = cv2.dilate(jump, around).astype(bool)
    return near


def _seen_from_right(disparity: Field, counted: Mask) -> Field:
    """(H, W): the largest disparity that lands on each pixel of the right photo; -inf where none does.

    Rows are lines of a surface, drawn with a depth buffer: a pixel centre is covered where it lies between two
    neighbours of one surface. Each pixel also covers the centre that lies within half a pixel of it, so that edges keep
    their outer half.

    Args:
        disparity: of the left photo.
        counted: pixels that are drawn; a line is drawn if one of its ends is.
    """
    width = disparity.shape[1]
    landed = np.full(disparity.shape, -np.inf, np.float32)
    place = np.arange(width) + 0.5 - disparity

    def draw(row: NDArray[np.int64], column: NDArray[np.int64], value: NDArray[np.floating]) -> None:
        within = (column >= 0) & (column < width)
        np.maximum.at(landed, (row[within], column[within]), value[within].astype(np.float32))

    row, column = np.nonzero(counted)
    draw(row, np.floor(place[row, column]).astype(np.int64), disparity[row, column])
    joined = np.abs(np.diff(disparity, axis=1)) < ONE_SURFACE
    row, column = np.nonzero(joined & (counted[:, 1:] | counted[:, :-1]))
    start, length = place[row, column], place[row, column + 1] - place[row, column]
    for step in range(2):  # a line is shorter than two pixels, and never runs backwards
        centre = np.ceil(start - 0.5) + 0.5 + step
        share = (centre - start) / length
        hit = share <= 1
        value = disparity[row, column] + share * (disparity[row, column + 1] - disparity[row, column])
        draw(row[hit], np.floor(centre[hit]).astype(np.int64), value[hit])
    return landed
