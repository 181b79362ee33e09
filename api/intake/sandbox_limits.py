"""What one look at an uploaded file may cost, and the environment in which it happens."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.core.settings import Setting
from engine.media.limits import PHOTO_DIMENSION_PX, PHOTO_FILE_MB, PHOTO_MEGAPIXELS
from engine.media.video.limits import (
    VIDEO_DIMENSION_PX,
    VIDEO_DURATION_S,
    VIDEO_FILE_MB,
    VIDEO_FRAMES,
    VIDEO_MEGAPIXELS,
)

SANDBOX_MEMORY_MB = Setting(
    "MULTIPLANE_SANDBOX_MEMORY_MB", 4096, "MB", 768, 1_000_000, "addresses of the process that looks at an upload"
)
SANDBOX_CPU_SECONDS = Setting(
    "MULTIPLANE_SANDBOX_CPU_SECONDS", 60, "s", 1, 86_400, "computing time of the process that looks at an upload"
)
SANDBOX_SECONDS = Setting(
    "MULTIPLANE_SANDBOX_SECONDS", 120, "s", 1, 86_400, "time by the clock of the process that looks at an upload"
)

_FOR_THE_CHILD = (
    *(PHOTO_FILE_MB, PHOTO_MEGAPIXELS, PHOTO_DIMENSION_PX),
    *(VIDEO_FILE_MB, VIDEO_MEGAPIXELS, VIDEO_DIMENSION_PX, VIDEO_DURATION_S, VIDEO_FRAMES),
)

_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one look may cost.

    Attributes:
        memory_bytes: addresses, which is more than what is in use.
        cpu_seconds: computing time of all threads.
        seconds: time by the clock.
    """

    memory_bytes: int
    cpu_seconds: int
    seconds: float

    @classmethod
    def from_settings(cls) -> "SandboxLimits":
        """The limits of this site.

        Raises:
            OptionError: a setting holds something that is not a number in its range.
        """
        return cls(
            memory_bytes=int(SANDBOX_MEMORY_MB.value() * 1e6),
            cpu_seconds=SANDBOX_CPU_SECONDS.int_value(),
            seconds=SANDBOX_SECONDS.value(),
        )


def child_environment(folder: Path) -> dict[str, str]:
    """All that the child gets to know: where Python's modules lie, the limits, and a folder of its own.

    Nothing is passed on from this process's environment, where keys and passwords are, but the search path of shared
    libraries.

    Raises:
        OptionError: a limit's setting holds something that is not a number in its range.
    """
    paths = [str(_ROOT), *(path for path in sys.path if Path(path).is_absolute() and path != str(_ROOT))]
    passed = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {
        **passed,
        **{setting.variable: f"{setting.value():.12g}" for setting in _FOR_THE_CHILD},
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        # Each thread's stack and arena counts as addresses, and one look needs no more than one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
