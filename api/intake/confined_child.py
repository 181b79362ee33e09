"""One Python child for one line of JSON each way, in a session of its own, which always ends with the call."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.errors import Cancelled, EngineError

LONGEST_ANSWER = 65_536
"""Bytes of the child's answer."""

GLANCE = 0.05
"""Seconds between two questions whether the call was cancelled."""

_LIMIT_SIGNALS = frozenset({signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ})
"""How the system ends a process that is over a limit; SIGKILL is that of memory, too."""


@dataclass(frozen=True, slots=True)
class ChildDied:
    """A child that gave no answer.

    Attributes:
        limited: it was ended by a limit.
        crashed: it was ended by a fault of its own.
        detail: for the log.
    """

    limited: bool
    crashed: bool
    detail: str


Outcome = dict[str, Any] | ChildDied


def run_child(
    program: Sequence[str],
    request: Mapping[str, object],
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    is_cancelled: Callable[[], bool],
) -> Outcome:
    """Start Python, ask it one thing, and end it whatever happens.

    The child asks the system to be killed when the thread that calls this ends: stay in it.

    Args:
        program: the arguments after ``python``.
        request: what it is asked; it gets ``parent``, this process, too.
        folder: where it works.
        environment: all that it gets.
        seconds: by the clock, start included.
        is_cancelled: asked every :data:`GLANCE`.

    Raises:
        Cancelled: ``is_cancelled`` said so.
        EngineError: it could not be started.
    """
    try:
        child = subprocess.Popen(
            # -P: its folder is no place to import from.
            [sys.executable, "-P", *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=dict(environment),
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError("Files cannot be looked at just now: try again later.", detail=str(error)) from error
    deadline = time.monotonic() + seconds
    with child:
        try:
            _ask(child, {**request, "parent": os.getpid()})
            return _outcome(child, deadline, is_cancelled)
        finally:
            # The leader is not reaped yet, so the group's number is still its own.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)


def _ask(child: "subprocess.Popen[bytes]", request: Mapping[str, object]) -> None:
    assert child.stdin is not None
    with suppress(BrokenPipeError), child.stdin as stdin:
        stdin.write(json.dumps(request).encode() + b"\n")


def _outcome(child: "subprocess.Popen[bytes]", deadline: float, is_cancelled: Callable[[], bool]) -> Outcome:
    assert child.stdout is not None
    output = child.stdout.fileno()
    answer = b""
    while b"\n" not in answer:
        if is_cancelled():
            raise Cancelled("Looking at the file was stopped.")
        if time.monotonic() > deadline:
            return ChildDied(limited=True, crashed=False, detail="its time by the clock is over")
        if not select.select([output], [], [], GLANCE)[0]:
            continue
        part = os.read(output, LONGEST_ANSWER)
        answer += part
        if not part or len(answer) > LONGEST_ANSWER:
            break
    try:
        found = json.loads(answer) if b"\n" in answer else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) else _death(child, deadline, is_cancelled)


def _death(child: "subprocess.Popen[bytes]", deadline: float, is_cancelled: Callable[[], bool]) -> ChildDied:
    """How a child without an answer ended, without reaping it."""
    while time.monotonic() <= deadline and not is_cancelled():
        state = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if state is None:
            time.sleep(GLANCE / 5)
            continue
        if state.si_code == os.CLD_EXITED:
            return ChildDied(limited=False, crashed=False, detail=f"exit status {state.si_status}")
        limited = state.si_status in _LIMIT_SIGNALS
        return ChildDied(limited, not limited, detail=f"signal {state.si_status}")
    return ChildDied(limited=True, crashed=False, detail="it gave no answer and did not end")
