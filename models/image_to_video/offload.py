"""Weights that lie in host memory and visit the device only while they are at work.

The host keeps its copy (page-locked for a GPU, so that the way there is a plain copy by the device itself), and what
visited is dropped, not copied back: weights never change here. accelerate's hooks, which diffusers uses, copy back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class Visitor:
    """A module's weights and buffers, at home in host memory.

    Args:
        module: whose.
        device: that they visit.
        recurse: with those of the modules below it.
    """

    def __init__(self, module: "torch.nn.Module", device: str, *, recurse: bool = True) -> None:
        self._module = module
        self._device = device
        self._home: list[tuple[torch.Tensor, torch.Tensor]] = []
        for tensor in (*module.parameters(recurse), *module.buffers(recurse)):
            home = tensor.data.to("cpu")
            tensor.data = home.pin_memory() if device.startswith("cuda") else home
            self._home.append((tensor, tensor.data))

    def go(self) -> None:
        """Visit the device."""
        for tensor, home in self._home:
            tensor.data = on_device(home, self._device)

    def leave(self) -> None:
        """Leave nothing there."""
        for tensor, home in self._home:
            tensor.data = home

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Be there for a while."""
        try:
            self.go()
            yield
        finally:
            self.leave()


class LayerVisits:
    """Each layer of a module visits the device for its own call only; all of it is at home otherwise.

    A layer is a module with weights of its own. Modules must be called, not their ``forward``.
    """

    def __init__(self, module: "torch.nn.Module", device: str) -> None:
        self._removers: list[Callable[[], None]] = []
        for layer in module.modules():
            if any(True for _ in (*layer.parameters(recurse=False), *layer.buffers(recurse=False))):
                visitor = Visitor(layer, device, recurse=False)
                self._removers += [
                    layer.register_forward_pre_hook(_before(visitor)).remove,
                    # always_call: after an exception, such as that memory is lacking, nothing stays there either.
                    layer.register_forward_hook(_after(visitor), always_call=True).remove,
                ]

    def remove(self) -> None:
        """Take the hooks off; the weights stay in host memory."""
        while self._removers:
            with suppress(KeyError):
                self._removers.pop()()


def on_device(home: "torch.Tensor", device: str) -> "torch.Tensor":
    """A copy on the device; the device's own order of work makes it ready before it is used."""
    return home.to(device, non_blocking=True)


def _before(visitor: Visitor) -> Callable[[Any, Any], None]:
    def go(module: Any, arguments: Any) -> None:  # noqa: ANN401  torch's signature of a hook
        visitor.go()

    return go


def _after(visitor: Visitor) -> Callable[[Any, Any, Any], None]:
    def leave(module: Any, arguments: Any, result: Any) -> None:  # noqa: ANN401  torch's signature of a hook
        visitor.leave()

    return leave
