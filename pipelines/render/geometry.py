"""From a placement to pixels: which part of the canvas a layer covers, and which part of the layer is seen there.

Canvas and layer are W x H pixels in continuous coordinates, pixel (i, j) centred at (i + 0.5, j + 0.5). A placement
puts the layer's point q at the canvas's point

    p = (x W, y H) + scale * R(rotation) * (q - (W / 2, H / 2)),   R clockwise as seen, y down.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, cos, exp, floor, log, radians, sin

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Plane
from engine.core.view import View
from engine.motion.easing import ease
from engine.timeline import Keyframe, Placement
from pipelines.render.source import Box

EDGE = 0.5
"""Pixels on either side of a layer's edge over which its coverage goes from 1 to 0."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The part of the canvas that a layer covers, and how it is seen there.

    Attributes:
        x, y: top left on the canvas in whole pixels, even.
        width, height: pixels, even.
        lens: the part of the layer that this part of the canvas shows; its angle may be anything.
        covered: whether the layer covers all of it, so that no mask is needed.
    """

    x: int
    y: int
    width: int
    height: int
    lens: View
    covered: bool


def placement_at(placement: Placement, keyframes: tuple[Keyframe, ...], time: float) -> Placement:
    """The placement at a time in seconds since the segment's start; see ``engine.timeline.Keyframe``."""
    if not keyframes:
        return placement
    return replace(
        placement,
        x=_value(keyframes, "x", time, placement.x),
        y=_value(keyframes, "y", time, placement.y),
        scale=_scale(keyframes, time, placement.scale),
        rotation=_value(keyframes, "rotation", time, placement.rotation),
        opacity=min(1.0, max(0.0, _value(keyframes, "opacity", time, placement.opacity))),
        crop=_crop(keyframes, time, placement.crop),
    )


def _scale(keyframes: tuple[Keyframe, ...], time: float, default: float) -> float:
    given = [keyframe.scale for keyframe in keyframes if keyframe.scale is not None]
    if not given:
        return default
    # Multiplied along the way, so that a zoom has one perceived speed; no rounding leads out of what was given.
    scale = exp(_value(keyframes, "scale", time, 0.0, logarithmic=True))
    return min(max(scale, min(given)), max(given))


def scale_bounds(placement: Placement, keyframes: tuple[Keyframe, ...]) -> tuple[float, float]:
    """The smallest and the largest scale that a placement ever has."""
    given = [keyframe.scale for keyframe in keyframes if keyframe.scale is not None] or [placement.scale]
    return min(given), max(given)


def spot_of(placement: Placement, canvas: tuple[int, int], extent: Box) -> Spot | None:
    """Where a layer is seen; None where it is not on the canvas at all.

    Args:
        placement: at one time.
        canvas: (width, height) in pixels, even.
        extent: the part of the layer that shows anything.
    """
    width, height = canvas
    box = visible_box(placement, canvas, extent)
    angle = radians(placement.rotation)
    c, s = cos(angle) * placement.scale, sin(angle) * placement.scale
    middle = (placement.x * width, placement.y * height)

    def on_canvas(x: float, y: float) -> tuple[float, float]:
        qx, qy = x - width / 2, y - height / 2
        return middle[0] + c * qx - s * qy, middle[1] + s * qx + c * qy

    corners = [on_canvas(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    left = max(0, 2 * floor((min(x for x, _ in corners) - EDGE) / 2))
    top = max(0, 2 * floor((min(y for _, y in corners) - EDGE) / 2))
    right = min(width, 2 * ceil((max(x for x, _ in corners) + EDGE) / 2))
    bottom = min(height, 2 * ceil((max(y for _, y in corners) + EDGE) / 2))
    if right <= left or bottom <= top or box[2] <= box[0] or box[3] <= box[1]:
        return None
    lens = _lens(placement, canvas, ((left + right) / 2, (top + bottom) / 2))
    covered = all(
        box[0] + EDGE / placement.scale <= x <= box[2] - EDGE / placement.scale
        and box[1] + EDGE / placement.scale <= y <= box[3] - EDGE / placement.scale
        for x, y in View(lens.x, lens.y, lens.scale, lens.angle).corners(right - left, bottom - top)
    ) or (placement.rotation == 0 and _exactly_covered(lens, box, right - left, bottom - top))
    return Spot(left, top, right - left, bottom - top, lens, covered)


def visible_box(placement: Placement, canvas: tuple[int, int], extent: Box) -> Box:
    """What crop and extent leave of a layer, in layer pixels."""
    width, height = canvas
    left, top, right, bottom = placement.crop
    return (
        max(extent[0], left * width),
        max(extent[1], top * height),
        min(extent[2], (1 - right) * width),
        min(extent[3], (1 - bottom) * height),
    )


def coverage(spot: Spot, box: Box) -> Plane:
    """How much of each pixel of a spot lies inside a box of the layer: (H, W) uint8, 0..255, antialiased."""
    c, s = cos(spot.lens.angle), sin(spot.lens.angle)
    qx = np.arange(spot.width) + 0.5 - spot.width / 2
    qy = (np.arange(spot.height) + 0.5 - spot.height / 2)[:, None]
    x = spot.lens.x / spot.lens.scale + c * qx - s * qy  # layer position in canvas pixels
    y = spot.lens.y / spot.lens.scale + s * qx + c * qy
    left, top, right, bottom = (edge / spot.lens.scale for edge in box)
    share: NDArray[np.float64] = _inside(x, left, right) * _inside(y, top, bottom)
    return np.rint(255 * share).astype(np.uint8)


def _inside(at: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """The share of a pixel's width around ``at`` that lies in [low, high]."""
    share: NDArray[np.float64] = np.clip(np.minimum(at + EDGE, high) - np.maximum(at - EDGE, low), 0, 1)
    return share


def _exactly_covered(lens: View, box: Box, width: int, height: int) -> bool:
    tiny = 1e-6
    half_w, half_h = lens.scale * width / 2, lens.scale * height / 2
    return (
        lens.x - half_w >= box[0] - tiny
        and lens.x + half_w <= box[2] + tiny
        and lens.y - half_h >= box[1] - tiny
        and lens.y + half_h <= box[3] + tiny
    )


def _lens(placement: Placement, canvas: tuple[int, int], middle: tuple[float, float]) -> View:
    """The view of the layer from a part of the canvas with this middle: the placement's map, turned around."""
    width, height = canvas
    angle, scale = -radians(placement.rotation), 1 / placement.scale
    c, s = cos(angle) * scale, sin(angle) * scale
    dx, dy = middle[0] - placement.x * width, middle[1] - placement.y * height
    return View(width / 2 + c * dx - s * dy, height / 2 + s * dx + c * dy, scale, angle)


def _value(
    keyframes: tuple[Keyframe, ...], name: str, time: float, default: float, *, logarithmic: bool = False
) -> float:
    before: tuple[float, float, str] | None = None
    for keyframe in keyframes:
        given = getattr(keyframe, name)
        if given is None:
            continue
        value = log(given) if logarithmic else given
        at = float(keyframe.at)
        if at > time:
            if before is None:
                return value
            return before[1] + (value - before[1]) * ease((time - before[0]) / (at - before[0]), before[2])
        before = (at, value, keyframe.ease)
    return default if before is None else before[1]


def _crop(
    keyframes: tuple[Keyframe, ...], time: float, default: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    before: Keyframe | None = None
    for keyframe in keyframes:
        if keyframe.crop is None:
            continue
        if float(keyframe.at) > time:
            if before is None or before.crop is None:
                return keyframe.crop
            share = ease(float((Fraction(time) - before.at) / (keyframe.at - before.at)), before.ease)
            a, b, c, d = (p + (q - p) * share for p, q in zip(before.crop, keyframe.crop, strict=True))
            return a, b, c, d
        before = keyframe
    return default if before is None or before.crop is None else before.crop
