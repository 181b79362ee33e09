"""Notices that the clock was set, so that leases are not taken for old that are not."""

import time

JUMP_S = 2.0
"""Seconds by which the clock must have moved against the one that nobody can set."""


class ClockWatch:
    """Compares the two clocks of this machine at every look."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._steady_from = 0.0

    def look(self, hold_s: float) -> None:
        """Look; after a jump the clock is not trusted for ``hold_s`` seconds: time to renew all leases."""
        offset = time.time() - time.monotonic()
        if abs(offset - self._offset) > JUMP_S:
            self._steady_from = time.monotonic() + hold_s
            self._offset = offset

    def is_steady(self) -> bool:
        """Whether the clock can be trusted."""
        return time.monotonic() >= self._steady_from
