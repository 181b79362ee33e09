"""Slow work on passwords: off the event loop, few at once, in no writing transaction."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

AT_ONCE = 2
"""Passwords that are hashed at a time: each takes a core for a moment, and 64 MB."""

Result = TypeVar("Result")

_LIMITER: RunVar[CapacityLimiter] = RunVar("multiplane_passwords")


async def slowly(work: Callable[[], Result]) -> Result:
    """Do what hashes a password; who comes while others are at it waits, and holds no thread."""
    limiter = _LIMITER.get(None)
    if limiter is None:
        limiter = CapacityLimiter(AT_ONCE)
        _LIMITER.set(limiter)
    return await to_thread.run_sync(work, limiter=limiter)
