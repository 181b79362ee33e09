"""Who takes part in the parallax benchmark: what each does and the processes that do it."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks import depthflow

IN = {"move": "dolly_in", "speed": "slow", "with": "parallax"}
ASIDE = {"move": "truck_right", "speed": "slow", "with": "parallax"}
FLAT = {"move": "zoom_in", "speed": "slow", "with": "kenburns"}

SHORTER = 3
"""How many times shorter the clip is that shows whether memory grows with length."""

DEPTHFLOW_FRAMES = (2, 12)
"""It takes about a second a frame: two excerpts, whose difference is what frames cost and whose rest is set-up."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a run of the benchmark works with.

    Attributes:
        photo: the file.
        folder: where drafts, videos and the private cache go.
        size: (width, height) of the video.
        rate: frames per second.
        seconds: length of the clip.
    """

    photo: Path
    folder: Path
    size: tuple[int, int]
    rate: int
    seconds: Fraction

    def frames(self, shorter: int = 1) -> int:
        """Of a clip that is so many times shorter."""
        return max(2, int(self.seconds * self.rate) // shorter)

    def draft(self, motion: dict[str, Any], frames: int) -> Path:
        """A draft of one shot as a file."""
        length = round(1000 * frames / self.rate)
        segment = {"id": "p1", "s": 0, "d": length, "src": str(self.photo), "mo": motion, "fit": "crop"}
        draft = {
            "v": 2, "d": length, "w": self.size[0], "h": self.size[1], "fps": self.rate, "m": {"title": "Benchmark"},
            "t": [{"id": "t1", "tt": 0, "sg": [segment]}],
        }  # fmt: skip
        path = self.folder / f"{motion['move']}-{motion['with']}-{length}.json"
        path.write_text(json.dumps(draft))
        return path


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to the clip.

    Attributes:
        about: one line.
        command: the process that makes a number of frames at a path.
        shorter: how many times shorter its clip is.
        excerpts: numbers of frames of two shorter runs, from which its figures are projected; empty: it makes all.
        problem: why it cannot run; empty when it can.
        after: the contender that must have run just before it.
    """

    about: str
    command: Callable[[Stage, int, Path], list[str]]
    shorter: int = 1
    excerpts: tuple[int, int] | tuple[()] = ()
    problem: Callable[[], str] = lambda: ""
    after: str = ""


def _multiplane(stage: Stage, motion: dict[str, Any], frames: int, target: Path) -> list[str]:
    program = str(Path(sys.executable).with_name("multiplane"))
    return [program, "render", str(stage.draft(motion, frames)), "-o", str(target), "--overwrite", "--json"]


def _uncached(motion: dict[str, Any]) -> Callable[[Stage, int, Path], list[str]]:
    return lambda stage, frames, target: [*_multiplane(stage, motion, frames, target), "--no-cache"]


def _cached(motion: dict[str, Any], *, empty: bool) -> Callable[[Stage, int, Path], list[str]]:
    def command(stage: Stage, frames: int, target: Path) -> list[str]:
        cache = stage.folder / "cache"
        if empty:
            shutil.rmtree(cache, ignore_errors=True)
        return ["env", f"MULTIPLANE_CACHE={cache}", *_multiplane(stage, motion, frames, target)]

    return command


def _bare(stage: Stage, frames: int, target: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.bare_timeline", str(stage.draft(IN, frames)), str(target)]


def _depthflow(stage: Stage, frames: int, target: Path) -> list[str]:
    depth = depthflow.write_depth(stage.folder / "depth.png")
    return depthflow.command(stage.photo, depth, frames, stage.rate, stage.size, target)


OURS, THIRD, BARE, FLAT_OURS = "ours", "ours-third", "bare", "kenburns"
FIRST, AGAIN, DEPTHFLOW = "ours-first", "ours-again", "depthflow"

CONTENDERS: dict[str, Contender] = {
    OURS: Contender("multiplane render, parallax, nothing cached", _uncached(IN)),
    THIRD: Contender("the same, a third as long: does memory grow with length?", _uncached(IN), SHORTER),
    BARE: Contender("x264 encodes ready-made frames of the same clip (encode section only)", _bare),
    FLAT_OURS: Contender("multiplane render, Ken Burns, nothing cached", _uncached(FLAT)),
    FIRST: Contender("multiplane render, parallax, an empty cache", _cached(IN, empty=True)),
    AGAIN: Contender("the same photo, another move, with that cache", _cached(ASIDE, empty=False), after=FIRST),
    DEPTHFLOW: Contender(
        "DepthFlow under software OpenGL, its depth map given", _depthflow, excerpts=DEPTHFLOW_FRAMES,
        problem=depthflow.ENVIRONMENT.problem,
    ),
}  # fmt: skip
"""Everyone by name, in the order of the table."""
