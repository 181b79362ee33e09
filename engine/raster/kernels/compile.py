"""How our kernels are compiled.

* ``nogil``: frames are made by threads, beside the encoder's.
* ``fastmath``: sums may be re-associated, which is what lets LLVM use vector registers.
* ``cache``: compiled code is kept beside the source (or in numba's own cache folder), so that only the first start
  after an installation pays for the compiler.

Index arithmetic is unsigned throughout: with signed indices numba must allow for Python's negative ones, and the
check for them keeps LLVM from vectorising (measured: 8.3 ms instead of 1.1 ms for a six-tap pass).
"""

from typing import Any

import numba

jit: Any = numba.njit(nogil=True, fastmath=True, cache=True, boundscheck=False, error_model="numpy")
