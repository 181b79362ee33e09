"""The head of the process tree: starts the web process and the workers, and starts them again when they end.

::

    supervisor ─┬─ web process        its socket is ours: while it is replaced, connections wait
                ├─ worker gpu-0 ...   one a slot; each says on a pipe that it lives
                └─ housekeeping       now and then

It decodes nothing, answers nothing and keeps nothing in memory that matters: everything is in the database, and after
kill -9 the next supervisor goes on from there. Only one works in a data folder at a time (flock(2)).
"""

import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from api.ops.server import DRAIN
from api.service import Service
from api.store import jobs
from api.work.backoff import Backoff
from api.work.clock_watch import ClockWatch
from api.work.device_memory import EXIT_DEVICE
from api.work.executor import Executor, Order, Running, start_program
from api.work.recovery import recover
from api.work.slots import Slot, slot_folders
from api.work.watch import EXIT_FORCED
from engine.core.settings import Setting

LOG = logging.getLogger("multiplane.supervisor")

WORKER_MEMORY = Setting(
    "MULTIPLANE_WORKER_MEMORY_MB",
    0,
    "MB",
    0,
    10_000_000,
    "memory at which a worker is replaced; 0: 3/4 of the machine's",
)

TICK_S = 0.1

LEASES_S = 2.0
"""Seconds between looks for jobs whose lease has run out."""

MEMORY_S = 1.0
"""Seconds between looks at the memory of the workers."""

SHARE_OF_MEMORY = 0.75

HOUSEKEEPING_S = 3600.0

CLEAN_EXITS = (0, EXIT_FORCED, EXIT_DEVICE)
"""Exit codes of workers that have ended what they were at."""


@dataclass(slots=True)
class _Place:
    """A slot, and who is in it."""

    slot: Slot
    name: str = ""
    worker: Running | None = None
    backoff: Backoff = field(default_factory=Backoff)


class Supervisor:
    """See the module.

    Args:
        service: opened in this process.
        executor: starts workers.
        slots: which.
        web: the command of the web process, which is given the socket's descriptor behind it.
        listener: the socket.
    """

    def __init__(
        self, service: Service, executor: Executor, slots: list[Slot], web: list[str], listener: socket.socket
    ) -> None:
        self._service = service
        self._executor = executor
        self._site = site_id(service.folder)
        self._boot = f"{self._site}/{secrets.token_hex(6)}"
        self._places = [_Place(slot) for slot in slots]
        self._web_command = web
        self._listener = listener
        self._web: subprocess.Popen[bytes] | None = None
        self._web_backoff = Backoff()
        self._housekeeper: subprocess.Popen[bytes] | None = None
        self._clock = ClockWatch()
        self._lost: dict[str, bool] = {}  # names of workers whose jobs are still to be given up: whether of a death
        self._due: dict[str, float] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        """Keep everything going until :attr:`stopping` is set, then end it in order."""
        self._lost[f"{self._site}/"] = False
        shutil.rmtree(slot_folders(self._service.folder), ignore_errors=True)
        try:
            while not self.stopping.is_set():
                self._tick()
                self.stopping.wait(TICK_S)
        finally:
            self._stop()

    def _tick(self) -> None:
        self._keep_web()
        self._recover()
        for place in self._places:
            self._keep(place)
        if self._is_due("memory", MEMORY_S):
            self._look_at_memory()
        if self._is_due("housekeeping", HOUSEKEEPING_S) and self._housekeeper is None:
            with _trying(Backoff()):
                self._housekeeper = start_program([sys.executable, "-m", "api.work.housekeeping", *self._common()])
        if self._housekeeper is not None and self._housekeeper.poll() is not None:
            self._housekeeper = None

    def _keep_web(self) -> None:
        if self._web is not None:
            code = self._web.poll()
            if code is None:
                return
            LOG.error("the web process ended", extra={"exit_code": code})
            self._web = None
            self._web_backoff.died()
        if self._web_backoff.may_start():
            number = self._listener.fileno()
            with _trying(self._web_backoff):
                self._web = start_program([*self._web_command, *self._common(), "--fd", str(number)], (number,))

    def _keep(self, place: _Place) -> None:
        worker = place.worker
        if worker is not None:
            code = worker.ended()
            if code is None:
                if worker.silent_s() > jobs.LEASE.value():
                    LOG.error("a worker hangs and is replaced", extra={"slot": place.slot.name})
                    worker.kill()
                return
            if code not in CLEAN_EXITS:
                LOG.error("a worker ended", extra={"slot": place.slot.name, "exit_code": code})
                place.backoff.died()
            self._lost[place.name] = code not in CLEAN_EXITS
            place.worker = None
            self._recover()
        if place.backoff.may_start():
            place.name = f"{self._boot}/{place.slot.name}/{secrets.token_hex(3)}"
            with _trying(place.backoff):
                place.worker = self._executor.start(Order(place.slot, place.name, self._service.folder))

    def _recover(self) -> None:
        for name, killed in list(self._lost.items()):
            if recover(self._service.database, name, killed=killed):
                del self._lost[name]
        self._clock.look(jobs.LEASE.value())
        # A lease says nothing while a clock that jumped makes it look old: our own workers are watched by pipe anyway.
        if self._is_due("leases", LEASES_S) and self._clock.is_steady():
            alive = [place.name for place in self._places if place.worker is not None]
            recover(self._service.database, None, killed=True, alive=alive)

    def _look_at_memory(self) -> None:
        limit = WORKER_MEMORY.value() or SHARE_OF_MEMORY * total_memory_mb()
        for place in self._places:
            if place.worker is not None and place.worker.memory_mb() > limit:
                LOG.error("a worker takes too much memory and is replaced", extra={"slot": place.slot.name})
                place.worker.kill()

    def _is_due(self, what: str, every_s: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every_s
        return True

    def _common(self) -> list[str]:
        return ["--data-dir", str(self._service.folder), "--parent", str(os.getpid())]

    def _stop(self) -> None:
        """Ask all to end, wait, end who did not, and give the rest of the jobs back."""
        LOG.info("stopping")
        programs = [program for program in (self._web, self._housekeeper) if program is not None]
        workers = [place.worker for place in self._places if place.worker is not None]
        for program in programs:
            program.terminate()
        for worker in workers:
            worker.stop()
        until = time.monotonic() + DRAIN.value()
        _wait_for(lambda: all(each.poll() is not None for each in programs), until)
        _wait_for(lambda: all(each.ended() is not None for each in workers), until)
        for program in programs:
            program.kill()
            program.wait()
        for worker in workers:
            worker.kill()
        _wait_for(lambda: all(each.ended() is not None for each in workers), time.monotonic() + 5)
        recover(self._service.database, f"{self._boot}/", killed=False)
        LOG.info("stopped")


@contextmanager
def _trying(backoff: Backoff) -> Iterator[None]:
    """Start something; where the system has no room for it now (EAGAIN, ENOMEM), it is tried again later."""
    try:
        backoff.started()
        yield
    except OSError as error:
        LOG.error("a process could not be started: %s", error)
        backoff.died()


def stop_on_signals(supervisor: Supervisor) -> None:
    """Let SIGTERM and Ctrl-C end a supervisor in order."""

    def stop(number: int, frame: FrameType | None) -> None:
        supervisor.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def site_id(folder: Path) -> str:
    """What tells the workers of this data folder from those of others on the same database."""
    path = folder / "site.id"
    try:
        known = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        known = ""
    if not known.isalnum():
        known = secrets.token_hex(6)
        path.write_text(known + "\n", encoding="ascii")
    return known


def total_memory_mb() -> float:
    """MB of memory of this machine, or of the control group that it lets us have."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")) / 1e6
    except (OSError, ValueError):
        return total
    return min(total, limit)


def _wait_for(is_over: Callable[[], bool], until: float) -> None:
    while not is_over() and time.monotonic() < until:
        time.sleep(TICK_S / 2)
