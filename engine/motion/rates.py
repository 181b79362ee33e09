"""What slow, normal and fast mean: rates with units, and the amounts they give over a clip.

A rate times the clip's duration is the amount, within bounds: a very short clip still moves visibly, a very long one
slows down rather than going too far.
"""

from dataclasses import dataclass
from math import exp, log

DEFAULT_SPEED = "normal"


@dataclass(frozen=True, slots=True)
class Rates:
    """The speed words of one unit.

    Attributes:
        per_second: average rate of each word, in the unit named where the table stands.
        least: the least amount, however short the clip.
        most: the largest amount of each word, however long the clip.
    """

    per_second: dict[str, float]
    least: float
    most: dict[str, float]

    def over(self, speed: str | None, seconds: float) -> float:
        """The amount that a word gives over a clip of ``seconds``."""
        word = speed or DEFAULT_SPEED
        return min(max(self.per_second[word] * seconds, self.least), self.most[word])

    def seconds_for(self, amount: float, speed: str) -> float:
        """How long an amount takes at the average rate of a word."""
        return amount / self.per_second[speed]


ZOOM_RATES = Rates(
    per_second={"slow": 0.018, "normal": 0.027, "fast": 0.06},
    least=log(1.03),
    most={"slow": log(1.4), "normal": log(1.6), "fast": log(2.5)},
)
"""Natural logarithm of scale (so 0.018 is 1.8 % closer each second): 10 s give 1.20, 1.31 and 1.82."""

PAN_RATES = Rates(
    per_second={"slow": 0.02, "normal": 0.035, "fast": 0.08},
    least=0.05,
    most={"slow": 1.0, "normal": 2.0, "fast": 4.0},
)
"""Frame lengths along the pan's axis: frame widths for left and right, frame heights for up and down."""

ACROSS_RATES = Rates(
    per_second={"slow": 1 / 14, "normal": 1 / 7, "fast": 1 / 5},
    least=0.1,
    most={"slow": 100.0, "normal": 100.0, "fast": 100.0},
)
"""Frame lengths, for the pan across a photo that does not fit the frame. ``normal`` is the cinematographer's rule that
a thing should take seven seconds to cross the frame, below which pans judder (American Cinematographer Manual)."""

ROTATE_RATES = Rates(
    per_second={"slow": 0.4, "normal": 0.8, "fast": 2.0},
    least=1.0,
    most={"slow": 8.0, "normal": 12.0, "fast": 20.0},
)
"""Degrees."""

TRAVEL_LEAST_S = 1.0
"""Seconds: a fast move with an amount is not squeezed into less (or into the clip, if that is shorter)."""


def zoom_factor(speed: str | None, seconds: float) -> float:
    """The zoom that a speed word gives over a clip: close over wide scale, > 1."""
    return exp(ZOOM_RATES.over(speed, seconds))
