"""Cards: pictures of one colour or of a gradient, named by the ``src`` of a segment instead of a file."""

from dataclasses import dataclass

from engine.core.errors import DraftError, quoted
from engine.timeline.color import check_color

COLOR_PREFIX, GRADIENT_PREFIX = "color:", "gradient:"

DEFAULT_ANGLE = 180.0
"""Degrees: from top to bottom."""

CARD_FORMS = "color:#rrggbb or gradient:#rrggbb,#rrggbb,180"


@dataclass(frozen=True, slots=True)
class Card:
    """A picture that is painted, not read.

    Attributes:
        colors: ``#rrggbb``; one fills the frame, two are the ends of a linear gradient.
        angle: degrees, 0 <= angle < 360, the direction from the first colour to the second, as in the
            ``linear-gradient()`` of CSS Images 3: 0 goes to the top, 90 to the right, 180 to the bottom. The length of
            the gradient line is that of CSS too, |w sin a| + |h cos a|, so that two corners have the pure colours.
    """

    colors: tuple[str, ...]
    angle: float = DEFAULT_ANGLE


def parse_card(src: str) -> Card | None:
    """The card that a ``src`` names: ``color:#rrggbb`` or ``gradient:#rrggbb,#rrggbb[,DEGREES]``.

    Returns:
        The card; None where the text does not begin like one, and so names a file.

    Raises:
        DraftError: it begins like a card and is none.
    """
    if src.startswith(COLOR_PREFIX):
        return Card((_color(src[len(COLOR_PREFIX) :]),))
    if not src.startswith(GRADIENT_PREFIX):
        return None
    parts = [part.strip() for part in src[len(GRADIENT_PREFIX) :].split(",")]
    if len(parts) not in (2, 3):
        raise DraftError(
            f"{quoted(src)} is not a card: write {CARD_FORMS}, with two colours and, if you like, the degrees."
        )
    angle = _degrees(parts[2]) if len(parts) == 3 else DEFAULT_ANGLE
    return Card((_color(parts[0]), _color(parts[1])), angle)


def _color(text: str) -> str:
    color = text.strip().lower()
    check_color(color)
    return color


def _degrees(text: str) -> float:
    try:
        angle = float(text)
    except ValueError:
        angle = float("nan")
    if not abs(angle) <= 1e6:  # true for NaN too
        raise DraftError(f"{quoted(text)} is not an angle: give degrees, 0 to the top, 90 to the right.")
    return angle % 360 % 360  # twice: a tiny negative angle rounds up to 360
