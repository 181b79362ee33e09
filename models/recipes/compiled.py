"""Compile the blocks that repeat (torch.compile), with what was compiled kept on disk.

Not the whole module: its blocks are few kinds of one code, so that compiling takes a fraction of the time, and recipes
that change what happens between blocks (DeepCache, the fold's choice of rows) go on working.
"""

import os
import shutil
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Literal

from engine.core.errors import DeviceUnavailable
from engine.core.settings import PathSetting
from models.recipes.applied import DiffusersModule

BLOCKS = ("SpatioTemporalResBlock", "BasicTransformerBlock", "TemporalBasicTransformerBlock")
"""Classes whose every instance in SVD's UNet is compiled."""

VARIANTS = 64
"""Compiled versions of one block's code that torch may keep: SVD's resnets come in 13 shapes, each guided and not."""

FOLDER = PathSetting(
    "MULTIPLANE_COMPILED",
    lambda: Path.home() / ".cache" / "multiplane" / "compiled",
    "folder for compiled blocks of diffusion models",
    "~/.cache/multiplane/compiled",
)

CACHE_VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


@dataclass(frozen=True, slots=True)
class CompileConfig:
    """How blocks are compiled.

    Attributes:
        cache_folder: where torch keeps what it compiled, for the next process; of the whole process while applied.
        mode: of ``torch.compile``; the others take minutes longer to compile.
        backend: ``inductor``; ``eager`` and ``aot_eager`` compile nothing and need no compiler.
    """

    cache_folder: Path
    mode: Literal["default", "reduce-overhead", "max-autotune-no-cudagraphs"] = "default"
    backend: Literal["inductor", "aot_eager", "eager"] = "inductor"


def compiled_folder() -> Path:
    """Where this site keeps compiled blocks.

    Raises:
        OptionError: the setting is not usable.
    """
    folder = FOLDER.value()
    assert folder is not None
    return folder


class Compiled:
    """Blocks that are compiled when they are first called: an :class:`models.recipes.applied.Applied`."""

    def __init__(self, module: DiffusersModule, config: CompileConfig) -> None:
        import torch

        self._blocks = [part for part in module.modules() if type(part).__name__ in BLOCKS]
        self._cache_before = os.environ.get(CACHE_VARIABLE)
        self._limit_before = torch._dynamo.config.recompile_limit
        os.environ[CACHE_VARIABLE] = str(config.cache_folder)
        torch._dynamo.config.recompile_limit = max(VARIANTS, self._limit_before)
        options = {"mode": config.mode} if config.backend == "inductor" else {}
        for block in self._blocks:
            # Each shape by itself: there are few, and one version for all of them would be slower.
            block.compile(backend=config.backend, dynamic=False, **options)

    @property
    def blocks(self) -> int:
        """How many are compiled."""
        return len(self._blocks)

    def remove(self) -> None:
        """See :meth:`models.recipes.applied.Applied.remove`."""
        import torch

        if not self._blocks:
            return
        while self._blocks:
            self._blocks.pop()._compiled_call_impl = None
        torch._dynamo.config.recompile_limit = self._limit_before
        if self._cache_before is None:
            os.environ.pop(CACHE_VARIABLE, None)
        else:
            os.environ[CACHE_VARIABLE] = self._cache_before


def apply_compiled(module: DiffusersModule, config: CompileConfig) -> Compiled:
    """Compile the blocks of a UNet, each when it is first called. Apply it last.

    Args:
        module: a UNet, or a part of it.
        config: see :class:`CompileConfig`.

    Raises:
        DeviceUnavailable: there is nothing to compile with, in a sentence that says what is missing.
    """
    if config.backend == "inductor" and (why := why_not_compiled(next(module.parameters()).device.type)):
        raise DeviceUnavailable(why)
    return Compiled(module, config)


def why_not_compiled(device: str) -> str | None:
    """Why nothing can be compiled for a device, in a sentence; None where it can."""
    if device == "cpu":
        compilers = [os.environ["CXX"]] if os.environ.get("CXX") else ["g++", "clang++"]
        if not any(shutil.which(name) for name in compilers):
            return "Nothing can be compiled for the processor: there is no C++ compiler (g++ or clang++)."
    elif util.find_spec("triton") is None:
        return f"Nothing can be compiled for {device}: triton, which comes with torch for CUDA, is not installed."
    return None
