"""Depth guessed from one photo without a network of its own: what stands where on which ground, under which sky.

The model is the pop-up of Hoiem, Efros, Hebert, "Automatic photo pop-up", SIGGRAPH 2005: a ground plane, upright
things that take the distance of the ground on which they stand, and a sky far away. A matte says what the subject is:
it stands where it touches the ground, is a little round, and always nearer than what is behind it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.flat import page_likeness, pattern_likeness
from engine.depth.ground import Ground, find_ground
from engine.depth.guided import Map
from engine.depth.look import Look, look_at, step
from engine.depth.rounding import roundness
from engine.depth.sky import Sky, find_sky
from engine.depth.subject import Part, find_parts

INDOOR_HORIZON = 0.36
"""Height of the eye's level in a picture without sky, in picture heights from the top."""

LEVEL_GAP = 0.2
"""Least distance of the horizon above the ground's end in a picture without sky, in picture heights."""

NEAREST_GROUND = 0.92
"""Disparity (0..1) of the ground at the foot of the picture; the subject may be nearer."""

LEAST_LEAD = 0.2
"""How much nearer (0..1 of disparity) a subject is than the background around it, at the least."""

ROUND = 0.07
"""Disparity from a subject's outline to its middle."""

CALM_RAMP = (0.3, 0.6)
"""Disparities at the top and the foot where nothing is known: a gentle slope."""

BACKDROP = (0.3, 0.38)
"""The same behind a subject on one even surface, looked at from above or hung behind it."""

CLUTTER = 0.02
"""Mean change of light (0..1) a pixel from which a background is no even surface."""

LEAST_KNOWN = 0.7
"""How far ground and background are believed behind a subject on no even surface, even where colours do not tell."""

FLAT = 0.5
"""Disparity of a flat thing."""


@dataclass(frozen=True, slots=True)
class DepthGuess:
    """A guessed depth.

    Attributes:
        disparity: shape (h, w), float32, 0..1: 1 is nearest, 0 infinitely far; the photo's shape, its longer side at
            most :data:`engine.depth.look.LONG_SIDE_PX`.
        kind: ``"subject"``, ``"portrait"`` (its foot is outside the picture), ``"landscape"``, ``"top_down"`` (on one
            even surface), ``"room"`` (ground and background, no sky, no subject) or ``"flat"``.
        confidence: 0..1; nothing guessed is ever above 0.7.
        notes: sentences for the user.
    """

    disparity: Map
    kind: str
    confidence: float
    notes: tuple[str, ...]


def guess_depth(rgb: NDArray[np.uint8], mask: NDArray[np.float32] | None = None) -> DepthGuess:
    """Guess depth.

    Args:
        rgb: shape (H, W, 3), uint8, sRGB; any size.
        mask: shape (H', W') of any size, 0..1: the subject's matte, as good or bad as it is; or None.

    Returns:
        the guess; the same for the same input.

    Raises:
        ValueError: a picture that is no picture.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or 0 in rgb.shape:
        raise ValueError(f"rgb is {rgb.dtype} of shape {rgb.shape}; expected uint8 of (H, W, 3)")
    look = look_at(rgb, mask)
    sky = find_sky(look)
    ground = find_ground(look, sky)
    page = page_likeness(look)
    parts = find_parts(look, ground) if page < 0.5 else ()
    flat = page if parts else max(page, pattern_likeness(look) * (1 - sky.certainty))
    even = _even_surface(look, sky, ground, parts)
    plane = _plane(look, sky, ground, even, parts)
    scene = _background(look, sky, ground, plane, even)
    disparity = _with_subject(scene, plane, parts)
    disparity = disparity + np.float32(0.97 * flat) * (np.float32(FLAT) - disparity)
    disparity = np.clip(np.nan_to_num(disparity, nan=FLAT), 0, 1).astype(np.float32)
    kind = _kind(parts, sky, ground, even, flat)
    return DepthGuess(disparity, kind, _confidence(kind, sky, ground, parts), (_NOTES[kind],))


def _even_surface(look: Look, sky: Sky, ground: Ground, parts: tuple[Part, ...]) -> float:
    """0..1: a subject on one even surface."""
    if not parts:
        return 0.0
    behind = look.subject < 0.3
    clutter = step(float((look.rough[behind] > CLUTTER).mean()), 0.25, 0.5) if behind.any() else 1.0
    return (1 - ground.separation) * (1 - sky.certainty) * (1 - max(part.lies for part in parts)) * (1 - clutter)


def _horizon(look: Look, sky: Sky, ground: Ground) -> float:
    """The row of the eye's level: between skyline and ground under a sky, else well above the ground's end."""
    height = look.shape[0]
    ends = float(np.quantile(ground.ends, 0.2))
    indoors = min(INDOOR_HORIZON * height, ends - LEVEL_GAP * height)
    outdoors = sky.skyline + 0.8 * max(0.0, ends - sky.skyline)
    level = indoors + sky.certainty * (min(outdoors, ends - 0.02 * height) - indoors)
    return float(np.clip(level, -0.5 * height, 0.8 * height))


def ground_disparity(rows: NDArray[np.float32], horizon: float, height: int) -> NDArray[np.float32]:
    """Disparity of a level ground seen at these rows: linear below the horizon, 0 above it."""
    return np.asarray(NEAREST_GROUND * np.clip((rows - horizon) / max(1.0, height - horizon), 0, 1), np.float32)


@dataclass(frozen=True, slots=True)
class _Plane:
    """The ground on which things stand.

    Attributes:
        horizon: row of the eye's level.
        known: 0..1: how far ground and background are told apart.
        profile: shape (h,), float32: the ground's disparity at each row.
        dim: 0..1: by how much everything behind the subject is moved away.
    """

    horizon: float
    known: float
    profile: NDArray[np.float32]
    dim: float


def _plane(look: Look, sky: Sky, ground: Ground, even: float, parts: tuple[Part, ...]) -> _Plane:
    height = look.shape[0]
    rows = np.arange(height, dtype=np.float32) + 0.5
    horizon = _horizon(look, sky, ground)
    known = max(ground.separation, sky.certainty, LEAST_KNOWN * (1 - even) if parts else 0.0)
    floor = ground_disparity(rows, horizon, height)
    # Behind somebody whose feet are outside the picture, the ground is outside too.
    cut = max((part.cut * (1 - part.lies) * step(part.share, 0.05, 0.25) for part in parts), default=0.0)
    dim = 1 - 0.5 * cut
    return _Plane(horizon, known, _where_unknown(floor, rows, height, known, even) * np.float32(dim), dim)


def _where_unknown(known_part: Map, rows: Map, height: int, known: float, even: float) -> Map:
    """A disparity of what is known, with the calm ramp and the even backdrop mixed in."""
    calm = CALM_RAMP[0] + (CALM_RAMP[1] - CALM_RAMP[0]) * rows / height
    backdrop = BACKDROP[0] + (BACKDROP[1] - BACKDROP[0]) * rows / height
    mixed = known_part * np.float32(known) + calm * np.float32(1 - known)
    return np.asarray(mixed + np.float32(even) * (backdrop - mixed), np.float32)


def _background(look: Look, sky: Sky, ground: Ground, plane: _Plane, even: float) -> Map:
    """Everything but the subject."""
    height = look.shape[0]
    rows = np.arange(height, dtype=np.float32)[:, None] + 0.5
    ends = np.maximum(ground.ends[None], 1)
    floor = ground_disparity(rows, plane.horizon, height)
    # What is higher up tends to be farther: hills behind hills, the back of a room.
    rise = np.clip(rows / ends, 0, 1)
    upright = ground_disparity(ends, plane.horizon, height) * (1 - (0.45 + 0.3 * sky.certainty) * (1 - rise))
    scene = _where_unknown(np.where(rows >= ends, floor, upright), rows, height, plane.known, even)
    scene = scene * np.float32(plane.dim) * (1 - sky.alpha)
    return np.asarray(np.clip(scene, 0, 1), np.float32)


def _with_subject(scene: Map, plane: _Plane, parts: tuple[Part, ...]) -> Map:
    """Stand the parts in the scene, the farthest first."""
    height = len(scene)
    placed = []
    for part in parts:
        body = part.alpha > 0.5
        if not body.any():
            continue
        at = np.clip(part.stands.astype(np.intp) - 1, 0, height - 1)
        stands = plane.profile[at]
        around = cv2.dilate(body.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool) & ~body
        above = around & (np.arange(height)[:, None] < part.stands[None])
        behind = float(np.median(scene[above])) if above.any() else float(scene[body].mean())
        depth = np.maximum(stands, behind + LEAST_LEAD)
        depth = depth + part.cut * np.maximum(0, 0.8 - depth)
        upright = np.broadcast_to(depth[None], scene.shape) + ROUND * (roundness(body) - 0.5)
        surface = upright + np.float32(part.lies) * (scene - upright)
        placed.append((float(depth.mean()), part, surface))
    for _, part, surface in sorted(placed, key=lambda item: item[0]):
        scene = scene + part.alpha * (surface - scene)
    return np.asarray(scene, np.float32)


def _kind(parts: tuple[Part, ...], sky: Sky, ground: Ground, even: float, flat: float) -> str:
    standing = [part for part in parts if part.lies < 0.5]
    if standing:
        if standing[0].cut > 0.5 and standing[0].share > 0.1:
            return "portrait"
        return "top_down" if even > 0.5 else "subject"
    if flat > 0.5:
        return "flat"
    return "room" if sky.certainty < 0.3 and ground.separation > 0.5 else "landscape"


def _confidence(kind: str, sky: Sky, ground: Ground, parts: tuple[Part, ...]) -> float:
    base = {"subject": 0.5, "portrait": 0.5, "top_down": 0.4, "landscape": 0.3, "room": 0.3, "flat": 0.4}[kind]
    return round(min(0.7, base + 0.1 * sky.certainty + 0.1 * ground.separation * (1 if parts else 0.5)), 3)


_NOTES = {
    "subject": "Depth was guessed: the subject stands where it touches the ground, before what is behind it.",
    "portrait": "Depth was guessed: the subject stands before its background.",
    "top_down": "Depth was guessed: the subject is raised a little from an even surface.",
    "landscape": "Depth was guessed without a subject: near at the foot of the picture, far towards the sky.",
    "room": "Depth was guessed without a subject: a ground that leads to the background.",
    "flat": "The picture looks flat, as a page or a pattern is: it gets next to no depth.",
}
