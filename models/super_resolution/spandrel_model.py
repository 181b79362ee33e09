"""An enlarging model that a studio brings itself, of any kind that spandrel knows: Real-ESRGAN, SPAN, DAT and others.

spandrel tells the kind from the names and shapes of the weights. Only ``*.safetensors`` are read: the usual ``*.pth``
are pickles, which may hold programs. Its metadata ask for torchvision, whose builds break beside another build of
torch. Two of its kinds (one inpaints, one mends faces; both are refused here) take three functions of it: where it is
not installed, something stands in for it while spandrel is imported.
"""

import hashlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import EngineError, WeightsError
from models.runtime import ON_CPU, Placement, has_torch
from models.super_resolution.lanczos import check_enlarging, resampled
from models.super_resolution.on_device import run_on_device
from models.super_resolution.tiles import enlarged_in_tiles

NAME = "The enlarging model"
PACK = "upscaler"
SUFFIX = ".safetensors"

REACH = 32
"""Pixels around it that a pixel of the result is taken to depend on; deep networks look further, but hardly."""

TILE = 192
GPU_TILE = 640
"""Pixels of a tile's longest side, on the processor and on a GPU."""

BYTES_PER_PIXEL = 14_000
"""Of working memory in float32 for each pixel of a tile; half of that on a GPU. Real-ESRGAN x4, one of the large ones,
took 13,100 at 128 x 128."""

_TORCHVISION = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional")
_importing = threading.Lock()


class SpandrelUpscaler:
    """An :class:`models.super_resolution.interface.Upscaler`; any number of threads may use it at a time."""

    def __init__(self, descriptor: Any, digest: str, placement: Placement = ON_CPU) -> None:  # noqa: ANN401  of spandrel
        self._descriptor = descriptor
        self._digest = digest
        self._placement = placement

    @classmethod
    def open(cls, folder: Path, placement: Placement = ON_CPU) -> "SpandrelUpscaler":
        """Load the one ``*.safetensors`` of a folder.

        Raises:
            WeightsError: spandrel or torch is not installed; there is no such file, or more than one; or it is damaged,
                of a kind that spandrel does not know, or no model that enlarges colour pictures.
        """
        path = weights_file(folder)
        if not has_torch() or find_spec("spandrel") is None:
            raise WeightsError(
                NAME, "torch and spandrel, which run it, are not installed (extras 'gpu' and 'upscale')."
            )
        with _importing, _torchvision():
            try:
                import spandrel
            except Exception as error:  # its many kinds import whatever they need
                raise WeightsError(NAME, "spandrel, which runs it, cannot be imported.", detail=str(error)) from error
        try:
            descriptor = spandrel.ModelLoader().load_from_file(path)
        except Exception as error:  # spandrel and safetensors raise whatever their parts do
            raise WeightsError(
                NAME, f"{path.name} is damaged, or of a kind that spandrel does not know.", detail=str(error)
            ) from error
        enlarges = descriptor.purpose == "SR" and descriptor.scale > 1
        if not enlarges or (descriptor.input_channels, descriptor.output_channels) != (3, 3):
            raise WeightsError(
                NAME,
                f"{path.name} is no model that enlarges colour pictures.",
                detail=f"{descriptor.architecture.id}, {descriptor.purpose}, x{descriptor.scale}",
            )
        if not descriptor.supports_half:
            placement = Placement(placement.device, "float32")
        descriptor.to(placement.device, placement.torch_dtype()).eval()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(descriptor, digest, placement)

    @property
    def name(self) -> str:
        """See :class:`models.super_resolution.interface.Upscaler`."""
        kind = self._descriptor.architecture.id.lower()
        return f"{kind}-x{self._descriptor.scale}-{self._digest[:12]}-{self._placement.dtype}"

    @property
    def weights_size(self) -> int:
        """Bytes of its weights."""
        return sum(item.numel() * item.element_size() for item in self._descriptor.model.parameters())

    def enlarge(self, rgb: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
        """See :meth:`models.super_resolution.interface.Upscaler.enlarge`: by its own factor first, then to the exact
        size.

        Raises:
            ValueError: this is no picture, or the size is smaller than it.
            DeviceMemoryError: the GPU has not enough free memory for a tile.
            EngineError: the model's pixels are no numbers.
        """
        check_enlarging(rgb, size)
        if size == (rgb.shape[1], rgb.shape[0]):
            return rgb.copy()
        tile = GPU_TILE if self._placement.on_gpu else TILE
        return resampled(enlarged_in_tiles(self._tile, rgb, self._descriptor.scale, tile, REACH), size)

    def _tile(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        levels = run_on_device(NAME, self._descriptor, rgb, self._placement)
        if not np.isfinite(levels).all():
            raise EngineError(f"{NAME} gave no picture.", detail="its output holds values that are no numbers")
        return levels


def weights_file(folder: Path) -> Path:
    """The one file of weights in a folder.

    Raises:
        WeightsError: there is none, or more than one.
    """
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [path for path in files if path.suffix.lower() == SUFFIX]
    if len(found) == 1:
        return found[0]
    if found:
        raise WeightsError(NAME, f"its folder holds {len(found)} files of weights: leave one of them.")
    if others := [path.name for path in files if path.suffix.lower() in (".pth", ".pt", ".ckpt")]:
        raise WeightsError(
            NAME,
            f"{others[0]} is a pickle, which may hold a program: convert it to {SUFFIX} first.",
        )
    raise WeightsError(NAME, f"its file (*{SUFFIX}) is missing: import its pack again.", detail=str(folder))


def memory(folder: Path, placement: Placement = ON_CPU) -> int:
    """Bytes to declare for it before it is loaded."""
    tile = GPU_TILE**2 * BYTES_PER_PIXEL // 2 if placement.on_gpu else TILE**2 * BYTES_PER_PIXEL
    return sum(path.stat().st_size for path in folder.glob(f"*{SUFFIX}")) + tile


@contextmanager
def _torchvision() -> Iterator[None]:
    """While spandrel is imported: something by the name of torchvision, where that is not installed."""
    if "spandrel" in sys.modules or find_spec("torchvision") is not None:
        yield
        return
    modules = [ModuleType(name) for name in _TORCHVISION]
    for module in modules:
        module.__spec__ = ModuleSpec(module.__name__, None)
    for name in ("InterpolationMode", "normalize", "rotate"):
        setattr(modules[-1], name, None)
    sys.modules.update(zip(_TORCHVISION, modules, strict=True))
    try:
        yield
    finally:
        for name in _TORCHVISION:
            sys.modules.pop(name, None)
