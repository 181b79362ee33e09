"""How a contender that is a Python program of ours tells the benchmark where its time goes."""

import json
import resource
import time
from typing import Any


def say(event: str, **members: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Print one event; the benchmark notes when it arrives."""
    print(json.dumps({"event": event, **members}), flush=True)


class Section:
    """A part of this process's run: wall seconds, and CPU seconds of all its threads."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu()

    def figures(self) -> dict[str, float]:
        """What it has cost so far."""
        return {"wall": time.perf_counter() - self._wall, "cpu": _cpu() - self._cpu}


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
