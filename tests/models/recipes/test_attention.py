"""Attention by another gives the same answer, or says why it cannot."""

from importlib import util
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from engine.core.errors import DeviceUnavailable, OptionError  # noqa: E402
from models.recipes.attention import FlashFirst, apply_attention, why_not  # noqa: E402
from tests.models.recipes.conftest import Inputs  # noqa: E402
from tests.models.recipes.denoise import denoise, relative_error  # noqa: E402

CUDA = torch.device("cuda", 0)


def test_sdpa_runs_everywhere_and_is_what_diffusers_takes(unet: Any, inputs: Inputs) -> None:
    exact = denoise(unet, inputs, steps=2)
    before = dict(unet.attn_processors)
    applied = apply_attention(unet, "sdpa")
    assert torch.equal(denoise(unet, inputs, steps=2), exact)
    applied.remove()
    applied.remove()
    assert unet.attn_processors == before


def test_flash_first_computes_the_same(unet: Any, inputs: Inputs) -> None:
    from diffusers.models.attention_processor import AttnProcessor2_0

    exact = denoise(unet, inputs, steps=2)
    before = dict(unet.attn_processors)
    unet.set_attn_processor(FlashFirst(AttnProcessor2_0()))
    assert relative_error(denoise(unet, inputs, steps=2), exact) < 1e-4  # equal was measured
    unet.set_attn_processor(before)


@pytest.mark.parametrize("backend", ["xformers", "flash"])
def test_what_cannot_run_here_says_so(unet: Any, backend: Any) -> None:
    before = dict(unet.attn_processors)
    with pytest.raises(DeviceUnavailable, match=rf"^Attention by {backend} cannot run[^.]*\.$"):
        apply_attention(unet, backend)
    assert unet.attn_processors == before


def test_what_is_missing_on_a_gpu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    assert "not installed (extra 'xformers')" in str(why_not("xformers", CUDA, torch.float16))
    monkeypatch.setattr(util, "find_spec", lambda name: object())
    assert why_not("xformers", CUDA, torch.float16) is None
    assert "in float32: it needs half floats" in str(why_not("flash", CUDA, torch.float32))
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    assert "compute capability 8.0" in str(why_not("flash", CUDA, torch.float16))
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    assert why_not("flash", CUDA, torch.float16) is None


def test_an_unknown_backend_is_refused(unet: Any) -> None:
    with pytest.raises(OptionError, match="give sdpa, xformers, flash"):
        apply_attention(unet, "magic")  # type: ignore[arg-type]
