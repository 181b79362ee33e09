"""The time of rows: whole milliseconds since 1970, UTC."""

import time
from datetime import UTC, datetime

SECOND = 1000
"""Milliseconds."""

DAY = 24 * 60 * 60 * SECOND


def now_ms() -> int:
    """The wall clock in milliseconds. It may jump: whatever must not go wrong by that is fenced, not timed."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """RFC 3339 in UTC, to the millisecond, as the wire protocol writes times."""
    return datetime.fromtimestamp(ms / SECOND, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
