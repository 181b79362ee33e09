"""What the machine that renders can do about generated motion: told to the director, which looks at nothing itself."""

from dataclasses import dataclass
from fractions import Fraction

CLIP = Fraction(24, 7)
"""Seconds of one clip of Stable Video Diffusion XT from its first picture to its last: 25 pictures, 7 a second."""

MISSING = ("torch", "weights", "gpu", "memory", "unknown")
"""What may be missing, by the names that the lexicons have a sentence for (``[reason.missing]``)."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What generated motion can be asked for.

    By default everything: who does not know leaves the wish in the draft, and the renderer then says what it lacks.

    Attributes:
        generated: whether clips can be generated at all. Where they cannot, a wish for AI motion in words becomes
            parallax, and the answer says so.
        follows_text: whether the model follows words about what moves.
        missing: what is missing where ``generated`` is false: a name of :data:`MISSING`, else a part of a sentence that
            is quoted as it is, without a full stop.
        clip: seconds of one generated clip, from its first picture to its last; None where it is not known, or may yet
            change: then the answer does not say what fills a longer shot.
    """

    generated: bool = True
    follows_text: bool = True
    missing: str = ""
    clip: Fraction | None = CLIP


ALL = Abilities()
"""Everything is possible."""
