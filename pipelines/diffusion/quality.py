"""How much of the exact result generated motion may leave out, and what else a site wants of its recipes."""

from dataclasses import replace
from typing import cast, get_args

from engine.core.settings import ChoiceSetting, FlagSetting
from engine.motion import QUALITIES
from models.recipes.presets import PRESETS, Attention, Preset, Weights

EXACT = "exact"
"""The quality that nothing may change but rounding."""

QUALITY = ChoiceSetting(
    "MULTIPLANE_DIFFUSION_QUALITY",
    "balanced",
    QUALITIES,
    "of generated motion where the draft does not say: nothing left out, about half the work, or less",
)
COMPILE = FlagSetting(
    "MULTIPLANE_DIFFUSION_COMPILE",
    False,
    "on: blocks of diffusion models are compiled on a GPU, which takes minutes once and is kept on disk",
)
ATTENTION = ChoiceSetting(
    "MULTIPLANE_DIFFUSION_ATTENTION",
    "sdpa",
    get_args(Attention),
    "who computes attention in diffusion models: PyTorch, xFormers (extra 'xformers'), or PyTorch's flash kernel alone",
)
WEIGHTS = ChoiceSetting(
    "MULTIPLANE_DIFFUSION_WEIGHTS",
    "full",
    get_args(Weights),
    "number format of diffusion models' weights on a GPU, but for exact: the computing one, or 8 bits by torchao",
)


def quality_of_site() -> str:
    """One of :data:`engine.motion.QUALITIES`."""
    return QUALITY.value()


def preset_of(quality: str | None) -> Preset:
    """The recipes of a quality, as this site wants them.

    Args:
        quality: one of :data:`engine.motion.QUALITIES`; None is the site's.
    """
    preset = PRESETS[quality or quality_of_site()]
    attention = cast(Attention, ATTENTION.value())
    weights = preset.weights if preset.name == EXACT else cast(Weights, WEIGHTS.value())
    return replace(preset, compile=COMPILE.value(), attention=attention, weights=weights)
