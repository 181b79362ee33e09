"""Where workers run. An executor starts a worker for a slot; what crosses to it is an order, which is plain data.

:class:`LocalProcesses` starts processes of this machine. Another executor, on a cluster, needs the same two classes.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from api.ops.parent import ask_to_die_with_parent
from api.work.slots import Slot


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is told when it begins.

    Attributes:
        slot: its place.
        name: as its jobs note it; no two workers ever have the same.
        data: the data folder.
    """

    slot: Slot
    name: str
    data: Path


class Running(Protocol):
    """A worker that was started."""

    def ended(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        ...

    def silent_s(self) -> float:
        """Seconds since its last sign of life."""
        ...

    def memory_mb(self) -> float:
        """MB that it has in memory now; 0 where that is not known."""
        ...

    def stop(self) -> None:
        """Ask it to end: it hands back what it is at."""
        ...

    def kill(self) -> None:
        """End it at once, with all that it started."""
        ...


class Executor(Protocol):
    """Starts workers."""

    def start(self, order: Order) -> Running:
        """Start a worker."""
        ...


OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""What keeps transformers and diffusers from the network, in every process of the service: they would look for a newer
model, or tell that one is used."""


class LocalProcesses:
    """Workers as processes of this machine."""

    def start(self, order: Order) -> "LocalProcess":
        """See :class:`Executor`."""
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        slot = order.slot
        command = [
            *(sys.executable, "-m", "api.work.worker"),
            *("--data-dir", str(order.data), "--slot", slot.name, "--lanes", ",".join(slot.lanes)),
            *("--name", order.name, "--device", "cpu" if slot.gpu is None else "auto"),
            *("--parent", str(os.getpid()), "--pulse", str(writer)),
        ]
        try:
            devices = "" if slot.gpu is None else str(slot.gpu)
            process = start_program(command, (writer,), {"CUDA_VISIBLE_DEVICES": devices})
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        return LocalProcess(process, reader)


class LocalProcess:
    """See :class:`Running`."""

    def __init__(self, process: subprocess.Popen[bytes], pulse: int) -> None:
        self._process = process
        self._pulse = pulse
        self._heard = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ended(self) -> int | None:
        """See :class:`Running`."""
        code = self._process.poll()
        if code is not None and self._pulse >= 0:
            os.close(self._pulse)
            self._pulse = -1
        return code

    def silent_s(self) -> float:
        """See :class:`Running`."""
        try:
            if self._pulse >= 0 and os.read(self._pulse, 4096):
                self._heard = time.monotonic()
        except BlockingIOError:
            pass
        return time.monotonic() - self._heard

    def memory_mb(self) -> float:
        """See :class:`Running`."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return 0.0
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self) -> None:
        """See :class:`Running`."""
        self._process.terminate()

    def kill(self) -> None:
        """See :class:`Running`."""
        # It is the head of a group of its own; what it started ends with it by PR_SET_PDEATHSIG or is in the group.
        try:
            os.killpg(self._process.pid, 9)
        except ProcessLookupError:
            return


def start_program(
    command: list[str], descriptors: tuple[int, ...] = (), more: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process of ours, at the head of a group of its own, which ends with this one.

    Args:
        command: of the process.
        descriptors: those that it inherits.
        more: variables of its environment. It finds our packages where we found them, whatever its folder.
    """
    found = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment = os.environ | OFFLINE | found | (more or {})
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        pass_fds=descriptors,
        env=environment,
        start_new_session=True,
        preexec_fn=ask_to_die_with_parent,
    )
