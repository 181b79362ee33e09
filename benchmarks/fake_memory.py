"""Memory that a computation takes on a GPU, counted without one and without any memory: on torch's fake tensors.

The classes and the sizes are the real ones; only the numbers in the tensors do not exist. What is counted is every
storage that lives at a time. What a GPU takes besides (cuDNN's and cuBLAS' workspace, blocks that the allocator rounds
up and cannot use) is not seen. The tensors say that they are a processor's: a torch without CUDA makes no others.
"""

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Living(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch gives it no types
    """Counts the bytes of the storages that come to be while it is on, as long as they live."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.most = 0
        self._known: set[int] = set()
        self.elsewhere = False

    def __torch_dispatch__(
        self,
        function: Any,  # noqa: ANN401  an operation of torch's, whatever it takes and gives
        types: Any,  # noqa: ANN401
        arguments: Any = (),  # noqa: ANN401
        options: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        made = function(*arguments, **(options or {}))
        given = {_address(each) for each in tree_leaves((arguments, options)) if isinstance(each, torch.Tensor)}
        for tensor in tree_leaves(made):
            if isinstance(tensor, torch.Tensor):
                address = _address(tensor)
                if address not in self._known and address not in given and not self.elsewhere:
                    self._add(tensor.untyped_storage(), address)
        return made

    def _add(self, storage: torch.UntypedStorage, address: int) -> None:
        size = storage.nbytes()
        self._known.add(address)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._gone, address, size)

    def _gone(self, address: int, size: int) -> None:
        self._known.discard(address)
        self.now -= size


def _address(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def peak_bytes(work: Callable[[], object], elsewhere: Sequence[tuple[type, str]] = ()) -> int:
    """The most bytes that live at a time of what ``work`` makes; what was there before does not count.

    Call it, and make all that ``work`` uses, within :func:`fake_tensors`.

    Args:
        work: what is measured.
        elsewhere: methods, by class and name, whose results lie in memory of the processor and do not count.
    """
    living = _Living()

    def uncounted(method: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            living.elsewhere = True
            try:
                return method(*arguments, **options)
            finally:
                living.elsewhere = False

        return call

    with ExitStack() as stack:
        for owner, name in elsewhere:
            stack.enter_context(patch.object(owner, name, uncounted(getattr(owner, name))))
        with torch.no_grad(), living:
            work()
    return living.most


@contextmanager
def fake_tensors(dtype: torch.dtype) -> Iterator[None]:
    """Within it tensors are fake, and modules are made in a number format.

    Attention takes what its fused kernels take on a GPU: the result and nothing else.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with FakeTensorMode(), patch("torch.nn.functional.scaled_dot_product_attention", _attention):
            yield
    finally:
        torch.set_default_dtype(before)


def _attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    return query.new_empty((*query.shape[:-1], value.shape[-1]))
