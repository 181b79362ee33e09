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


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("exact"),
        Preset("balanced", deep_cache=DeepCacheConfig(2), guidance_interval=GuidanceIntervalConfig(0.08, 0.8)),
        Preset(
            "draft",
            steps_share=0.6,
            deep_cache=DeepCacheConfig(4),
            guidance_interval=GuidanceIntervalConfig(0.25, 0.6),
        ),
    )
}
"""By name, the most exact first. ``exact`` changes the picture by no more than rounding does."""

STEPS = 25
"""Of SVD in its full quality: what the sentences count with."""

FULL_TFLOP = {True: 153.9, False: 159.9}
"""Of one guided call of SVD-XT's UNet at 25 x 576 x 1024, by whether it is folded (:mod:`models.recipes.flops`).
A call that is not guided costs half."""

SHALLOW_TFLOP = {True: (13.1, 38.3, 64.4), False: (13.5, 39.5, 66.4)}
"""Of a shallow one, by whether it is folded, for each branch."""

DECODE_TFLOP = 173.6
"""Of decoding one clip."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the UNet: guided or not, full or shallow."""

    guided: bool
    full: bool


def planned_calls(preset: Preset, full_steps: int) -> tuple[Call, ...]:
    """The calls of a denoising, as DeepCache and the guidance interval make them together.

    Args:
        preset: which recipes.
        full_steps: steps that the model was made for.
    """
    steps = preset.steps(full_steps)
    calls: list[Call] = []
    kept_guided = False
    for step in range(steps):
        guided = is_guided(preset.guidance_interval, step, steps)
        full = preset.deep_cache is None or step % preset.deep_cache.interval == 0 or (guided and not kept_guided)
        if full or not guided:
            kept_guided = guided
        calls.append(Call(guided, full))
    return tuple(calls)


def relative_flops(preset: Preset, full_steps: int = STEPS) -> float:
    """Operations of a clip with its decoding, as a share of what stock diffusers computes for all steps."""
    shallow = 0.0 if preset.deep_cache is None else SHALLOW_TFLOP[preset.fold][preset.deep_cache.branch]
    spent = sum(
        (FULL_TFLOP[preset.fold] if call.full else shallow) * (1 if call.guided else 0.5)
        for call in planned_calls(preset, full_steps)
    )
    return (spent + DECODE_TFLOP) / (full_steps * FULL_TFLOP[False] + DECODE_TFLOP)


def describe(preset: Preset) -> tuple[str, ...]:
    """What a preset does, in plain sentences; the first says what it means for the picture."""
    said = [_effect(preset)]
    steps = preset.steps(STEPS)
    if steps != STEPS:
        said.append(f"It makes {steps} steps where the model was made for {STEPS}.")
    if preset.fold:
        said.append("Cross-attention with the photo's one token is computed once a clip.")
    if preset.deep_cache is not None:
        said.append(
            f"The deep part of the network runs in every {_ordinal(preset.deep_cache.interval)} step (DeepCache)."
        )
    if preset.guidance_interval is not None:
        guided = sum(call.guided for call in planned_calls(preset, STEPS))
        said.append(f"Guidance is computed in {guided} of {steps} steps.")
    if preset.weights != "full":
        said.append(f"Weights are kept in 8 bits ({preset.weights}).")
    said.append("On a GPU " + _on_gpu(preset) + ".")
    said.append("The clip is decoded exactly, frame by frame inside the layers.")
    said.append(f"It computes {relative_flops(preset):.0%} of what stock diffusers does for SVD-XT (counted).")
    return tuple(said)


def _effect(preset: Preset) -> str:
    if preset.deep_cache is None and preset.guidance_interval is None and preset.weights == "full":
        return "The picture is stock diffusers' picture, up to rounding."
    return "The picture is near stock diffusers' picture and not the same."


def _on_gpu(preset: Preset) -> str:
    compiled = ", blocks are compiled," if preset.compile else ""
    layout = " in channels-last layout" if preset.channels_last else ""
    return f"convolutions run{layout}{compiled} and attention is {preset.attention}'s"


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")
