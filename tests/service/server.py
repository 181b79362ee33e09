"""A real service for tests: the process tree of ``multiplane serve`` on a data folder of its own."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import ROOT

START_S = 60.0
"""Patience for a start, on a machine that is busy with other tests."""

SETTINGS = {
    "MULTIPLANE_LOG_FORMAT": "json",
    "MULTIPLANE_FETCH_WORKERS": "0",
    "MULTIPLANE_WORKER_NICE": "0",
    "MULTIPLANE_DRAIN_S": "5",
    "MULTIPLANE_ANON_PER_ADDRESS": "0",
}
"""What tests want other than a studio."""


class Server:
    """One service.

    Args:
        data: its data folder.
        settings: environment variables.
    """

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.settings = SETTINGS | settings
        self.port = 0
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self.log = data.with_suffix(".log")

    def start(self, *, ready: bool = True) -> "Server":
        """Start it, on the same port as before, and wait until it is ready."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MULTIPLANE_")}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", "--data-dir", str(self.data), "--port", str(self.port),
                 "--json"],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
                env=environment | {"MULTIPLANE_CACHE": os.environ["MULTIPLANE_CACHE"]} | self.settings,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        said = json.loads(line or "{}")
        if "url" not in said:
            self._gone()
        assert "url" in said, f"it did not start: {said} {self.tail()}"
        self.url = said["url"]
        self.port = int(self.url.rpartition(":")[2])
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        """Wait until workers take jobs."""
        wait_for(self.is_ready, START_S, lambda: f"not ready: {self.tail()}")

    def is_ready(self) -> bool:
        """Whether workers take jobs."""
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """End it in order; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._gone()

    def kill(self) -> None:
        """End the supervisor as a loss of power would: all of its processes end with it."""
        assert self.process is not None
        children = list(self.processes())
        self.process.kill()
        self._gone()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() and _state(pid) != "Z" for pid in children), 10)

    def processes(self) -> dict[int, str]:
        """The processes below the supervisor: what each is (``web``, ``worker cpu-0``, ...) by process id."""
        assert self.process is not None
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            except OSError:
                continue
            if parent == self.process.pid and "-m" in words:
                module = words[words.index("-m") + 1]
                slot = f" {words[words.index('--slot') + 1]}" if "--slot" in words else ""
                name = {"api.work.worker": "worker", "api.http": "web", "api.web": "web"}.get(module, module)
                found[int(entry.name)] = f"{name}{slot}"
        return found

    def pid_of(self, what: str) -> int:
        """The process that is something; see :meth:`processes`."""
        return next(pid for pid, name in self.processes().items() if name == what)

    def job_states(self, *kinds: str) -> list[str]:
        """The states of the jobs of some kinds, in the order of their coming."""
        address = f"file:{self.data / 'multiplane.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            marks = ",".join("?" * len(kinds))
            rows = connection.execute(f"SELECT state FROM jobs WHERE kind IN ({marks}) ORDER BY created_at", kinds)
            return [state for (state,) in rows]

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def records(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def _gone(self) -> int:
        assert self.process is not None
        code = self.process.wait(timeout=60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    def close(self) -> None:
        """End it, however it is."""
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def wait_for(is_so: Callable[[], object], seconds: float, why: Callable[[], str] = lambda: "") -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"waited {seconds} s in vain. {why()}"
        time.sleep(0.05)
