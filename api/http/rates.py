"""Limits of rate: so many requests a minute for each token, in bursts of a quarter of that.

The web process is one, so its memory is enough; a restart forgets, which harms nobody. Polling has no limit below 1/s.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass

from engine.core.errors import TooManyRequests
from engine.core.settings import Setting

PER_MINUTE = {
    "read": Setting("MULTIPLANE_RATE_READ", 6000, "per minute", 60, 1_000_000, "state, credits and polls of one token"),
    "write": Setting("MULTIPLANE_RATE_WRITE", 300, "per minute", 1, 1_000_000, "messages and projects of one token"),
    "upload": Setting("MULTIPLANE_RATE_UPLOAD", 120, "per minute", 1, 1_000_000, "uploads of one token"),
    "render": Setting("MULTIPLANE_RATE_RENDER", 120, "per minute", 1, 1_000_000, "exports of one token"),
    "auth": Setting("MULTIPLANE_RATE_AUTH", 300, "per minute", 1, 1_000_000, "requests for tokens of one address"),
    "login": Setting(
        "MULTIPLANE_RATE_LOGIN",
        20,
        "per minute",
        1,
        1_000_000,
        "sign-ins and registrations on the pages, of one address and with one e-mail address",
    ),
}

BURST = 0.25
"""Of a minute's requests that may come at once."""

MOST_KEYS = 20_000
"""Tokens that are remembered; whoever was not seen for longest is forgotten."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rates:
    """Token buckets (Turner, IEEE Communications 24(10), 1986) by kind of request and by whoever sends it."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, kind: str, key: str, now: float | None = None) -> None:
        """Count a request.

        Raises:
            TooManyRequests: there were too many.
        """
        per_minute = PER_MINUTE[kind].value()
        room = max(1.0, per_minute * BURST)
        now = time.monotonic() if now is None else now
        bucket = self._buckets.pop((kind, key), None) or _Bucket(room, now)
        bucket.left = min(room, bucket.left + (now - bucket.at) * per_minute / 60)
        bucket.at = now
        self._buckets[kind, key] = bucket
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        if bucket.left < 1:
            wait = max(1, round((1 - bucket.left) * 60 / per_minute))
            raise TooManyRequests("Too many requests. Try again a little later.", retry_after=wait)
        bucket.left -= 1
