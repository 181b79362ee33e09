"""Reads that no write of the same loop can disturb, so that LLVM may turn scattered reads into vector gathers.

LLVM vectorises a loop only when it can prove that its stores do not change what it loads. For loads from computed
addresses it cannot, and a bilinear lookup runs one pixel at a time: 13 ms a plane of 1080p. We know that a frame and
the picture that it is sampled from never overlap, and say so with alias scopes (LLVM Language Reference, "noalias and
alias.scope metadata"): 2.6 ms.

Addresses are integers, as ``array.ctypes.data`` gives them: whoever calls keeps the arrays alive, and inside their
bounds.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_DOMAIN, _SCOPE = "multiplane.frames", "multiplane.pictures"
_BYTE = ir.IntType(8)


def _scope(module: Any) -> Any:
    """The one scope of a module that all pictures are in."""
    found = getattr(module, "multiplane_scope", None)
    if found is None:
        domain = module.add_metadata([ir.MetaDataString(module, _DOMAIN)])
        scope = module.add_metadata([ir.MetaDataString(module, _SCOPE), domain])
        found = module.multiplane_scope = module.add_metadata([scope])
    return found


def _place(builder: Any, base: Any, offset: Any) -> Any:
    return builder.gep(builder.inttoptr(base, _BYTE.as_pointer()), [offset])


def _emit_load(kind: Any, bits: int) -> Any:
    def emit(typing_context: Any, base: Any, offset: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            place = builder.bitcast(_place(builder, *arguments), ir.IntType(bits).as_pointer())
            loaded = builder.load(place)
            loaded.align = 1
            loaded.set_metadata("alias.scope", _scope(builder.module))
            return loaded

        return kind(types.int64, types.int64), generate

    return emit


def _emit_store(typing_context: Any, base: Any, offset: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        stored = builder.store(arguments[2], _place(builder, arguments[0], arguments[1]))
        stored.set_metadata("noalias", _scope(builder.module))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.uint8), generate


load_four: Any = intrinsic(_emit_load(types.uint32, 32))
"""(address, offset) -> the four bytes from there as one uint32, the first in the lowest bits; of a picture."""

load_byte: Any = intrinsic(_emit_load(types.uint8, 8))
"""(address, offset) -> one byte of a picture."""

store_byte: Any = intrinsic(_emit_store)
"""(address, offset, value): write one byte of a frame."""
