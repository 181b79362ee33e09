"""Painted texts that are kept, up to a number of bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from engine.core.frames import Patch
from engine.core.settings import Setting

TEXT_CACHE = Setting("MULTIPLANE_TEXT_CACHE_MB", 96, "MB", 8, 4096, "memory for painted texts that are kept")


class PatchCache:
    """The patches that were used last; safe to use from many threads.

    Args:
        limit: bytes; a patch larger than that is not kept.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._patches: OrderedDict[Hashable, Patch | None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> tuple[bool, Patch | None]:
        """Whether a patch is kept under this key, and the patch; None is a patch too: nothing to paint."""
        with self._lock:
            if key not in self._patches:
                return False, None
            self._patches.move_to_end(key)
            return True, self._patches[key]

    def put(self, key: Hashable, patch: Patch | None) -> None:
        """Keep a patch; the ones that were not used for longest make room."""
        size = _bytes(patch)
        with self._lock:
            # One that is too large would only drive out all others before it went itself.
            if key in self._patches or size > self.limit:
                return
            self._patches[key] = patch
            self.held += size
            while self.held > self.limit:
                _, dropped = self._patches.popitem(last=False)
                self.held -= _bytes(dropped)

    def drop(self, owner: int) -> None:
        """Forget all patches whose key begins with this number."""
        with self._lock:
            for key in [key for key in self._patches if isinstance(key, tuple) and key[0] == owner]:
                self.held -= _bytes(self._patches.pop(key))


def _bytes(patch: Patch | None) -> int:
    if patch is None:
        return 64
    frame = patch.frame
    alpha = 0 if patch.alpha is None else patch.alpha.nbytes
    return 512 + frame.y.nbytes + frame.u.nbytes + frame.v.nbytes + alpha
