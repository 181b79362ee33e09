"""Where the subject stands: the parts of its mask, and the line along which they touch the ground."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.depth.ground import Ground
from engine.depth.guided import Map, guided_filter
from engine.depth.look import Look, odd, step

LEAST_SHARE = 0.004
"""Parts of the mask below this share of the picture are dropped."""

MOST_SHARE = 0.9
"""A mask that covers more than this share of the picture says nothing."""

MOST_PARTS = 6

STEEPEST = 0.45
"""Largest slope of a line on which a subject stands, rows a column."""


@dataclass(frozen=True, slots=True)
class Part:
    """One connected part of the subject.

    Attributes:
        alpha: shape (h, w), float32 0..1.
        stands: shape (w,), float32: the row 0..h on which each column of it stands.
        share: of the picture, 0..1.
        cut: 0..1: how surely its foot lies outside the picture.
        lies: 0..1: how surely it is no upright thing but lies on the ground and leads away (a pier, a road, a table).
    """

    alpha: Map
    stands: NDArray[np.float32]
    share: float
    cut: float
    lies: float


def find_parts(look: Look, ground: Ground) -> tuple[Part, ...]:
    """The parts of the subject, the largest first; none where the mask says nothing."""
    height, width = look.shape
    alpha = _sharpened(look)
    solid = alpha > 0.5
    share = float(solid.mean())
    if not LEAST_SHARE <= share <= MOST_SHARE:
        return ()
    # Spokes, legs and straps belong together with what they hold.
    size = odd(max(look.shape) / 40)
    joined = cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    parts = []
    for label in 1 + np.argsort(-areas, kind="stable")[:MOST_PARTS]:
        if areas[label - 1] < LEAST_SHARE * height * width:
            break
        near = cv2.dilate(np.equal(labels, label).astype(np.uint8), np.ones((size, size), np.uint8))
        own = np.where(near > 0, alpha, 0).astype(np.float32)
        body = np.logical_and(labels == label, solid)
        if body.any():
            parts.append(_part(own, body, ground))
    return tuple(_held(part, parts, height) for part in parts)


def _held(part: Part, parts: list[Part], height: int) -> Part:
    """A part whose foot ends above the top of another, under it, is held by that one: leaves over their pot."""
    own = np.greater(part.alpha, 0.5)
    columns = own.any(axis=0)
    foot = int(np.flatnonzero(own.any(axis=1)).max()) + 1
    for other in parts:
        body = np.greater(other.alpha, 0.5)
        below = int(np.argmax(body.any(axis=1)))
        under = float((body.any(axis=0) & columns).sum()) / max(1, int(columns.sum()))
        if other is not part and below >= foot - 0.03 * height and under > 0.5:
            return replace(part, stands=np.maximum(part.stands, other.stands))
    return part


def _sharpened(look: Look) -> Map:
    """The matte drawn to the picture's edges, and steeper: a network's is smeared over many pixels."""
    radius = max(2, max(look.shape) // 80)
    soft = guided_filter(look.colour, look.subject, radius, 2e-4, reduce=2)
    steep = np.clip((soft - 0.5) * 2.2 + 0.5, 0, 1)
    return np.asarray(steep * steep * (3 - 2 * steep), np.float32)


def _part(alpha: Map, body: NDArray[np.bool_], ground: Ground) -> Part:
    height, width = body.shape
    columns = np.flatnonzero(body.any(axis=0))
    ends = (height - np.argmax(body[::-1], axis=0))[columns].astype(np.float64)
    rows = np.flatnonzero(body.any(axis=1))
    foot = float(ends.max())
    bottom_width = float(body[-max(1, height // 50) :].any(axis=0).sum()) / max(1, len(columns))
    cut = step(foot / height, 0.97, 0.995) * step(bottom_width, 0.15, 0.4)
    return Part(
        alpha,
        _standing_line(columns.astype(np.float64), ends, width, height),
        float(body.mean()),
        cut,
        _lies(body, rows, ground),
    )


def _standing_line(
    columns: NDArray[np.float64], ends: NDArray[np.float64], width: int, height: int
) -> NDArray[np.float32]:
    """The line under the lowest points: what stands on two feet slants through the room from one to the other.

    Points count by how near they are to the lower convex hull's level, so arms and handlebars do not lift the line.
    """
    span = max(1.0, float(columns.max() - columns.min()))
    lowest, slope, middle = float(ends.max()), 0.0, float(columns.mean())
    weights = np.exp(-(lowest - ends) / (0.08 * height))
    for _ in range(4):
        total = weights.sum()
        middle = float((weights * columns).sum() / total)
        level = float((weights * ends).sum() / total)
        spread = float((weights * (columns - middle) ** 2).sum() / total)
        slope = float((weights * (columns - middle) * (ends - level)).sum() / total) / (spread + (0.1 * span) ** 2)
        slope = float(np.clip(slope, -STEEPEST, STEEPEST))
        lowest = float((ends - slope * columns).max())
        weights = np.exp(-(lowest - (ends - slope * columns)) / (0.04 * height))
    # Not beyond the feet: the line is level outside of the part.
    line = lowest + slope * np.clip(np.arange(width), columns.min(), columns.max())
    return np.asarray(np.clip(line, 1, height), np.float32)


def _lies(body: NDArray[np.bool_], rows: NDArray[np.intp], ground: Ground) -> float:
    """How much like a floor: it reaches the foot of the picture and narrows steadily to where the ground ends."""
    height, width = body.shape
    if rows[-1] < 0.97 * height or len(rows) < 8:
        return 0.0
    widths = body.sum(axis=1)[rows[0] :].astype(np.float64) / width
    at = np.linspace(0, 1, len(widths))
    slope, start = np.polyfit(at, widths, 1)
    deviation = float(np.abs(widths - (start + slope * at)).mean()) / max(1e-6, float(widths.mean()))
    horizon = float(np.median(ground.ends)) / height
    return (
        step(slope, 0.15, 0.4)
        * (1 - step(start / max(1e-6, start + slope), 0.35, 0.6))
        * (1 - step(deviation, 0.1, 0.25))
        * step(rows[0] / height, horizon - 0.35, horizon - 0.15)
    )
