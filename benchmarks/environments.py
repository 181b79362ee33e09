"""Environments of their own for other people's programs: made once, beside the benchmark, from pinned versions."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment.

    Attributes:
        program: whose it is, for messages.
        folder: where it lies; made when it is needed.
        requirements: the file of pinned versions.
        probe: Python code that runs without an error where the program can.
        options: more of pip's.
    """

    program: str
    folder: Path
    requirements: Path
    probe: str
    options: Sequence[str] = ()

    @property
    def interpreter(self) -> Path:
        """The environment's Python; it exists once :meth:`problem` has answered that there is none."""
        return self.folder / "bin" / "python"

    def problem(self) -> str:
        """Why the program cannot run here; empty when it can. Makes the environment if it is not there."""
        if self.interpreter.exists() and not self._probed():
            return ""
        made = subprocess.run([sys.executable, "-m", "venv", str(self.folder)], capture_output=True, text=True)
        if made.returncode == 0:
            install = [str(self.interpreter), "-m", "pip", "install", "--quiet", *self.options]
            made = subprocess.run([*install, "-r", str(self.requirements)], capture_output=True, text=True)
        if made.returncode:
            return f"its environment could not be made: {_last_line(made.stderr) or made.returncode}"
        said = self._probed()
        return f"its environment was made, but {self.program} does not run there: {said}" if said else ""

    def versions(self, names: Sequence[str]) -> dict[str, str]:
        """The versions of some packages in the environment."""
        code = (
            f"import json; from importlib.metadata import version as v; print(json.dumps({{n: v(n) for n in {names}}}))"
        )
        return self.ask(code)

    def ask(self, code: str) -> dict[str, str]:
        """What code prints there, read as JSON."""
        answer = subprocess.run([str(self.interpreter), "-c", code], capture_output=True, text=True, check=True)
        found: dict[str, str] = json.loads(answer.stdout)
        return found

    def _probed(self) -> str:
        """The last line of what the probe said when it failed; empty when it ran."""
        done = subprocess.run([str(self.interpreter), "-c", self.probe], capture_output=True, text=True)
        return (_last_line(done.stderr) or f"exit code {done.returncode}") if done.returncode else ""


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
