"""Entry point: find the command, run it, turn every error into one sentence and an exit code.

Exit codes: 0 the work is done and the file is there; 1 we failed; 2 wrong use or bad input; 130 stopped by the user.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from api.cli import animate, doctor, plan
from engine.core.errors import Cancelled, MultiplaneError
from engine.version import VERSION

COMMANDS = (animate, plan, doctor)
"""Each module adds its own parser and runs its own command."""

INTERRUPTED = Cancelled.exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code.

    Args:
        arguments: without the program's name; those of the process by default.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        code: int = options.run(options)
    except KeyboardInterrupt:
        return _fail(options, Cancelled("Stopped; nothing was written."))
    except BrokenPipeError:
        # The reader of our output went away: nobody is left to tell.
        sys.stderr.close()
        return 1
    except MultiplaneError as error:
        if options.debug:
            raise
        return _fail(options, error)
    except Exception as error:
        # The last line of defence of a program that promises no traceback; --debug shows it.
        if options.debug:
            raise
        return _fail(
            options,
            MultiplaneError(f"Multiplane failed unexpectedly ({type(error).__name__}): run it again with --debug."),
        )
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="multiplane", description="Photos and a plain-language instruction in, a 1080p H.264 MP4 out."
    )
    parser.add_argument("--version", action="version", version=f"multiplane {VERSION}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        command = module.add_parser(commands)
        command.add_argument("--json", action="store_true", help="print JSON for programs")
        command.add_argument("--debug", action="store_true", help="show the traceback of an error")
        command.set_defaults(run=module.run)
    return parser


def _fail(options: argparse.Namespace, error: MultiplaneError) -> int:
    if options.json:
        print(json.dumps({"event": "error", "code": error.code, "message": error.message}), flush=True)
    print(f"multiplane: {error.message}", file=sys.stderr)
    return error.exit_code


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
