"""The command line: ``multiplane``."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

INTERRUPTED = 130
"""Exit code of a program that the user stopped."""


def program() -> None:
    """The ``multiplane`` program: run the command of this process and end it."""
    code = main()
    if code == INTERRUPTED:
        # Whoever stops it does not want to wait for a photo that is being decoded on another thread.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code.

    Args:
        arguments: without the program's name; those of the process by default.
    """
    # Ctrl-C may come while the first modules are still being read: that, too, is no reason for a traceback.
    try:
        from api.cli.command import run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"multiplane: Stopped; nothing was written.\n")
        return INTERRUPTED
