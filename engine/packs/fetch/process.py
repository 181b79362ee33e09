"""Running the client that fetches: pip or npm, in a process of its own that ends when we do."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.core.errors import EngineError

POLL_INTERVAL = 0.2
"""Seconds between two looks at how much has arrived."""

STOP_GRACE = 3.0
"""Seconds that a client has to end after it was asked to."""

_FULL_SIGNS = ("No space left on device", "ENOSPC", "Disk quota exceeded")

_OUTPUT_TAIL = 4000
"""Characters of a client's words that are kept for the detail of an error."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a client ended.

    Attributes:
        code: its exit code.
        output: the last of what it said, both streams.
    """

    code: int
    output: str


def run_tool(
    command: Sequence[str], folder: Path, settings: Mapping[str, str], on_poll: Callable[[], None] = lambda: None
) -> Done:
    """Run a client to its end; it dies with us when we are stopped.

    Args:
        command: program and arguments; no shell reads them.
        folder: where it runs: an empty one, so that it reads no project's configuration.
        settings: environment variables on top of ours, so the site's own configuration of the client holds.
        on_poll: called every POLL_INTERVAL seconds; may raise, which stops the client.

    Raises:
        EngineError: the client found no room on the disk.
    """
    with tempfile.TemporaryFile() as output:
        # A session of its own: Ctrl-C reaches us alone, and then we stop the client and all that it started.
        client = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    client.wait(POLL_INTERVAL)
                    break
                on_poll()
        except BaseException:
            _stop(client)
            raise
        output.seek(0)
        done = Done(client.returncode, output.read().decode(errors="replace")[-_OUTPUT_TAIL:])
    if done.code and any(sign in done.output for sign in _FULL_SIGNS):
        raise EngineError(
            "The disk became full while a pack was fetched: make room, and pull again.", detail=done.output
        )
    return done


def _stop(client: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(client.pid, number)
        with suppress(subprocess.TimeoutExpired):
            client.wait(STOP_GRACE)
            return
