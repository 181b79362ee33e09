"""Another layout of the convolutions changes nothing but rounding."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from models.recipes.channels_last import apply_channels_last  # noqa: E402
from models.recipes.vae_decode import apply_exact_decode  # noqa: E402
from tests.models.recipes.conftest import Inputs  # noqa: E402
from tests.models.recipes.denoise import denoise, relative_error  # noqa: E402

ROUNDING = 1e-4
"""2e-5 was measured over a denoising, which enlarges the rounding of its first step; 2e-6 for a decode."""


def layouts(module: Any, kind: type) -> set[bool]:
    """Whether convolutions of a kind with more than one tap lie in torch's ordinary layout."""
    return {part.weight.is_contiguous() for part in module.modules() if isinstance(part, kind) and part.padding[0]}


def test_the_unet_answers_the_same(unet: Any, inputs: Inputs) -> None:
    exact = denoise(unet, inputs, steps=2)
    applied = apply_channels_last(unet)
    assert applied.convolutions > 40
    assert layouts(unet, torch.nn.Conv2d) == {False}
    assert layouts(unet, torch.nn.Conv3d) == {True}
    assert relative_error(denoise(unet, inputs, steps=2), exact) < ROUNDING
    applied.remove()
    applied.remove()
    assert layouts(unet, torch.nn.Conv2d) == {True}
    assert torch.equal(denoise(unet, inputs, steps=2), exact)


def test_the_decoder_answers_the_same_exactly_decoded_or_not(vae: Any) -> None:
    latents = torch.randn((3, 4, 4, 8), generator=torch.Generator().manual_seed(6))
    with torch.no_grad():
        full = vae.decode(latents, num_frames=3).sample
        layout = apply_channels_last(vae)
        assert relative_error(vae.decode(latents, num_frames=3).sample, full) < ROUNDING
        decode = apply_exact_decode(vae)
        assert relative_error(vae.decode(latents, num_frames=3).sample, full) < ROUNDING
    decode.remove()
    layout.remove()
