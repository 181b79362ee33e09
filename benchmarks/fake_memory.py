"""Fake tensors for counting what a GPU would hold (:mod:`models.recipes.peak_memory`), where there is no GPU.

The classes and the sizes are the real ones; only the numbers in the tensors do not exist. The tensors say that they are
a processor's, because a torch without CUDA makes no others; those that stand for memory beside the GPU are ``meta``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from models.recipes.clip_store import ClipStore

GPU = "cpu"
"""What the tensors say that stand for a GPU's."""


@contextmanager
def fake_tensors(dtype: torch.dtype) -> Iterator[None]:
    """Within it tensors are fake, and modules are made in a number format.

    Attention takes what its fused kernels take on a GPU: the result and nothing else. What the exact decoding keeps in
    memory of the processor is not on the GPU.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with (
            FakeTensorMode(),
            patch("torch.nn.functional.scaled_dot_product_attention", _attention),
            patch.object(ClipStore, "_kept", lambda _, piece: torch.empty_like(piece, device="meta")),
        ):
            yield
    finally:
        torch.set_default_dtype(before)


def _attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    return query.new_empty((*query.shape[:-1], value.shape[-1]))
