"""The machine and the versions that a result belongs to."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import moviepy_environment
from engine.version import VERSION

PACKAGES = ("av", "numpy", "numba", "opencv-python-headless", "pillow")
"""What takes part in our own environment."""

_ROOT = Path(__file__).resolve().parent.parent


def machine() -> dict[str, Any]:
    """Processor, cores, memory, kernel, and how busy the machine is with other things."""
    return {
        "cpu": _cpu_model(),
        "usable_cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_average": load_average(),
    }


def load_average() -> list[float]:
    """Over 1, 5 and 15 minutes; above a few tenths before a run, something else is using the cores."""
    return [round(value, 2) for value in os.getloadavg()]


def versions(contenders: list[str]) -> dict[str, Any]:
    """What each contender is made of; only of those that run."""
    found: dict[str, Any] = {
        "multiplane": VERSION,
        "commit": _commit(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }
    if any(name.startswith("zoompan") for name in contenders):
        found["ffmpeg"] = _first_line("ffmpeg", "-version")
    if any(name.startswith("moviepy") for name in contenders):
        found["moviepy_environment"] = moviepy_environment.versions()
    return found


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    """The commit of this checkout, with ``-dirty`` where tracked files differ; empty outside a checkout."""
    if shutil.which("git") is None:
        return ""
    return _first_line("git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")


def _first_line(*command: str) -> str:
    answer = subprocess.run(command, capture_output=True, text=True)
    return answer.stdout.partition("\n")[0].strip()
