"""Where the interest of a photo lies, and who may say so."""

from dataclasses import dataclass
from typing import Protocol

from engine.core.frames import RgbImage


@dataclass(frozen=True, slots=True)
class Subject:
    """The centre of interest of a photo.

    A finder that is unsure answers with a point near the middle: whoever uses a subject trusts its point and box, and
    reads the confidence only to tell the user.

    Attributes:
        x, y: the centre of interest, 0..1 of the photo from its top left.
        box: (x0, y0, x1, y1) around the subject, 0..1; contains (x, y).
        confidence: 0 (a guess) .. 1.
    """

    x: float = 0.5
    y: float = 0.5
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    confidence: float = 0.0

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.box
        if not (0 <= x0 <= self.x <= x1 <= 1 and 0 <= y0 <= self.y <= y1 <= 1 and 0 <= self.confidence <= 1):
            raise ValueError(f"not a subject: {self}")


WHOLE_PHOTO = Subject()
"""No subject in particular: the middle of the photo."""


class SubjectFinder(Protocol):
    """Anything that can say where the interest of a photo lies: an estimate, a detector, a learned mask."""

    def find(self, rgb: RgbImage) -> Subject:
        """The subject of an sRGB photo, shape (H, W, 3), uint8, upright; the photo may be reduced in size."""
        ...
