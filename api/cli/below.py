"""Commands below a command: ``multiplane packs list``, ``multiplane token create``."""

import argparse
from collections.abc import Callable


def add_below(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    """Describe a command below another; :func:`run_below` runs it."""
    parser = commands.add_parser(name, help=about)
    # These two belong to every command and may stand before or after the name; without SUPPRESS the inner parser
    # would take back what the outer one found.
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON for programs")
    parser.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
    )
    parser.set_defaults(below=command)
    return parser


def run_below(options: argparse.Namespace) -> int:
    """Run the command below; returns the exit code."""
    code: int = options.below(options)
    return code
