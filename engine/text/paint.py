"""Box, shadow, outline, letters and emoji put together into one patch of Y'CbCr with alpha.

Every layer but emoji has one colour, so a patch is made of the layers' visible weights: luma is their weighted mean per
pixel, chroma per 4:2:0 sample with the same filter over alpha that the compositor uses (1 2 1 across, 1 1 down: see
``engine.core.frames`` for where chroma lies). Mixing in Y'CbCr code values is mixing in R'G'B' code values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Patch, Plane, YuvFrame
from engine.raster.color import rgb_to_ycbcr, ycbcr_matrix
from engine.text.raster import PlacedGlyph, Window, draw_colors, draw_coverage, has_color, ink_box
from engine.text.stroke import draw_strokes
from engine.timeline.text_style import Box, Outline, Shadow

Weights = NDArray[np.float32]
"""Shape (H, W), 0..1."""

SHADOW_REACH = 3.0
"""Standard deviations of its blur that a shadow reaches beyond what casts it."""

WIDE_BLUR = 12.0
"""Pixels of standard deviation above which a blur is made on a smaller plane."""

_SHARP = 0.05  # pixels of standard deviation: a blur of less is none
_MARGIN = 2
"""Pixels: rounding of positions, and the neighbours that chroma looks at."""


@dataclass(frozen=True, slots=True)
class Ink:
    """What is painted.

    Attributes:
        glyphs: the letters.
        size: pixels of the em square.
        color: ``#rrggbb`` of the letters.
        outline, shadow, box: None is none; their lengths are shares of ``size``.
        shadow_only: whether of the glyphs only their shadow is painted.
        panel: the box's rectangle with its padding: left, top, right, bottom in canvas pixels; None for none.
    """

    glyphs: tuple[PlacedGlyph, ...]
    size: float
    color: str
    outline: Outline | None = None
    shadow: Shadow | None = None
    box: Box | None = None
    panel: tuple[float, float, float, float] | None = None
    shadow_only: bool = False


def paint(ink: Ink, bounds: Window) -> Patch | None:
    """Paint a text.

    Args:
        ink: what is painted.
        bounds: nothing outside is made; even on all sides.

    Returns:
        A patch as small as the ink, or None where there is none.
    """
    window = _window(ink, bounds)
    if window is None:
        return None
    layers: list[tuple[Weights, str]] = []
    fill = draw_coverage(ink.glyphs, ink.size, window)
    colors = draw_colors(ink.glyphs, ink.size, window)
    line = _line(ink, window)
    # From the top down; each layer is seen through what the layers above leave clear.
    if not ink.shadow_only:
        layers.append((_unit(fill), ink.color))
    if line is not None and ink.outline is not None and not ink.shadow_only:
        layers.append((_unit(line), ink.outline.color))
    if ink.shadow is not None and ink.shadow.opacity > 0:
        solid = fill if line is None else np.maximum(fill, line)
        if colors is not None:
            solid = np.maximum(solid, colors[:, :, 3])
        layers.append((_cast(solid, ink.shadow, ink.size), ink.shadow.color))
    if ink.box is not None and ink.panel is not None and ink.box.opacity > 0:
        layers.append((_panel(ink.panel, ink.box, ink.size, window), ink.box.color))
    return _compose(layers, None if ink.shadow_only else colors, window)


def _window(ink: Ink, bounds: Window) -> Window | None:
    boxes = []
    glyphs = ink_box(ink.glyphs, ink.size)
    if glyphs is not None:
        reach = ink.outline.width * ink.size if ink.outline is not None else 0.0
        left, top, right, bottom = glyphs[0] - reach, glyphs[1] - reach, glyphs[2] + reach, glyphs[3] + reach
        boxes.append((left, top, right, bottom))
        if ink.shadow is not None:
            dx, dy, blur = (v * ink.size for v in (ink.shadow.dx, ink.shadow.dy, SHADOW_REACH * ink.shadow.blur))
            boxes.append((left + dx - blur, top + dy - blur, right + dx + blur, bottom + dy + blur))
    if ink.panel is not None:
        boxes.append(ink.panel)
    if not boxes:
        return None
    left = max(_even_down(min(box[0] for box in boxes) - _MARGIN), bounds.left)
    top = max(_even_down(min(box[1] for box in boxes) - _MARGIN), bounds.top)
    right = min(_even_up(max(box[2] for box in boxes) + _MARGIN), bounds.left + bounds.width)
    bottom = min(_even_up(max(box[3] for box in boxes) + _MARGIN), bounds.top + bounds.height)
    return Window(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _even_down(value: float) -> int:
    return 2 * floor(value / 2)


def _even_up(value: float) -> int:
    return 2 * ceil(value / 2)


def _unit(coverage: Plane) -> Weights:
    return coverage.astype(np.float32) * np.float32(1 / 255)


def _line(ink: Ink, window: Window) -> Plane | None:
    if ink.outline is None or ink.outline.width <= 0:
        return None
    line = np.zeros((window.height, window.width), np.uint8)
    strokes = [(g.typeface, g.id, g.x, g.y) for g in ink.glyphs if not has_color(g)]
    draw_strokes(strokes, ink.size, ink.outline.width * ink.size, window.left, window.top, line)
    return line


def _cast(solid: Plane, shadow: Shadow, size: float) -> Weights:
    """The shadow of a shape: moved, then blurred."""
    import cv2  # late: reading fonts and captions must not load it

    cast = _unit(solid)
    dx, dy, sigma = shadow.dx * size, shadow.dy * size, shadow.blur * size
    if dx or dy:
        height, width = cast.shape
        move = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
        cast = np.asarray(cv2.warpAffine(cast, move, (width, height), flags=cv2.INTER_LINEAR), np.float32)
    if sigma > _SHARP:
        cast = _blurred(cast, sigma)
    return np.asarray(cast * np.float32(shadow.opacity), np.float32)


def _blurred(plane: Weights, sigma: float) -> Weights:
    """A Gaussian blur with nothing around the plane; a wide one on a smaller plane, as nobody can see."""
    import cv2

    height, width = plane.shape
    factor = 1
    while sigma / factor > WIDE_BLUR and factor < min(height, width):
        factor *= 2
    if factor > 1:
        small = (-(-width // factor), -(-height // factor))
        padded = np.pad(plane, ((0, small[1] * factor - height), (0, small[0] * factor - width)))
        plane = np.asarray(cv2.resize(padded, small, interpolation=cv2.INTER_AREA), np.float32)
    plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma / factor, borderType=cv2.BORDER_CONSTANT), np.float32)
    if factor > 1:
        size = (plane.shape[1] * factor, plane.shape[0] * factor)
        plane = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32)[:height, :width]
    return plane


def _panel(panel: tuple[float, float, float, float], box: Box, size: float, window: Window) -> Weights:
    """A rectangle with round corners, anti-aliased by its distance function."""
    left, top, right, bottom = panel
    radius = min(box.radius * size, (right - left) / 2, (bottom - top) / 2)
    x = np.arange(window.width, dtype=np.float32) + np.float32(window.left + 0.5 - (left + right) / 2)
    y = np.arange(window.height, dtype=np.float32) + np.float32(window.top + 0.5 - (top + bottom) / 2)
    across = np.abs(x) - np.float32((right - left) / 2 - radius)
    down = (np.abs(y) - np.float32((bottom - top) / 2 - radius))[:, None]
    corner = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    distance = corner + np.minimum(np.maximum(across, down), 0) - np.float32(radius)
    return np.asarray(np.clip(0.5 - distance, 0, 1) * np.float32(box.opacity), np.float32)


def _compose(layers: Sequence[tuple[Weights, str]], colors: NDArray[np.uint8] | None, window: Window) -> Patch | None:
    clear: Weights | None = None
    visible: list[tuple[Weights, tuple[int, int, int]]] = []
    emoji: tuple[Weights, Weights, Weights] | None = None
    if colors is not None:
        # Emoji stand beside the letters, above all else.
        weight = _unit(colors[:, :, 3])
        clear = 1 - weight
        emoji = _emoji_planes(colors, weight)
    for coverage, color in layers:
        shown = coverage if clear is None else coverage * clear
        visible.append((shown, rgb_to_ycbcr(*(int(color[n : n + 2], 16) for n in (1, 3, 5)))))
        clear = 1 - shown if clear is None else clear - shown
    if clear is None or not visible:
        return None
    total = 1 - clear
    alpha = np.asarray(total * 255 + np.float32(0.5), np.uint8)
    box = _bounding_box(alpha)
    if box is None:
        return None
    top, bottom, left, right = box
    cut = np.s_[top:bottom, left:right]
    total = total[cut]
    parts = [(weights[cut], ycbcr) for weights, ycbcr in visible]
    # Beyond the ink the lowest layer goes on: that is what its edge is made of.
    beyond = next((ycbcr for weights, ycbcr in reversed(parts) if weights.any()), parts[-1][1])
    planes = []
    for channel in range(3):
        mixed = None if emoji is None else emoji[channel][cut]
        weight = total
        for weights, ycbcr in parts:
            share = weights * np.float32(ycbcr[channel])
            mixed = share if mixed is None else mixed + share
        if mixed is None:
            return None
        if channel:
            mixed, weight = _to_chroma(mixed), _to_chroma(total)
        planes.append(_straight(mixed, weight, beyond[channel]))
    frame = YuvFrame(planes[0], planes[1], planes[2])
    return Patch(window.left + left, window.top + top, frame, np.ascontiguousarray(alpha[cut]))


def _emoji_planes(colors: NDArray[np.uint8], weight: Weights) -> tuple[Weights, Weights, Weights]:
    """Y', Cb, Cr of colours multiplied by alpha, multiplied by alpha themselves."""
    matrix = ycbcr_matrix().astype(np.float32)
    mixed = colors[:, :, :3].astype(np.float32) @ matrix[:, :3].T + weight[:, :, None] * matrix[:, 3]
    return mixed[:, :, 0], mixed[:, :, 1], mixed[:, :, 2]


def _to_chroma(plane: Weights) -> Weights:
    """Filtered to the chroma samples: (H, W) to (H / 2, W / 2); the edge is repeated."""
    rows = plane[0::2] + plane[1::2]
    before = np.concatenate([rows[:, :1], rows[:, 1:-1:2]], axis=1)
    return np.asarray((before + 2 * rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.125), np.float32)


def _straight(mixed: Weights, weight: Weights, beyond: int) -> Plane:
    """Colours divided by alpha; where there is next to none, those beside or the given one."""
    faint = weight < np.float32(1 / 512)
    straight = np.divide(mixed, weight, out=np.full_like(mixed, beyond), where=~faint)
    return np.asarray(np.clip(straight + np.float32(0.5), 0, 255), np.uint8)


def _bounding_box(alpha: Plane) -> tuple[int, int, int, int] | None:
    """Even top, bottom, left and right around what is not clear."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return None
    # One chroma sample more to the right: it sees the last column through the filter.
    right = min(2 * (int(columns[-1]) // 2 + 2), alpha.shape[1])
    return 2 * (int(rows[0]) // 2), 2 * (int(rows[-1]) // 2 + 1), 2 * (int(columns[0]) // 2), right
