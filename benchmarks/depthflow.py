"""Contender ``depthflow``: DepthFlow as a program, in an environment of its own, under software OpenGL.

It marches one height field a pixel, as our draft of a scene does (:mod:`engine.raster.scene.heightfield`), on the
graphics card where there is one. It is given a depth map, so that no model is on its clock. Debian's packages libegl1,
libegl-mesa0 and libgl1-mesa-dri are the OpenGL of a server without a display.
"""

from pathlib import Path

from benchmarks.environments import Environment
from benchmarks.x264 import PRESET

_HERE = Path(__file__).resolve().parent

_PROBE = """
import depthflow.scene, imageio_ffmpeg, moderngl, pathlib, sys
moderngl.create_context(standalone=True, backend="egl")
ffmpeg = pathlib.Path(sys.prefix, "bin", "ffmpeg")
if not ffmpeg.exists():
    ffmpeg.symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
"""
"""It imports, OpenGL is there, and so is the ``ffmpeg`` command that it looks for."""

ENVIRONMENT = Environment(
    "DepthFlow", _HERE / ".depthflow-venv", _HERE / "depthflow-requirements.txt", _PROBE, ("--no-deps",)
)

HEIGHT, OFFSET = "0.2", ("0.2", "0.1")
"""Its own default of relief, seen from the side: its march takes the same time wherever the camera stands."""


def versions() -> dict[str, str]:
    """What is in the environment."""
    return ENVIRONMENT.versions(["depthflow", "shaderflow", "moderngl", "numpy", "imageio-ffmpeg"])


def command(photo: Path, depth: Path, frames: int, rate: int, size: tuple[int, int], target: Path) -> list[str]:
    """The process that makes a clip.

    Args:
        photo: the file.
        depth: its depth map, a grey picture.
        frames: how many.
        rate: frames per second.
        size: (width, height) of the video.
        target: the MP4.
    """
    python = ENVIRONMENT.interpreter
    return [
        "env", f"PATH={python.parent}", str(python), "-m", "depthflow", "--backend", "headless",
        "input", "--image", str(photo), "--depth", str(depth),
        "state", "--height", HEIGHT, "--offset", *OFFSET,
        "h264", "--preset", PRESET.x264_preset, "--crf", f"{PRESET.crf:g}",
        "main", "--output", str(target), "--time", f"{frames / rate:.6f}", "--fps", f"{rate}",
        "--width", f"{size[0]}", "--height", f"{size[1]}", "--ssaa", "1",
    ]  # fmt: skip


def write_depth(path: Path) -> Path:
    """A depth map for any photo, a near hill on far ground, as a grey PNG."""
    import numpy as np
    from PIL import Image

    y, x = np.mgrid[-1:1:360j, -1:1:640j]
    Image.fromarray(np.uint8(255 * (0.2 + 0.8 * np.exp(-4 * (x * x + y * y))))).save(path)
    return path
