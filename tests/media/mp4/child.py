"""Run a piece of Python in a process of its own: for signals, limits and memory that must not touch the tests."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PREAMBLE = """
import os, resource, sys, time
from pathlib import Path
import numpy as np
from engine.core.errors import MultiplaneError
from engine.media import PRESETS, Mp4Options, Mp4Writer, pending_file
from tests.media.mp4.pictures import moving_gradient, noise, numbered
"""


def start(code: str, *arguments: object, environment: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start the code; its arguments are in ``sys.argv[1:]``, its warnings are errors.

    ``environment`` is added to that of the tests.
    """
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PREAMBLE + textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str, *arguments: object, environment: dict[str, str] | None = None) -> str:
    """Run the code to its end and give what it printed; fails if it fails."""
    process = start(code, *arguments, environment=environment)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == ""
    return out
