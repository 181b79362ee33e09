"""Weights in 8 bits, where torchao is installed; what is missing otherwise."""

from importlib import util
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from engine.core.errors import DeviceUnavailable, WeightsError  # noqa: E402
from models.recipes.weights8 import Weights8Config, apply_weights8, why_not_weights8  # noqa: E402
from tests.models.recipes.conftest import Inputs  # noqa: E402
from tests.models.recipes.denoise import denoise, psnr  # noqa: E402


@pytest.mark.skipif(util.find_spec("torchao") is None, reason="torchao is not installed (extra 'torchao')")
def test_int8_saves_memory_and_stays_near(unet: Any, inputs: Inputs) -> None:
    exact = denoise(unet, inputs, steps=2)
    linear = [
        part.weight
        for name, part in unet.named_modules()
        if "transformer_blocks" in name and isinstance(part, torch.nn.Linear)
    ]
    applied = apply_weights8(unet)
    near = denoise(unet, inputs, steps=2)
    applied.remove()
    applied.remove()
    full = sum(4 * weight.numel() for weight in linear)
    assert 0.6 * full < applied.saved_bytes < 0.75 * full  # scales take a part of what tiny rows save
    assert 30 < psnr(near, exact) < 80
    assert torch.equal(denoise(unet, inputs, steps=2), exact)


def test_fp8_is_refused_where_there_is_none(unet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        DeviceUnavailable, match=r"^Weights in fp8 cannot be used on cpu: they need a CUDA GPU;[^.]*\.$"
    ):
        apply_weights8(unet, Weights8Config("fp8"))
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 6))
    assert "compute capability 8.9" in str(why_not_weights8(Weights8Config("fp8"), torch.device("cuda", 0)))
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 9))
    assert why_not_weights8(Weights8Config("fp8"), torch.device("cuda", 0)) is None


def test_without_torchao_it_says_so(unet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="torchao, which makes them, is not installed"):
        apply_weights8(unet)
