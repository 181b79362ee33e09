"""Entry point: find the command, run it, turn every error into one sentence and an exit code.

Exit codes: 0 the work is done and the file is there; 1 we failed; 2 wrong use or bad input; 130 stopped by the user.
"""

import argparse
import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from api.cli import animate, convert, doctor, jobs, packs, plan, preview, render, serve, token, users
from api.cli import credits as credits_command
from engine.core.errors import Cancelled, DraftError, MultiplaneError, OptionError
from engine.version import VERSION

COMMANDS = (animate, render, preview, plan, convert, packs, serve, jobs, users, token, credits_command, doctor)
"""Each module adds its own parser and runs its own command."""


class _Parser(argparse.ArgumentParser):
    """Raises what argparse would print."""

    def error(self, message: str) -> NoReturn:
        raise OptionError(f"{message[0].upper()}{message[1:]}: see {self.prog} --help.")


def _parse(arguments: list[str]) -> argparse.Namespace:
    """The options; words may stand before, between and after the flags."""
    parser = _parser()
    options, others = parser.parse_known_args(arguments)
    flags = [text for text in others if text.startswith("-")]
    if flags or (others and not hasattr(options, "inputs")):
        raise OptionError(f"{(flags or others)[0]} is not known here: see multiplane --help.")
    if others:
        options.inputs += others
    return options


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code.

    Args:
        arguments: without the program's name; those of the process by default.
    """
    for stream in (sys.stdout, sys.stderr):
        # A file's name may hold bytes that are no text: show them escaped.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _stop)
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Until the arguments are understood, these two are all that matters for telling what is wrong with them.
    options = argparse.Namespace(json="--json" in given, debug="--debug" in given)
    try:
        options = _parse(given)
        _use_site_file()
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


def _use_site_file() -> None:
    # Reading the file loads every module that declares settings: only where a file is named.
    if os.environ.get("MULTIPLANE_CONFIG", "").strip():
        from api.config import use_config

        use_config()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
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
    problems = error.problems if isinstance(error, DraftError) else ()
    if options.json:
        answer: dict[str, object] = {"event": "error", "code": error.code, "message": error.message}
        if problems:
            answer["problems"] = [{"path": problem.path, "problem": problem.text} for problem in problems]
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    print(f"multiplane: {error.message}", file=sys.stderr)
    # The message names the first problem of a draft and how many more there are.
    for problem in problems[1:]:
        print(f"  {problem}", file=sys.stderr)
    return error.exit_code


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
