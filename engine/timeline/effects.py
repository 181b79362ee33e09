"""The effects of a segment: looks that change its colours, overlays that fall over it (``ef``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from engine.core.errors import DraftError, quoted

SIGNED_LOOKS: tuple[str, ...] = ("brightness", "contrast", "saturation", "temperature")
"""Looks with an amount of -1..1: 0 changes nothing, more is brighter, stronger, warmer."""

LUT = "lut"
"""The look that a ``.cube`` file describes."""

LOOKS: tuple[str, ...] = (*SIGNED_LOOKS, "grayscale", "sepia", "vintage", "vignette", LUT, "blur")
OVERLAYS: tuple[str, ...] = ("grain", "dust", "snow", "rain", "bokeh", "light_leak")
EFFECTS: tuple[str, ...] = (*LOOKS, *OVERLAYS)
"""Every ``fx``. In a segment's list they are applied in order."""

DEFAULT_AMOUNTS: Mapping[str, float] = {
    "brightness": 0.2,
    "contrast": 0.2,
    "saturation": 0.25,
    "temperature": 0.3,
    "grayscale": 1.0,
    "sepia": 1.0,
    "vintage": 0.7,
    "vignette": 0.4,
    LUT: 1.0,
    "blur": 0.3,
    "grain": 0.3,
    "dust": 0.4,
    "snow": 0.4,
    "rain": 0.4,
    "bokeh": 0.4,
    "light_leak": 0.4,
}
"""The amount of an effect that gives none: subtle."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect.

    Attributes:
        name: one of :data:`EFFECTS` (``fx``).
        amount: strength, 0..1, for :data:`SIGNED_LOOKS` -1..1; None takes :data:`DEFAULT_AMOUNTS`.
        src: the ``.cube`` file of a ``lut``.
        seed: of what is random; None takes the rendering's seed.
        extra: unknown members.
    """

    name: str
    amount: float | None = None
    src: str | None = None
    seed: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in EFFECTS:
            raise DraftError(f"The effect {quoted(self.name)} is not available: use one of {', '.join(EFFECTS)}.")
        low = -1.0 if self.name in SIGNED_LOOKS else 0.0
        if self.amount is not None and not (isfinite(self.amount) and low <= self.amount <= 1):
            raise DraftError(f"An amount of {self.amount:g} is not possible for {self.name}: use {low:g} to 1.")
        if self.name == LUT and not self.src:
            raise DraftError("A look-up table needs the name of its .cube file in src.")

    @property
    def strength(self) -> float:
        """The amount, or the default where none is given."""
        return DEFAULT_AMOUNTS[self.name] if self.amount is None else self.amount
