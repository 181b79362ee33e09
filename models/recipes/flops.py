"""Floating-point operations of SVD, counted by torch over the real modules at full size, without weights.

A multiplication and its addition count as two. Only what torch's counter knows counts: matrix products, convolutions
and attention; norms, activations and sums are not in the figures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop

from models.recipes.deep_cache import DeepCacheConfig, apply_deep_cache
from models.recipes.fake_models import FRAMES, LATENT_HEIGHT, LATENT_WIDTH, fake_tensors, fake_unet, fake_vae
from models.recipes.fold_cross_attention import apply_fold
from models.recipes.presets import Preset, planned_calls
from models.recipes.vae_decode import ExactDecodeConfig, apply_exact_decode

Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """Of one clip.

    Attributes:
        frames: pictures.
        height: of the latents, an eighth of the pictures'.
        width: of the latents.
    """

    frames: int = FRAMES
    height: int = LATENT_HEIGHT
    width: int = LATENT_WIDTH


SVD_XT = Shape()


def count(run: Callable[[], object]) -> int:
    """Operations of a call, with real tensors or fake ones."""
    with FlopCounterMode(display=False, custom_mapping=_ON_PROCESSOR) as counter:
        run()
    return int(counter.get_total_flops())


def _attention_on_processor(query: Any, key: Any, value: Any, *_: Any, out_shape: Any = None, **__: Any) -> int:  # noqa: ANN401
    return sdpa_flop(query, key, value)


_ON_PROCESSOR = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention_on_processor}
"""What torch's counter does not know of itself."""


def unet_flops(
    config: Config | None = None,
    shape: Shape = SVD_XT,
    *,
    guided: bool = True,
    folded: bool = False,
    shallow: DeepCacheConfig | None = None,
) -> int:
    """Operations of one call of the UNet.

    Args:
        config: members of its configuration that are not SVD-XT's.
        shape: of the clip.
        guided: both halves of classifier-free guidance.
        folded: with the cross-attention folded; the fold itself, once a request, does not count.
        shallow: of a shallow step with this cache; None: of a full one.
    """
    return _unet_flops(tuple(sorted((config or {}).items())), shape, guided, folded, shallow)


@lru_cache
def _unet_flops(
    config: tuple[tuple[str, Any], ...], shape: Shape, guided: bool, folded: bool, shallow: DeepCacheConfig | None
) -> int:
    with fake_tensors():
        unet = fake_unet(dict(config))
        batch = 2 if guided else 1
        ids = unet.config.projection_class_embeddings_input_dim // unet.config.addition_time_embed_dim
        token = torch.empty(batch, 1, unet.config.cross_attention_dim)
        sample = torch.empty(batch, shape.frames, unet.config.in_channels, shape.height, shape.width)

        def call() -> object:
            return unet(sample, torch.empty(()), token, torch.empty(batch, ids))

        if folded:
            apply_fold(unet, token)
        if shallow is None:
            return count(call)
        cache = apply_deep_cache(unet, shallow)
        cache.at(0)
        call()
        cache.at(1)
        return count(call)


@lru_cache
def decode_flops(shape: Shape = SVD_XT, exact: ExactDecodeConfig | None = None) -> int:
    """Operations of decoding one clip; with ``exact`` those of the low-memory decode, which computes some twice."""
    with fake_tensors():
        vae = fake_vae()
        if exact is not None:
            apply_exact_decode(vae, exact)
        latents = torch.empty(shape.frames, vae.config.latent_channels, shape.height, shape.width)
        return count(lambda: vae.decode(latents, num_frames=shape.frames))


def total_flops(steps: int, preset: Preset | None = None, shape: Shape = SVD_XT) -> int:
    """Operations of one clip: all calls of the UNet, and the decoding.

    Args:
        steps: that the model was made for.
        preset: None: stock diffusers, each step full and guided.
        shape: of the clip.
    """
    if preset is None:
        return steps * unet_flops(shape=shape) + decode_flops(shape)
    return decode_flops(shape) + sum(
        unet_flops(
            shape=shape, guided=call.guided, folded=preset.fold, shallow=None if call.full else preset.deep_cache
        )
        for call in planned_calls(preset, steps)
    )
