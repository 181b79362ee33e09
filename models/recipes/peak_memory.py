"""The most bytes that tensors take at a time while something runs, counted tensor by tensor.

Under torch's ``FakeTensorMode`` nothing is allocated or computed, and a model of any size can be measured anywhere.
What an operation takes inside itself (a convolution's workspace) is not seen, nor what an allocator rounds up.
"""

import weakref
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def peak_bytes(run: Callable[[], object], device: str | None = None) -> int:
    """The most bytes of tensors that are made within a call and are alive at a time; its result counts.

    Args:
        run: what to measure. Tensors that were there before, such as weights, do not count.
        device: ``cpu`` or ``cuda``, whose tensors count; None: all do.
    """
    ledger = _Ledger()
    with ledger:
        result = run()
        del result
    return ledger.peak[device]


class _Ledger(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts each storage from the operation that makes it until nothing holds it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak: dict[str | None, int] = defaultdict(int)
        self._live: dict[str | None, int] = defaultdict(int)
        self._known: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: tuple[type, ...],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> object:
        # A result that lies in the storage of what was given (a view, an operation in place) is nothing new.
        given = {
            leaf.untyped_storage()._cdata for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)
        }
        result = func(*args, **(kwargs or {}))
        for made in tree_leaves(result):
            if isinstance(made, torch.Tensor) and made.untyped_storage()._cdata not in given | self._known:
                self._count(made.untyped_storage(), made.device.type)
        return result

    def _count(self, storage: torch.UntypedStorage, device: str) -> None:
        key, size = storage._cdata, storage.nbytes()
        self._known.add(key)
        for counted in (device, None):
            self._live[counted] += size
            self.peak[counted] = max(self.peak[counted], self._live[counted])
        weakref.finalize(storage, self._freed, key, size, device)

    def _freed(self, key: int, size: int, device: str) -> None:
        self._known.discard(key)
        for counted in (device, None):
            self._live[counted] -= size
