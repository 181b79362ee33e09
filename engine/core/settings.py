"""Site settings from the environment: a named value with a unit, a default and a range.

Each package declares its own settings beside the code that obeys them; ``multiplane doctor`` lists them all.
"""

import os
from dataclasses import dataclass

from engine.core.errors import OptionError

_REGISTRY: dict[str, "Setting"] = {}


@dataclass(frozen=True, slots=True)
class Setting:
    """One number that a site can change.

    Attributes:
        variable: the environment variable, ``MULTIPLANE_...``.
        default: the value when the variable is not set.
        unit: what the number counts: ``MB``, ``megapixels``, ``px``, ``frames``, ...
        minimum, maximum: the accepted range, both included.
        about: one line for the list of settings.
    """

    variable: str
    default: float
    unit: str
    minimum: float
    maximum: float
    about: str

    def __post_init__(self) -> None:
        _REGISTRY[self.variable] = self

    def value(self) -> float:
        """Read the setting now, in its unit.

        Raises:
            OptionError: the variable holds something that is not a number in the range.
        """
        text = os.environ.get(self.variable, "").strip()
        if not text:
            return self.default
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not self.minimum <= number <= self.maximum:
            raise OptionError(
                f"{self.variable}={text!r} is not usable: give a number of {self.unit} "
                f"from {self.minimum:g} to {self.maximum:g}."
            )
        return number

    def int_value(self) -> int:
        """Read the setting as a whole number, in its unit."""
        return int(self.value())


def all_settings() -> list[Setting]:
    """Every setting declared so far, sorted by name."""
    return [_REGISTRY[name] for name in sorted(_REGISTRY)]
