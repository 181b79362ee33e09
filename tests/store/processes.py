"""Several processes on one database, started quickly: a server without threads forks them, with the store loaded."""

import multiprocessing
from collections.abc import Callable, Iterable
from multiprocessing.process import BaseProcess
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")

PATIENCE_S = 120
"""Seconds after which a process is taken to hang: a deadlock."""


def start_all(work: Callable[..., None], arguments: Iterable[tuple[Any, ...]]) -> list[BaseProcess]:
    """Begin ``work(*each)`` in a process each."""
    CONTEXT.set_forkserver_preload(["tests.store.work"])
    processes: list[BaseProcess] = [CONTEXT.Process(target=work, args=each) for each in arguments]
    for process in processes:
        process.start()
    return processes


def wait_all(processes: Iterable[BaseProcess]) -> list[int | None]:
    """Wait for their ends; the exit codes."""
    codes = []
    for process in processes:
        process.join(PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()
            raise AssertionError("A process hangs.")
        codes.append(process.exitcode)
        process.close()
    return codes
