"""A service for benchmarks: ``multiplane serve`` on a data folder of its own, and what its processes take."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PATIENCE_S = 90.0


class ServiceProcess:
    """A running service; a context manager around it.

    Args:
        data: its data folder.
        settings: environment variables.
    """

    def __init__(self, data: Path, **settings: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MULTIPLANE_")}
        with data.with_suffix(".log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", "--data-dir", str(data), "--port", "0", "--json"],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=kept | settings,
            )  # fmt: skip
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.url: str = said["url"]
        self.port = int(self.url.rpartition(":")[2])
        until = time.monotonic() + PATIENCE_S
        while not self._is_ready():
            if time.monotonic() > until:
                raise RuntimeError("the service did not get ready")
            time.sleep(0.1)

    def __enter__(self) -> "ServiceProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)

    def memory_mb(self, module: str = "api.web") -> float:
        """MB in memory of a process of the service, by the module that it runs."""
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                if parent == self.process.pid and module in words:
                    pages = int((entry / "statm").read_text().split()[1])
                    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        raise RuntimeError(f"there is no process {module}")

    def _is_ready(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
        return False
