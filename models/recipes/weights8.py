"""Keep the transformers' weights in 8 bits (torchao, weight-only): half the memory of float16, and another picture.

Each row of a matrix gets a scale of its own; activations stay as they are. It helps where memory is short: the products
are computed in the activations' format. torchao is an extra of its own, which no preset needs.
"""

from dataclasses import dataclass
from importlib import util
from typing import TYPE_CHECKING, Literal

from engine.core.errors import DeviceUnavailable, WeightsError
from models.recipes.applied import DiffusersModule

if TYPE_CHECKING:
    import torch

FP8_CAPABILITY = (8, 9)
"""The first CUDA compute capability with 8-bit floats (Ada)."""

WHERE = "transformer_blocks"
"""In the names of the layers that are changed: what the time embeddings and the first layers say is left exact."""


@dataclass(frozen=True, slots=True)
class Weights8Config:
    """How weights are kept.

    Attributes:
        kind: ``int8``, anywhere; ``fp8``, on GPUs that have it.
    """

    kind: Literal["int8", "fp8"] = "int8"


class Weights8:
    """Weights in 8 bits: an :class:`models.recipes.applied.Applied`; the exact ones lie in host memory meanwhile."""

    def __init__(self, module: DiffusersModule, config: Weights8Config) -> None:
        import torch
        from torchao.quantization import Float8WeightOnlyConfig, Int8WeightOnlyConfig, quantize_

        self._layers = {
            name: part for name, part in module.named_modules() if WHERE in name and isinstance(part, torch.nn.Linear)
        }
        self._exact = {name: part.weight.detach().to("cpu", copy=True) for name, part in self._layers.items()}
        self._device = next(module.parameters()).device
        how = Int8WeightOnlyConfig() if config.kind == "int8" else Float8WeightOnlyConfig()
        quantize_(module, how, filter_fn=lambda _part, name: name in self._layers)
        before = sum(weight.numel() * weight.element_size() for weight in self._exact.values())
        self.saved_bytes = before - sum(_bytes(part.weight) for part in self._layers.values())

    def remove(self) -> None:
        """See :meth:`models.recipes.applied.Applied.remove`."""
        import torch

        while self._exact:
            name, weight = self._exact.popitem()
            self._layers[name].weight = torch.nn.Parameter(weight.to(self._device), requires_grad=False)


def apply_weights8(module: DiffusersModule, config: Weights8Config = Weights8Config()) -> Weights8:
    """Bring the linear layers of a UNet's transformers to 8 bits. Apply it before folding or compiling.

    Args:
        module: of diffusers.
        config: see :class:`Weights8Config`.

    Returns:
        What was applied; its ``saved_bytes`` are no longer taken on the device.

    Raises:
        DeviceUnavailable: the device has no such numbers, in a sentence.
        WeightsError: torchao is not installed.
    """
    if why := why_not_weights8(config, next(module.parameters()).device):
        raise DeviceUnavailable(why)
    if util.find_spec("torchao") is None:
        raise WeightsError("8-bit weights", "torchao, which makes them, is not installed (extra 'torchao').")
    return Weights8(module, config)


def why_not_weights8(config: Weights8Config, device: "torch.device") -> str | None:
    """Why a device cannot compute with such weights, in a sentence; None where it can."""
    import torch

    if config.kind == "int8":
        return None
    if device.type != "cuda":
        return f"Weights in fp8 cannot be used on {device.type}: they need a CUDA GPU; int8 works everywhere."
    if torch.cuda.get_device_capability(device) < FP8_CAPABILITY:
        return "Weights in fp8 cannot be used on this GPU: they need compute capability 8.9; int8 works everywhere."
    return None


def _bytes(weight: "torch.Tensor") -> int:
    """Of a quantized tensor: its numbers and its scales."""
    parts, _ = weight.__tensor_flatten__()  # type: ignore[attr-defined]  # of tensors with parts, as torchao's are
    return sum(part.numel() * part.element_size() for part in (getattr(weight, name) for name in parts))
