"""Threads of their own for what may take long, so that it never takes those of all other requests."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Result = TypeVar("Result")


class Lane:
    """Some threads for one sort of work; who comes while all are taken waits, and holds none.

    Args:
        name: of the work.
        at_once: how many there are.
    """

    def __init__(self, name: str, at_once: int) -> None:
        self._at_once = at_once
        # A limiter belongs to one event loop.
        self._limiter: RunVar[CapacityLimiter] = RunVar(f"multiplane_{name}")

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do the work in one of the threads."""
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = CapacityLimiter(self._at_once)
            self._limiter.set(limiter)
        return await to_thread.run_sync(work, limiter=limiter)


TURNS = Lane("turns", 12)
"""Planning: a language model on the studio's network may take its time over each turn."""

PASSWORDS = Lane("passwords", 2)
"""Hashing: each takes a core for a moment, and 64 MB."""
