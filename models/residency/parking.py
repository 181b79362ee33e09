"""Models that leave a GPU without being forgotten: their weights wait in pinned memory of the processor.

A copy from pinned memory runs at the speed of the bus; a load reads files, parses them and converts numbers.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import torch


@runtime_checkable
class Parkable(Protocol):
    """A loaded model that can leave its device and come back. Nobody uses it meanwhile."""

    def to_host(self, pinned: bool) -> None:
        """Move everything that it holds on its device into memory of the processor.

        Args:
            pinned: into memory that the system may not move, which the device reads by itself.

        Raises:
            Exception: it could not; the model is then dropped.
        """
        ...

    def to_device(self) -> None:
        """Move it back to where it was opened.

        Raises:
            DeviceMemoryError: there is not enough memory; the model is then dropped.
        """
        ...


def park(modules: Iterable["torch.nn.Module"], pinned: bool) -> None:
    """Move parameters and buffers of modules into memory of the processor; what is there already stays where it is."""
    import torch

    def to_host(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.device.type == "cpu" and (tensor.is_pinned() or not pinned):
            return tensor
        return torch.empty_like(tensor, device="cpu", pin_memory=pinned).copy_(tensor)

    _move(modules, to_host)


def unpark(modules: Iterable["torch.nn.Module"], device: str) -> None:
    """Move parameters and buffers of modules to a device."""
    import torch

    def to_device(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(device, non_blocking=True)

    _move(modules, to_device)
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)  # the pinned copies are let go: nothing may read them any more


def _move(modules: Iterable["torch.nn.Module"], copy: Callable[["torch.Tensor"], "torch.Tensor"]) -> None:
    import torch

    with torch.no_grad():
        for module in modules:
            module._apply(copy)  # type: ignore[no-untyped-call]  # as Module.to does: in place, so that what shares a parameter shares it still
