"""How long a fetch may still take, and whether anybody still wants it."""

import time
from collections.abc import Callable

from engine.core.errors import Cancelled, FileNotSupported

SLICE_S = 0.25
"""Seconds of one wait: so late is it noticed at most that the user has stopped the work."""


class Clock:
    """The time limit of one fetch, over all its redirects.

    Args:
        seconds: how long it may take from now on.
        is_cancelled: asked between two waits, in the thread that fetches.
    """

    def __init__(self, seconds: float, is_cancelled: Callable[[], bool]) -> None:
        self.seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._is_cancelled = is_cancelled

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            Cancelled: the user stopped it.
            FileNotSupported: there are none.
        """
        if self._is_cancelled():
            raise Cancelled("Fetching the file was stopped.")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise FileNotSupported(
                f"The file did not arrive within {self.seconds:g} seconds: try again, or send the file itself."
            )
        return left

    def slice(self) -> float:
        """Seconds of the next wait; raises as :meth:`left` does."""
        return min(self.left(), SLICE_S)
