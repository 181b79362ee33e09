"""Transpose float32 tiles eight by eight in vector registers.

LLVM does not find this by itself: a plain double loop moves one number at a time, which was a third of all
instructions of a frame. Eight loads, twenty-four shuffles and eight stores move sixty-four.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64

SIDE = 8
"""Rows and columns that one step moves."""

# Each stage joins pairs of vectors, as unpack, shuffle and permute do on x86; indices from 8 on mean the second vector.
_LOW, _HIGH = (0, 8, 1, 9, 4, 12, 5, 13), (2, 10, 3, 11, 6, 14, 7, 15)
_LOW_PAIRS, _HIGH_PAIRS = (0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15)
_LOW_HALVES, _HIGH_HALVES = (0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15)


def _emit_transpose_8x8(
    typing_context: Any,
    source: Any,
    source_start: Any,
    source_stride: Any,
    target: Any,
    target_start: Any,
    target_stride: Any,
) -> Any:
    """target[start + j * stride + i] = source[start + i * stride + j] for i, j < 8; flat float32 arrays, uint64."""
    signature = types.void(source, types.uint64, types.uint64, target, types.uint64, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        read, read_start, read_stride, write, write_start, write_stride = arguments
        vector = ir.VectorType(ir.FloatType(), SIDE)

        def place(array: Any, kind: Any, start: Any, stride: Any, row: int) -> Any:
            data = context.make_array(kind)(context, builder, value=array).data
            offset = builder.add(start, builder.mul(stride, ir.Constant(ir.IntType(64), row)))
            return builder.bitcast(builder.gep(data, [offset]), vector.as_pointer())

        def join(first: Any, second: Any, indices: tuple[int, ...]) -> Any:
            mask = ir.Constant(ir.VectorType(ir.IntType(32), SIDE), list(indices))
            return builder.shuffle_vector(first, second, mask)

        rows = [builder.load(place(read, signature.args[0], read_start, read_stride, i), align=4) for i in range(SIDE)]
        woven = [join(rows[i], rows[i + 1], part) for i in (0, 2, 4, 6) for part in (_LOW, _HIGH)]
        quads = [
            join(woven[i + j], woven[i + j + 2], part)
            for i in (0, 4)
            for j in (0, 1)
            for part in (_LOW_PAIRS, _HIGH_PAIRS)
        ]
        columns = [join(quads[j], quads[j + 4], part) for part in (_LOW_HALVES, _HIGH_HALVES) for j in range(4)]
        for j, column in enumerate(columns):
            builder.store(column, place(write, signature.args[3], write_start, write_stride, j), align=4)
        return context.get_dummy_value()

    return signature, generate


_transpose_8x8: Any = intrinsic(_emit_transpose_8x8)


@jit
def transpose(source: NDArray[np.float32], target: NDArray[np.float32]) -> None:
    """target[j, i] = source[i, j].

    Args:
        source: (m, n) float32, contiguous; m and n multiples of SIDE.
        target: (n, m) float32, contiguous.
    """
    m, n = source.shape
    read, write = source.reshape(m * n), target.reshape(m * n)
    for j in range(0, n, SIDE):
        for i in range(0, m, SIDE):
            _transpose_8x8(read, U64(i * n + j), U64(n), write, U64(j * m + i), U64(m))
