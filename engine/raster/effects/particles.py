"""Particles: many small sprites, each a function of the seed, its number and the time.

Positions and sizes are in units of the layer (``engine.raster.unit``), so that every canvas shows the same weather, and
the same number of sprites is as dense on all of them. Everything that moves makes a whole number of rounds in a loop
(``step.LOOP``), so that the loop closes without a jump.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.color import ycbcr_matrix
from engine.raster.effects.step import loop_phase
from engine.raster.kernels import sprites as table
from engine.raster.memory import flat
from engine.raster.unit import picture_unit

Values = NDArray[np.float64]

LINE = 1 / 1080
"""One line of a 1080-line picture, in units: what sizes are thought in."""

MIN_RADIUS = 0.9
"""Pixels: smaller sprites are drawn at this size and paler, with the same light in all."""

SHUTTER = 1 / 96
"""Seconds that the shutter is open: a third of a frame at 30 frames per second."""


_MATRIX, _OFFSET = ycbcr_matrix()[:, :3], ycbcr_matrix()[:, 3]


@dataclass(frozen=True, slots=True)
class Sprites:
    """What is drawn at one time, n of them; arrays are (n,).

    Attributes:
        x, y: middles, units from the layer's top left.
        radius: units.
        alpha: 0..1.
        color: R, G, B, 0..255, shape (n, 3).
        move_x, move_y: how far each moves while the shutter is open, units.
        edge: share of the radius over which a sprite fades, 0..1; 1 is soft throughout.
        rim: how much brighter than its middle its rim is.
    """

    x: Values
    y: Values
    radius: Values
    alpha: Values
    color: Values
    move_x: Values
    move_y: Values
    edge: float = 1.0
    rim: float = 0.0


@dataclass(frozen=True)
class Particles:
    """A step that draws sprites.

    Attributes:
        size: (width, height) of the layer in pixels.
        make: from a phase of the loop, 0..1, to sprites.
        light: added as light, or mixed in by alpha.
    """

    size: tuple[int, int]
    make: Callable[[float], Sprites]
    light: bool

    def apply(self, frame: YuvFrame, time: Fraction, lens: View) -> None:
        """See :class:`engine.raster.effects.step.Step`."""
        rows = _seen(self.make(loop_phase(time)), self.size, (frame.width, frame.height), lens, self.light)
        table.draw_sprites(
            flat(frame.y), flat(frame.u), flat(frame.v), frame.y.strides[0], frame.u.strides[0], frame.v.strides[0],
            frame.width, frame.height, rows, self.light,
        )  # fmt: skip


def _seen(
    sprites: Sprites, layer: tuple[int, int], frame: tuple[int, int], lens: View, light: bool
) -> NDArray[np.float32]:
    """The rows of the kernel's table for the sprites as a lens shows them, less those that are outside."""
    unit = picture_unit(*layer)
    scale = unit / lens.scale  # frame pixels per unit
    c, s = cos(lens.angle) * scale, sin(lens.angle) * scale
    dx, dy = sprites.x - lens.x / unit, sprites.y - lens.y / unit
    rows = np.empty((len(sprites.x), table.FIELDS), np.float32)
    rows[:, table.X] = frame[0] / 2 + c * dx + s * dy
    rows[:, table.Y] = frame[1] / 2 - s * dx + c * dy
    rows[:, table.HALF_X] = (c * sprites.move_x + s * sprites.move_y) / 2
    rows[:, table.HALF_Y] = (-s * sprites.move_x + c * sprites.move_y) / 2
    radius = sprites.radius * scale
    rows[:, table.RADIUS] = np.maximum(radius, MIN_RADIUS)
    rows[:, table.EDGE], rows[:, table.RIM] = sprites.edge, sprites.rim
    # A drop that is thinner than a pixel covers a part of it; its length is seen as it is.
    length = np.hypot(rows[:, table.HALF_X], rows[:, table.HALF_Y])
    thin = np.minimum(radius / MIN_RADIUS, 1)
    rows[:, table.ALPHA] = sprites.alpha * thin * np.where(length > MIN_RADIUS, 1, thin)
    rows[:, table.LUMA :] = sprites.color @ _MATRIX.T + _OFFSET
    if light:
        rows[:, table.LUMA] -= 16
    reach_x = rows[:, table.RADIUS] + np.abs(rows[:, table.HALF_X])
    reach_y = rows[:, table.RADIUS] + np.abs(rows[:, table.HALF_Y])
    inside = (
        (rows[:, table.ALPHA] > 1e-3)
        & (np.abs(rows[:, table.X] - frame[0] / 2) < frame[0] / 2 + reach_x)
        & (np.abs(rows[:, table.Y] - frame[1] / 2) < frame[1] / 2 + reach_y)
    )
    return np.ascontiguousarray(rows[inside])


def extent(size: tuple[int, int]) -> tuple[float, float]:
    """Width and height of a layer of ``size`` pixels, units; their product is 16 / 9."""
    unit = picture_unit(*size)
    return size[0] / unit, size[1] / unit


def joined(parts: list[Sprites]) -> Sprites:
    """Sprites of several depths, drawn one depth after the other; edge and rim are those of the first."""

    def all_of(name: str) -> Values:
        return np.concatenate([getattr(part, name) for part in parts])

    return Sprites(
        all_of("x"),
        all_of("y"),
        all_of("radius"),
        all_of("alpha"),
        all_of("color"),
        all_of("move_x"),
        all_of("move_y"),
        parts[0].edge,
        parts[0].rim,
    )


def wrapped(turns: Values, margin: Values | float, length: float) -> Values:
    """Turns to positions that leave at one end, ``margin`` outside, and come in at the other."""
    return turns % 1.0 * (length + 2 * margin) - margin
