"""A denoising as diffusers' pipeline does it: guidance that grows over the frames, v-prediction, Euler steps.

Its scheduler is not used, since it warns under numpy 2."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

from models.recipes.guidance_interval import GuidanceIntervalConfig, is_guided
from tests.models.recipes.conftest import Inputs


def doubled_token(inputs: Inputs) -> torch.Tensor:
    """(2, 1, C): nothing, and the photo's token."""
    return torch.cat([torch.zeros_like(inputs.token), inputs.token])


def noise_levels(steps: int) -> list[float]:
    """SVD's, from 700 to 0.002 and 0 (Karras et al. 2022, rho 7)."""
    high, low = 700 ** (1 / 7), 0.002 ** (1 / 7)
    return [(high + step / (steps - 1) * (low - high)) ** 7 for step in range(steps)] + [0.0]


@torch.no_grad()
def denoise(
    unet: Any,
    inputs: Inputs,
    steps: int = 4,
    before: Callable[[int], None] | None = None,
    interval: GuidanceIntervalConfig | None = None,
) -> torch.Tensor:
    """Latents (1, F, 4, H, W) after all steps."""
    levels = noise_levels(steps)
    frames = inputs.latents.shape[1]
    scale = torch.linspace(1, 3, frames).view(1, frames, 1, 1, 1)
    token = doubled_token(inputs)
    half = token[1:]
    latents = inputs.latents * levels[0]
    for step, (level, following) in enumerate(pairwise(levels)):
        time = 0.25 * math.log(level)
        if before is not None:
            before(step)
        seen = torch.cat([latents / math.sqrt(level**2 + 1), inputs.photo], dim=2)
        if is_guided(interval, step, steps):
            photo = torch.cat([torch.zeros_like(inputs.photo), inputs.photo])
            seen = torch.cat([seen[:, :, :4].expand(2, -1, -1, -1, -1), photo], dim=2)
            nothing, conditional = unet(
                seen, time, encoder_hidden_states=token, added_time_ids=inputs.ids.expand(2, -1), return_dict=False
            )[0].chunk(2)
            predicted = nothing + scale * (conditional - nothing)
        else:
            predicted = unet(seen, time, encoder_hidden_states=half, added_time_ids=inputs.ids, return_dict=False)[0]
        clean = latents / (level**2 + 1) - predicted * level / math.sqrt(level**2 + 1)
        latents = latents + (latents - clean) / level * (following - level)
    return latents


def relative_error(result: torch.Tensor, reference: torch.Tensor) -> float:
    """Largest difference over the largest value of the reference."""
    return float((result - reference).abs().max() / reference.abs().max())


def psnr(result: torch.Tensor, reference: torch.Tensor) -> float:
    """dB, to the reference's own range."""
    spread = reference.max() - reference.min()
    return float(10 * torch.log10(spread**2 / (result - reference).square().mean()))
