"""SVD-XT at full size without its weights: modules of torch's fake tensors, for counting operations and bytes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from models.recipes.applied import DiffusersModule
from models.runtime import offline

FRAMES = 25
"""Pictures of an SVD-XT clip."""

LATENT_HEIGHT, LATENT_WIDTH = 72, 128
"""Of 1024 x 576, the size it was trained at: an eighth of it."""

VAE_CONFIG: Mapping[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "layers_per_block": 2,
}
"""SVD's; its UNet's configuration is what diffusers takes where nothing is said."""


@contextmanager
def fake_tensors(dtype: torch.dtype = torch.float16) -> Iterator[None]:
    """Within it new tensors have shapes and devices, and no contents; those of other devices need no such device."""
    before = torch.get_default_dtype()
    torch._C._ensureCUDADeviceGuardSet()
    torch.set_default_dtype(dtype)
    try:
        with torch.no_grad(), FakeTensorMode():
            yield
    finally:
        torch.set_default_dtype(before)


def fake_unet(config: Mapping[str, Any] | None = None, device: str = "cpu") -> DiffusersModule:
    """A ``UNetSpatioTemporalConditionModel`` of SVD-XT's size; to be made within :func:`fake_tensors`.

    Args:
        config: members of its configuration that are otherwise.
        device: where its weights pretend to lie.
    """
    with offline():
        from diffusers import UNetSpatioTemporalConditionModel
    return _moved(UNetSpatioTemporalConditionModel(**(config or {})), device)


def fake_vae(config: Mapping[str, Any] | None = None, device: str = "cpu") -> DiffusersModule:
    """An ``AutoencoderKLTemporalDecoder`` of SVD's size; as :func:`fake_unet`."""
    with offline():
        from diffusers import AutoencoderKLTemporalDecoder
    return _moved(AutoencoderKLTemporalDecoder(**{**VAE_CONFIG, **(config or {})}), device)


def _moved(module: DiffusersModule, device: str) -> DiffusersModule:
    """Its parameters replaced: fake ones cannot be moved as others are."""
    for part in module.modules():
        for name, parameter in list(part.named_parameters(recurse=False)):
            moved = torch.empty(parameter.shape, dtype=parameter.dtype, device=device)
            part.register_parameter(name, torch.nn.Parameter(moved, requires_grad=False))
    return module.eval()
