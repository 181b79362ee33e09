"""The environment in which MoviePy runs: made once, beside the benchmark, from pinned versions."""

import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
ENVIRONMENT = _HERE / ".moviepy-venv"
REQUIREMENTS = _HERE / "moviepy-requirements.txt"
SCRIPT = _HERE / "moviepy_clip.py"


def interpreter() -> Path:
    """The environment's Python; it exists once :func:`problem` has answered that there is none."""
    return ENVIRONMENT / "bin" / "python"


def problem() -> str:
    """Why MoviePy cannot run here; empty when it can. Makes the environment if it is not there."""
    if _imports():
        return ""
    made = subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], capture_output=True, text=True)
    if made.returncode == 0:
        install = [str(interpreter()), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)]
        made = subprocess.run(install, capture_output=True, text=True)
    if made.returncode:
        said = made.stderr.strip().splitlines()
        return f"its environment could not be made: {said[-1] if said else made.returncode}"
    return "" if _imports() else "its environment was made, but MoviePy does not import there"


def versions() -> dict[str, str]:
    """What is in the environment, and the ffmpeg binary that MoviePy uses."""
    code = (
        "import imageio_ffmpeg, json; from importlib.metadata import version as v; "
        "found = {n: v(n) for n in ('moviepy', 'numpy', 'pillow', 'imageio-ffmpeg')}; "
        "print(json.dumps(found | {'ffmpeg': imageio_ffmpeg.get_ffmpeg_version()}))"
    )
    import json

    answer = subprocess.run([str(interpreter()), "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def _imports() -> bool:
    if not interpreter().exists():
        return False
    return subprocess.run([str(interpreter()), "-c", "import moviepy"], capture_output=True).returncode == 0
