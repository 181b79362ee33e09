"""How much of the exact result generated motion may leave out, where a draft does not say."""

from engine.core.settings import ChoiceSetting
from engine.motion import QUALITIES

QUALITY = ChoiceSetting(
    "MULTIPLANE_DIFFUSION_QUALITY",
    "balanced",
    QUALITIES,
    "of generated motion where the draft does not say: nothing left out, about half the work, or less",
)


def quality_of_site() -> str:
    """One of :data:`engine.motion.QUALITIES`."""
    return QUALITY.value()
