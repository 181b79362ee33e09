"""What a request for quality turns on: the recipes of each preset, and what they come to, in sentences."""

from dataclasses import dataclass
from typing import Literal

from models.recipes.deep_cache import DeepCacheConfig
from models.recipes.guidance_interval import GuidanceIntervalConfig, is_guided

Attention = Literal["sdpa", "xformers", "flash"]
Weights = Literal["full", "int8", "fp8"]


@dataclass(frozen=True, slots=True)
class Preset:
    """The recipes of one quality.

    Attributes:
        name: ``exact``, ``balanced`` or ``draft``.
        steps_share: of the steps that the model was made for.
        deep_cache: None: every step is full.
        guidance_interval: None: every step is guided.
        fold: cross-attention is folded, where a model has one token.
        compile: blocks are compiled where they run on a GPU; on a processor they never are.
        channels_last: 2-D convolutions lie in memory as Tensor Cores want them; on a GPU only.
        attention: who computes it.
        weights: ``full``: the number format of the placement; otherwise 8 bits, on a GPU.
    """

    name: str
    steps_share: float = 1.0
    deep_cache: DeepCacheConfig | None = None
    guidance_interval: GuidanceIntervalConfig | None = None
    fold: bool = True
    compile: bool = False
    channels_last: bool = True
    attention: Attention = "sdpa"
    weights: Weights = "full"

    def steps(self, full: int) -> int:
        """Steps to make of a model that was made for so many: at least 1."""
        return max(1, round(full * self.steps_share))


PRESETS = {"exact": Preset("exact"), "balanced": Preset("balanced", deep_cache=DeepCacheConfig(2), guidance_interval=GuidanceIntervalConfig(0.0, 0.8)), "draft": Preset("draft", steps_share=0.6, deep_cache=DeepCacheConfig(3))}

def describe(preset: Preset) -> tuple[str, ...]:
    return (preset.name,)
