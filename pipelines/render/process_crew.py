"""Rendering in processes of their own: what dies takes only the chunk with it that it was at.

A process is ``python -m pipelines.render.worker`` at the other end of a socket pair. It gets the draft once, then one
chunk, a run of GOPs, after the other, and sends each finished GOP back at once. When a process dies, another one gets
what was left of its chunk; a GOP that two processes died of is given up, and the rendering with it.
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from multiprocessing.connection import Connection, wait
from typing import Any

from engine.core.errors import MultiplaneError, WorkerDied
from engine.timeline import Draft, write_draft
from pipelines.render.crew import Event, FrameDone, GopDone
from pipelines.render.options import RenderOptions
from pipelines.render.scene import Gop

CHUNKS_PER_PROCESS = 4
"""Few enough that a process keeps what it has opened, enough that all finish at about the same time."""

MAX_CHUNK_GOPS = 8
"""GOPs wait in memory for those before them, so a chunk of a long video is no longer than one of a short video."""

MAX_DEATHS = 2
"""Processes that a GOP may cost."""


@dataclass(slots=True)
class _Process:
    process: subprocess.Popen[bytes]
    link: "Connection[Any, Any]"
    left: deque[int] = field(default_factory=deque)
    frames: int = 0  # of the GOP that it is at
    deaths: int = 0  # that the GOP that it is at has cost


class ProcessCrew:
    """See :class:`pipelines.render.crew.Crew`.

    Args:
        draft: as given by the caller: each process prepares its scene from it.
        options: how to render.
        processes: how many.
    """

    def __init__(self, draft: Draft, options: RenderOptions, processes: int) -> None:
        self._order = (write_draft(draft), options)
        self._processes = processes
        self._running: list[_Process] = []
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """See :class:`pipelines.render.crew.Crew`."""
        return tuple(self._notes)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Of the processes that run now."""
        return tuple(worker.process.pid for worker in self._running)

    def run(self, gops: Sequence[Gop]) -> Iterator[Event]:
        """See :class:`pipelines.render.crew.Crew`.

        Raises:
            WorkerDied: a GOP has cost :data:`MAX_DEATHS` processes.
            MultiplaneError: a GOP failed.
        """
        chunks = deque((chunk, 0) for chunk in _chunks([gop.index for gop in gops], self._processes))
        for _ in range(min(self._processes, len(chunks))):
            self._give(self._start(), chunks)
        left = len(gops)
        while left:
            ready = wait([worker.link for worker in self._running])
            for worker in [worker for worker in self._running if worker.link in ready]:
                try:
                    message = worker.link.recv()
                except (EOFError, OSError):
                    yield from self._bury(worker, chunks)
                    continue
                event = self._take(worker, message)
                if event is not None:
                    left -= isinstance(event, GopDone)
                    yield event
                if not worker.left:
                    self._give(worker, chunks)

    def close(self) -> None:
        """See :class:`pipelines.render.crew.Crew`."""
        for worker in self._running:
            worker.process.kill()
        for worker in self._running:
            worker.process.wait()
            worker.link.close()
        self._running.clear()

    def _start(self) -> _Process:
        ours, theirs = socket.socketpair()
        # A process finds our packages where we found them, whatever its folder.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "pipelines.render.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
                # Ctrl-C in a terminal goes to us alone: we stop our processes ourselves.
                start_new_session=True,
            )
        worker = _Process(process, Connection(ours.detach()))
        self._running.append(worker)
        with contextlib.suppress(OSError):  # it died already: noticed when it is read from
            worker.link.send(self._order)
        return worker

    def _give(self, worker: _Process, chunks: deque[tuple[list[int], int]]) -> None:
        if not chunks:
            return
        chunk, worker.deaths = chunks.popleft()
        worker.left = deque(chunk)
        with contextlib.suppress(OSError):
            worker.link.send(chunk)

    def _take(self, worker: _Process, message: Any) -> Event | None:  # noqa: ANN401
        if isinstance(message, MultiplaneError):
            raise message
        if isinstance(message, tuple):
            self._notes.update(dict.fromkeys(message))
            return None
        if isinstance(message, GopDone):
            worker.left.remove(message.index)
            worker.frames = worker.deaths = 0
        elif isinstance(message, FrameDone):
            worker.frames += 1
        event: Event = message
        return event

    def _bury(self, worker: _Process, chunks: deque[tuple[list[int], int]]) -> Iterator[Event]:
        code = worker.process.wait()
        worker.link.close()
        self._running.remove(worker)
        if not worker.left:
            return
        if worker.deaths + 1 >= MAX_DEATHS:
            raise WorkerDied(
                "A part of the video could not be rendered: the process that did it was ended twice. "
                "Check the memory of this machine and the last files on the timeline.",
                detail=f"exit code {code}, GOPs {list(worker.left)}",
            )
        if worker.frames:
            yield FrameDone(redone=worker.frames)
        chunks.appendleft((list(worker.left), worker.deaths + 1))
        self._give(self._start(), chunks)


def _chunks(indices: list[int], processes: int) -> list[list[int]]:
    """Runs of GOPs, all about as long."""
    count = max(min(len(indices), processes * CHUNKS_PER_PROCESS), ceil(len(indices) / MAX_CHUNK_GOPS))
    marks = [len(indices) * number // count for number in range(count + 1)] if count else [0]
    return [indices[begin:end] for begin, end in pairwise(marks)]
