"""Threads of their own for what may take long, so that it never takes those of all other requests."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

T = TypeVar("T")

TURNS_AT_ONCE = 12
"""Turns that are planned at a time: a language model on the studio's network may take its time over each."""

_TURNS: RunVar[CapacityLimiter] = RunVar("multiplane_turns")


async def in_turn(work: Callable[[], T]) -> T:
    """Run something in one of the threads for turns."""
    limiter = _TURNS.get(None)
    if limiter is None:
        limiter = CapacityLimiter(TURNS_AT_ONCE)
        _TURNS.set(limiter)
    return await to_thread.run_sync(work, limiter=limiter)
