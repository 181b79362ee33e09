"""Compiled blocks answer as before, with the other recipes on top, and leave what they compiled on disk."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from engine.core.errors import DeviceUnavailable  # noqa: E402
from models.recipes import compiled  # noqa: E402
from models.recipes.compiled import CompileConfig, apply_compiled, why_not_compiled  # noqa: E402
from models.recipes.fold_cross_attention import apply_fold  # noqa: E402
from tests.models.recipes.conftest import Inputs  # noqa: E402
from tests.models.recipes.denoise import denoise, doubled_token, relative_error  # noqa: E402

ROUNDING = 1e-4
"""As between layouts: 1e-5 was measured over a denoising."""


def test_traced_blocks_answer_as_before_and_another_request_compiles_nothing(
    unet: Any, inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch._dynamo.utils import counters

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "elsewhere")
    exact = denoise(unet, inputs, steps=2)
    applied = apply_compiled(unet.up_blocks[-1], CompileConfig(tmp_path, backend="eager"))
    assert applied.blocks == 9  # 3 resnets, 3 + 3 transformer blocks
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path)
    graphs = []
    for token in (inputs.token, inputs.token + 1):
        asked = Inputs(inputs.latents, inputs.photo, token, inputs.ids)
        fold = apply_fold(unet, doubled_token(asked))
        answer = denoise(unet, asked, steps=2)
        fold.remove()
        graphs.append(counters["stats"]["unique_graphs"])
        if token is inputs.token:
            assert relative_error(answer, exact) < ROUNDING
    applied.remove()
    applied.remove()
    assert graphs[0] == graphs[1] > 0
    assert torch.equal(denoise(unet, inputs, steps=2), exact)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == "elsewhere"


def test_every_block_of_the_unet_is_compiled(unet: Any, tmp_path: Path) -> None:
    applied = apply_compiled(unet, CompileConfig(tmp_path, backend="eager"))
    assert applied.blocks == 22 + 16 + 16  # resnets, spatial and temporal transformer blocks
    applied.remove()


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated")  # torch's own, when it loads inductor
@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler here")
def test_the_compiler_s_work_is_kept_in_the_folder(tmp_path: Path) -> None:
    """Of one small block under one of the names, since a C++ compiler takes its time: a real resnet agreed to 1e-6."""

    class BasicTransformerBlock(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor([2.0]))

        def forward(self, hidden: Any) -> Any:
            return torch.tanh(hidden * self.scale) + 1

    block, hidden = BasicTransformerBlock(), torch.linspace(-1, 1, 64)
    with torch.no_grad():
        exact = block(hidden)
        applied = apply_compiled(block, CompileConfig(tmp_path))
        assert relative_error(block(hidden), exact) < 1e-6
        applied.remove()
        assert torch.equal(block(hidden), exact)
    assert list(tmp_path.rglob("*.so"))


def test_without_a_compiler_it_says_so(unet: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DeviceUnavailable, match=r"^Nothing can be compiled for the processor: there is no C\+\+"):
        apply_compiled(unet, CompileConfig(tmp_path))
    monkeypatch.setattr(compiled.util, "find_spec", lambda name: None)
    assert "triton" in str(why_not_compiled("cuda"))
