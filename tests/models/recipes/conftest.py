"""Tiny models of the real diffusers classes, with random weights that leave no part of them idle."""

from dataclasses import dataclass
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

FRAMES, HEIGHT, WIDTH, TOKEN = 3, 8, 16, 32


@dataclass
class Inputs:
    """What a denoising is made from: latents (1, F, 4, H, W), the photo's latents, its token, the three time ids."""

    latents: Any
    photo: Any
    token: Any
    ids: Any


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def stir(module: Any, seed: int) -> Any:
    """Give every parameter random values of its own: mixing factors between the extremes, no layer of zeros."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("mix_factor"):
                parameter.copy_(noise)
            elif parameter.ndim == 1:
                parameter.add_(0.2 * noise)
            else:
                parameter.copy_(noise * (1.2 / parameter[0].numel() ** 0.5))
    return module.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def unet() -> Any:
    from diffusers import UNetSpatioTemporalConditionModel

    return stir(
        UNetSpatioTemporalConditionModel(
            block_out_channels=(32, 32, 64, 64),
            addition_time_embed_dim=16,
            projection_class_embeddings_input_dim=48,
            cross_attention_dim=TOKEN,
            num_attention_heads=(2, 2, 4, 4),
            num_frames=FRAMES,
        ),
        seed=1,
    )


@pytest.fixture(scope="module")
def vae() -> Any:
    from diffusers import AutoencoderKLTemporalDecoder

    return stir(
        AutoencoderKLTemporalDecoder(
            block_out_channels=(32, 32, 64, 64),
            down_block_types=("DownEncoderBlock2D",) * 4,
            layers_per_block=2,
        ),
        seed=2,
    )


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    generator = torch.Generator().manual_seed(5)

    def noise(*shape: int) -> Any:
        return torch.randn(shape, generator=generator)

    return Inputs(
        noise(1, FRAMES, 4, HEIGHT, WIDTH),
        noise(1, 1, 4, HEIGHT, WIDTH).expand(1, FRAMES, 4, HEIGHT, WIDTH),
        noise(1, 1, TOKEN),
        torch.tensor([[6.0, 127.0, 0.02]]),
    )
