"""How long to wait before what ended is started again: not at all after a good life, longer and longer otherwise."""

import time
from dataclasses import dataclass

FIRST_S = 0.1

LONGEST_S = 15.0

GOOD_LIFE_S = 10.0
"""Seconds that a process must have lived for its end to count as the first."""


@dataclass(slots=True)
class Backoff:
    """For one process that is to be kept going."""

    deaths: int = 0
    began: float = 0.0
    not_before: float = 0.0

    def started(self) -> None:
        """It was started."""
        self.began = time.monotonic()

    def died(self) -> None:
        """It ended by itself."""
        now = time.monotonic()
        self.deaths = 1 if now - self.began > GOOD_LIFE_S else self.deaths + 1
        self.not_before = now + min(LONGEST_S, FIRST_S * 2 ** (self.deaths - 1)) if self.deaths > 1 else now

    def may_start(self) -> bool:
        """Whether it has waited long enough."""
        return time.monotonic() >= self.not_before
