"""Views at any angle, from samplers that take angles within an eighth of a turn."""

from collections.abc import Callable
from dataclasses import replace
from math import pi

import numpy as np

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View

QUARTER_TURN = pi / 2


def within_an_eighth(angle: float) -> tuple[float, int]:
    """(rest, k): angle = rest + k quarter turns, rest within an eighth of a turn, k one of 0, 1, 2, 3."""
    quarters = round(angle / QUARTER_TURN)
    return angle - quarters * QUARTER_TURN, quarters % 4


def render_turned(
    render: Callable[[View, YuvFrame, Plane | None], None], view: View, frame: YuvFrame, alpha: Plane | None
) -> None:
    """Fill a frame and its alpha from a view at any angle.

    Quarter turns move whole pixels. Chroma samples then lie half a luma pixel beside their place (see
    ``engine.core.frames``), which nobody sees on a layer that stands on its side.

    Args:
        render: fills a frame and its alpha from a view whose angle is within an eighth of a turn.
        view: what to show.
        frame, alpha: to be filled; alpha may be None.
    """
    rest, quarters = within_an_eighth(view.angle)
    upright = replace(view, angle=rest)
    if quarters == 0:
        render(upright, frame, alpha)
        return
    size = (frame.width, frame.height) if quarters == 2 else (frame.height, frame.width)
    turned = YuvFrame.empty(*size)
    turned_alpha = None if alpha is None else np.empty((size[1], size[0]), np.uint8)
    render(upright, turned, turned_alpha)
    # R(90 degrees) sends the frame's (x, y), counted from its middle, to (-y, x) of the upright one: that is rot90.
    frame.y[:], frame.u[:], frame.v[:] = (np.rot90(plane, quarters) for plane in (turned.y, turned.u, turned.v))
    if alpha is not None and turned_alpha is not None:
        alpha[:] = np.rot90(turned_alpha, quarters)
