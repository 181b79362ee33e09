"""One contender, one process, the operating system's accounting."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
"""Processes run in the checkout's root, where ``-m benchmarks...`` is found."""


class ContenderFailed(Exception):
    """A process ended with an error; the message holds the last thing it said."""


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """What a process and all its descendants cost.

    Attributes:
        wall: seconds from just before the start to just after the end, start-up of the interpreter included.
        user, system: CPU seconds of the process and every descendant it waited for.
        peak_mb: largest resident memory in MB (10^6 bytes) of any *single* process among them. Linux hands a parent's
            own peak on to its children, so that no value is below that of the benchmark itself, which stays small.
        events: the JSON objects that the process printed, one a line, with the seconds at which each arrived.
    """

    wall: float
    user: float
    system: float
    peak_mb: float
    events: list[tuple[float, dict[str, Any]]]

    @property
    def cpu(self) -> float:
        """User and system seconds."""
        return self.user + self.system


def measure(command: Sequence[str]) -> ProcessFigures:
    """Run a command in the checkout's root and account for it. Paths in it are absolute.

    Raises:
        ContenderFailed: it could not be started, or ended with another code than 0.
    """
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        try:
            child = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        except OSError as error:
            raise ContenderFailed(f"{command[0]}: {error.strerror}") from error
        assert child.stdout is not None
        with child.stdout:
            lines = ((time.perf_counter() - began, line) for line in child.stdout)
            events = [(at, json.loads(line)) for at, line in lines if line.startswith("{")]
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            said = errors.read().strip().splitlines()
            raise ContenderFailed(f"exit code {child.returncode}: {said[-1] if said else 'it said nothing'}")
    return ProcessFigures(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, events)
