"""How the sound kernels are compiled: without the GIL, cached beside the source, sums free to be re-associated."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def jit(function: _F) -> _F:
    """Compile a function at its first call; the type of it stays what the annotations say."""
    compiled = numba.njit(nogil=True, fastmath=True, cache=True, boundscheck=False, error_model="numpy")
    return cast(_F, compiled(function))
