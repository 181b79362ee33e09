"""What every kind of picture on the timeline offers to the renderer.

Ken Burns photos, clips and cards are sources; parallax and diffusion will be. A source shows itself in a *layer*, a
picture of the canvas's size, at any time and through any lens, and carries no state from one frame to the next.

What a source is made from it declares in :mod:`pipelines.render.needs`, before anything is opened. What it prepares
once, and what is worth keeping for the next rendering and for other processes, it takes from
:func:`engine.core.stages.prepared`, under the hash of what it depends on; :mod:`pipelines.kenburns.decoded` does.
"""

from fractions import Fraction
from typing import Protocol

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels; pixel (i, j) covers [i, i + 1] x [j, j + 1]."""


class Source(Protocol):
    """What a shot shows. Any frame can be made on its own, from any thread."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user."""
        ...

    @property
    def has_alpha(self) -> bool:
        """Whether it may be transparent inside its extent."""
        ...

    @property
    def extent(self) -> Box:
        """Where in the layer it shows anything; outside, what lies below is seen."""
        ...

    def render(self, time: Fraction, lens: View, frame: YuvFrame, alpha: Plane | None) -> None:
        """Fill a frame with a part of the layer.

        Args:
            time: seconds since the shot came on screen.
            lens: the part of the layer that the frame shows, in layer pixels; ``View.whole`` of the layer's size is the
                layer itself. Its angle is within 45 degrees. Outside the extent, colours continue those at its edge.
            frame: of any even size.
            alpha: to be filled with the source's own transparency, (H, W) uint8; None if ``has_alpha`` is False.
        """
        ...
