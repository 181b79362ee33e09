"""The command line: ``multiplane``."""

import os
import sys
from collections.abc import Sequence

INTERRUPTED = 130
"""Exit code of a program that the user stopped."""


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
