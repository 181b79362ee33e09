"""Where a layer stands on the canvas, and how that changes over time.

A layer is a picture of the canvas's own size: what a photo, a clip or a card shows when it fills the frame in its
``fit``. A placement crops that picture, scales and turns it about its middle, puts its middle at (x, y) and blends it
over what lies below. With the defaults the layer covers the canvas exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite
from typing import Any

from engine.core.errors import DraftError, quoted
from engine.motion import EASES

BLENDS: tuple[str, ...] = ("normal", "multiply", "screen", "overlay", "add", "darken", "lighten")
"""How a layer mixes with what lies below (``pl.blend``), in R'G'B' code values (W3C Compositing and Blending 1)."""

MAX_SCALE = 100.0
MAX_OFFSET = 100.0
"""Canvas sizes."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a layer stands.

    Attributes:
        x, y: the place of the layer's middle, 0..1 of the canvas from its top left; values outside move it off.
        scale: size as a factor of the canvas's size, > 0.
        rotation: degrees, clockwise as the viewer sees it (``rot``).
        opacity: 0..1.
        crop: shares of the layer that are cut off: left, top, right, bottom; left + right < 1, top + bottom < 1.
        blend: one of :data:`BLENDS`.
        extra: unknown members of ``pl``.
    """

    x: float = 0.5
    y: float = 0.5
    scale: float = 1.0
    rotation: float = 0.0
    opacity: float = 1.0
    crop: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    blend: str = "normal"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_place(self.x, self.y, self.scale, self.rotation, self.opacity, self.crop)
        if self.blend not in BLENDS:
            raise DraftError(f"{quoted(self.blend)} is not a way to blend: use one of {', '.join(BLENDS)}.")


@dataclass(frozen=True, slots=True)
class Keyframe:
    """Values that a placement has at one time; None leaves that value to the other keyframes.

    Between the keyframes that give a value it moves along the ``ease`` of the earlier one, the scale exponentially, all
    others linearly; before the first and after the last it stands. A value that no keyframe gives is the placement's.

    Attributes:
        at: seconds since the segment's start, >= 0.
        x, y, scale, rotation, opacity, crop: see :class:`Placement`.
        ease: one of ``engine.motion.EASES``, on the way to the next keyframe.
        extra: unknown members.
    """

    at: Fraction
    x: float | None = None
    y: float | None = None
    scale: float | None = None
    rotation: float | None = None
    opacity: float | None = None
    crop: tuple[float, float, float, float] | None = None
    ease: str = "in_out"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at < 0:
            raise DraftError("A keyframe's time must be zero or more.")
        default = Placement()
        _check_place(
            *(
                getattr(default, name) if getattr(self, name) is None else getattr(self, name)
                for name in ("x", "y", "scale", "rotation", "opacity", "crop")
            )
        )
        if self.ease not in EASES:
            raise DraftError(f"{quoted(self.ease)} is not an easing: use one of {', '.join(EASES)}.")

    @property
    def moves_camera(self) -> bool:
        """Whether it gives a place, a size or a turn: such keyframes stand in for the segment's camera motion."""
        return any(value is not None for value in (self.x, self.y, self.scale, self.rotation))


def _check_place(
    x: float, y: float, scale: float, rotation: float, opacity: float, crop: tuple[float, float, float, float]
) -> None:
    if not (abs(x) <= MAX_OFFSET and abs(y) <= MAX_OFFSET):
        raise DraftError(f"A place of {x:g}, {y:g} is not possible: 0 to 1 is inside the canvas.")
    if not 0 < scale <= MAX_SCALE:
        raise DraftError(f"A scale of {scale:g} is not possible: use more than 0, at most {MAX_SCALE:g}.")
    if not isfinite(rotation):
        raise DraftError("A rotation must be a finite number of degrees.")
    if not 0 <= opacity <= 1:
        raise DraftError(f"An opacity of {opacity:g} is not possible: use 0 to 1.")
    left, top, right, bottom = crop
    if min(crop) < 0 or not (left + right < 1 and top + bottom < 1):
        raise DraftError("A crop must cut off shares of 0 or more, and leave something: left, top, right, bottom.")
