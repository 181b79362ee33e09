"""The draft of a scene: one height field, no layers, nothing filled.

What DepthFlow and the parallax of the web's 3D photos do: the photo is a relief, and each pixel of a frame walks along
its ray until it meets it (:mod:`engine.raster.kernels.height_field`). There are no holes by construction: what the
photo does not show is covered by the slope between an edge and what lies behind it, and slopes are *stretched*: a few
photo pixels over the whole gap. Beyond the photo's borders its edge pixels are repeated.

Points are looked up with the Ken Burns sampler's own kernel, on the levels that it would use and stretched as far, so
that a camera at rest shows what that sampler shows, but for rounding and the 1/4096 sample of a position's table.
"""

from math import ceil, cos, sin

import numpy as np
from numpy.typing import NDArray

from engine.core.camera import Camera
from engine.core.frames import Plane, RgbImage, YuvFrame
from engine.raster.filters import KERNEL_COEFFICIENTS, RADIUS
from engine.raster.kernels.gather import gather
from engine.raster.kernels.height_field import march
from engine.raster.kernels.rotated import PHASES, phase_table
from engine.raster.levels import (
    PAD,
    LevelPlane,
    PhotoPlanes,
    alpha_planes,
    build_levels,
    choose_level,
    level_ratios,
    photo_planes,
)

Points = NDArray[np.float32]
"""Photo points under the samples of a plane: (h, w, 2) float32, x and y in photo pixels as in :class:`View`."""

Disparity = NDArray[np.float32]
"""(h, w) float32, 0..1, larger is nearer, spread over the whole photo: sample (i, j) is centred at the photo point
((i + 0.5) W / w, (j + 0.5) H / h)."""

_LUMA_SITE, _CHROMA_SITE, _PIXEL_STEP, _CHROMA_STEP = (0.5, 0.5), (0.5, 1.0), 1.0, 2.0
"""Where a plane's first sample lies in the frame, and how far it is to the next, luma pixels (engine.core.frames)."""


class HeightField:
    """A photo as a relief. Safe to call from several threads at once: nothing changes after it was made.

    Args:
        picture: (H, W, 3) uint8 sRGB: the photo, at the size that cameras count in.
        disparity: (h, w) float32, 0..1, of any size.
        scale_range: smallest and largest ``View.scale`` of the views to come; others work, but softer or with more
            aliasing.
        threads: threads for the preparation.

    Raises:
        ValueError: the disparities are not what they must be.
    """

    def __init__(
        self,
        picture: RgbImage,
        disparity: Disparity,
        *,
        scale_range: tuple[float, float] = (1.0, 1.0),
        threads: int = 2,
    ) -> None:
        if disparity.ndim != 2 or not disparity.size:
            raise ValueError(f"a disparity map has two axes, not the shape {disparity.shape}")
        least, largest = float(disparity.min()), float(disparity.max())
        if not 0 <= least <= largest <= 1:  # also false where there is a NaN
            raise ValueError(f"disparities lie in 0..1, not in {least}..{largest}")
        self.size = (picture.shape[1], picture.shape[0])
        self._picture, self._threads = picture, threads
        self._field = np.ascontiguousarray(disparity, np.float32)
        self._bounds = (largest, least)
        self._levels = build_levels(photo_planes(picture, self.size, threads), level_ratios(*scale_range), threads)

    def render(self, camera: Camera, frame: YuvFrame) -> None:
        """Write what a camera sees into the frame's planes."""
        scale = self._photo_scale(camera)
        level = choose_level(self._levels, scale)
        size = (frame.width, frame.height)
        luma = self.photo_points(camera, size)
        lookup(level.y, luma, (level.ratio, level.ratio), scale, frame.y)
        chroma = self._points(camera, size, frame.u.shape, _CHROMA_SITE, _CHROMA_STEP)
        half = (level.ratio / 2, level.ratio / 2)
        # Chroma has half the samples in the photo and in the frame: its kernel is stretched like luma's.
        for source, out in ((level.u, frame.u), (level.v, frame.v)):
            lookup(source, chroma, half, 2 * scale, out)

    def view(self, camera: Camera, size: tuple[int, int]) -> RgbImage:
        """What a camera sees, (h, w, 3) uint8 sRGB, size (w, h); not by way of Y'CbCr, and not made for speed."""
        points = self.photo_points(camera, size)
        return look_up_picture(self._picture, points, self._photo_scale(camera), self._threads)

    def photo_points(self, camera: Camera, size: tuple[int, int]) -> Points:
        """Which photo point each pixel of a frame shows, (h, w, 2); size (w, h)."""
        return self._points(camera, size, (size[1], size[0]), _LUMA_SITE, _PIXEL_STEP)

    def _points(
        self,
        camera: Camera,
        size: tuple[int, int],
        shape: tuple[int, ...],
        site: tuple[float, float],
        step: float,
    ) -> Points:
        points = np.empty((*shape, 2), np.float32)
        width, height = self.size
        field_height, field_width = self._field.shape
        per_pixel = (field_width / width, field_height / height)
        march(
            self._field,
            self._bounds,
            per_pixel,
            lens_map(camera, size, site, step),
            (width / 2, height / 2),
            (width * camera.x, width * camera.y, camera.z),
            # A step of what can be told apart: a frame pixel, or a sample of the field where that is coarser.
            max(camera.view.scale * step, 1 / max(per_pixel)),
            points,
        )
        return points

    def _photo_scale(self, camera: Camera) -> float:
        """Photo pixels per frame pixel where they are most: at the disparity that the travel shrinks most."""
        return camera.view.scale * max(1 - bound * camera.z for bound in self._bounds)


def lens_map(
    camera: Camera, size: tuple[int, int], site: tuple[float, float] = _LUMA_SITE, step: float = _PIXEL_STEP
) -> tuple[float, float, float, float, float, float]:
    """a, b, x0, c, d, y0: sample (i, j) of a frame's plane lies at (a i + b j + x0, c i + d j + y0) on the lens plane.

    Args:
        camera: whose view it is.
        size: (width, height) of the frame in luma pixels.
        site: where the plane's first sample lies in the frame, luma pixels.
        step: luma pixels from sample to sample.
    """
    view = camera.view
    c, s = view.scale * cos(view.angle), view.scale * sin(view.angle)
    qx, qy = site[0] - size[0] / 2, site[1] - size[1] / 2
    return (step * c, -step * s, view.x + c * qx - s * qy, step * s, step * c, view.y + s * qx + c * qy)


def lookup(plane: LevelPlane, points: Points, ratio: tuple[float, float], scale: float, out: Plane) -> None:
    """Fill a plane with a photo's plane at some points.

    Args:
        plane: of a level, :mod:`engine.raster.levels`.
        points: (h, w, 2) photo pixels.
        ratio: samples of the plane per photo pixel, along x and y.
        scale: photo pixels from point to point, to which the kernel is stretched where that minifies.
        out: (h, w) uint8 to fill.
    """
    stretch = max(1.0, scale * max(ratio))
    weights = np.empty((PHASES + 1, ceil(2 * RADIUS * stretch), 1), np.float32)
    phase_table(np.zeros(1), stretch, KERNEL_COEFFICIENTS, weights)
    gather(plane, points, ratio, PAD, 0.5 + RADIUS * stretch, weights[..., 0].copy(), out)


def look_up_picture(picture: RgbImage, points: Points, scale: float, threads: int = 2) -> RgbImage:
    """A picture at some points: (h, w, 3) uint8.

    Args:
        picture: (H, W, 3) uint8.
        points: (h, w, 2) pixels of the picture.
        scale: pixels of the picture from point to point; where that minifies, a level is made for it.
        threads: threads for the preparation.
    """
    out = np.empty((*points.shape[:2], 3), np.uint8)
    size = (picture.shape[1], picture.shape[0])
    ratios = level_ratios(scale, scale)
    for channel in range(3):
        # A channel as the only plane of a photo, which is what the alpha of one is.
        photo: PhotoPlanes = alpha_planes(picture[..., channel], size)
        (level,) = build_levels(photo, ratios, threads)
        plane = np.empty(points.shape[:2], np.uint8)
        lookup(level.y, points, (level.ratio, level.ratio), scale, plane)
        out[..., channel] = plane
    return out
