"""The environment in which MoviePy runs: it pins an old Pillow."""

from pathlib import Path

from benchmarks.environments import Environment

_HERE = Path(__file__).resolve().parent
SCRIPT = _HERE / "moviepy_clip.py"

_ENVIRONMENT = Environment("MoviePy", _HERE / ".moviepy-venv", _HERE / "moviepy-requirements.txt", "import moviepy")


def interpreter() -> Path:
    """The environment's Python; it exists once :func:`problem` has answered that there is none."""
    return _ENVIRONMENT.interpreter


def problem() -> str:
    """Why MoviePy cannot run here; empty when it can. Makes the environment if it is not there."""
    return _ENVIRONMENT.problem()


def versions() -> dict[str, str]:
    """What is in the environment, and the ffmpeg binary that MoviePy uses."""
    found = _ENVIRONMENT.versions(["moviepy", "numpy", "pillow", "imageio-ffmpeg"])
    code = "import imageio_ffmpeg as i, json; print(json.dumps({'ffmpeg': i.get_ffmpeg_version()}))"
    return found | _ENVIRONMENT.ask(code)
