"""What a task gets: its job's payload, a folder, blobs, and how to say how far it is.

A task is a function ``(context, payload) -> result``. Payload and result are JSON in which files are names of blobs:
all that crosses from the service to a worker, wherever that runs.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.store.blobs import BlobStore
from engine.core.errors import Cancelled

Json = dict[str, Any]

POSTER = "poster.jpg"
"""In a task's folder: a small picture of what it made."""


LONG_PATIENCE = 30.0
"""Times the usual silence that is borne while a file is on its way to or from another machine."""


STOP_S = 0.15
"""Seconds that a task gets to stop by itself when it is cancelled."""


class HandedBack(Exception):
    """The service is ending: the job is left to another worker, with what is finished of it."""


@dataclass(slots=True)
class TaskContext:
    """The surroundings of one task.

    Attributes:
        job_id: of the job.
        user_id: whose it is.
        blobs: the files.
        folder: an empty folder for what the task needs while it runs; on the disk of a local blob store.
        device: ``cpu``, or ``auto`` where a GPU may be used.
        stopping: set when the service ends.
        cancelled: set when nobody wants the job any more.
        rung: how little at a time earlier workers of the job tried, see :mod:`api.work.device_memory`; None: nothing
            is known of a lack of memory.
    """

    job_id: str
    user_id: str
    blobs: BlobStore
    folder: Path
    device: str = "cpu"
    stopping: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    rung: Json | None = None
    progress: float = 0.0
    stage: str = ""
    patience: float = 1.0
    stop_s: float = STOP_S
    last_sign: float = field(default_factory=time.monotonic)

    def report(self, progress: float, stage: str = "") -> None:
        """Say that the work goes on, and how far it is (0..1). Cheap: call it as often as there is something to say.

        Raises:
            Cancelled: nobody wants the job any more.
            HandedBack: the service is ending.
        """
        self.progress = max(self.progress, min(1.0, progress))
        self.stage = stage or self.stage
        self.last_sign = time.monotonic()
        self.check()

    def check(self) -> None:
        """Raise as :meth:`report` does, where there is a reason."""
        if self.cancelled.is_set():
            raise Cancelled("cancelled")
        if self.stopping.is_set():
            raise HandedBack

    def put_poster(self) -> tuple[str, int] | None:
        """Take :data:`POSTER` of the folder into the blobs: its name and its size; None where there is none."""
        path = self.folder / POSTER
        return self.blobs.put(path) if path.exists() else None

    @contextmanager
    def waiting(self, patience: float = LONG_PATIENCE, stop_s: float = STOP_S) -> Iterator[None]:
        """Something that gives no sign of life for long and is well all the same: another machine's disk.

        Args:
            patience: times the usual silence that is borne meanwhile.
            stop_s: seconds that the task gets to stop by itself meanwhile when it is cancelled.
        """
        self.patience, self.stop_s = patience, stop_s
        try:
            yield
        finally:
            self.patience, self.stop_s = 1.0, STOP_S
            self.last_sign = time.monotonic()

    def is_unwanted(self) -> bool:
        """Whether the task should stop; asking is a sign of life."""
        self.last_sign = time.monotonic()
        return self.cancelled.is_set() or self.stopping.is_set()


Task = Callable[[TaskContext, Json], Json]
