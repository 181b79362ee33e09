"""Who takes part: what each does, the command that does it, and why it cannot where it cannot.

What all share: the photo, the size, the rate, the zoom and the point it goes about (:mod:`benchmarks.clip`), and the
x264 settings (:mod:`benchmarks.x264`). What differs is everything in between, as each one's users do it.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import moviepy_environment
from benchmarks.clip import Clip
from benchmarks.x264 import ffmpeg_arguments, settings

ANTI_JITTER_WIDTH = 8000
"""Pixels: the width to which the well-known recipe scales the photo before zoompan, so that its whole-pixel crops
become fractions of a frame pixel."""

BARE_MEMORY_SHARE = 0.75
"""The share of the memory now free that the ready-made frames of ``bare`` may take."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to the clip.

    Attributes:
        name: as in the table.
        about: one line.
        command: the process that makes a clip at a path; it may make only an excerpt if ``excerpt`` is set.
        problem: why it cannot run for a clip; empty when it can.
        excerpt: whether it is slow enough to be given only the middle of the clip.
    """

    name: str
    about: str
    command: Callable[[Clip, Path], list[str]]
    problem: Callable[[Clip], str]
    excerpt: bool = False


def our_arguments(clip: Clip, target: Path) -> list[str]:
    """What follows ``multiplane``: the words of a user, and flags that leave nothing of the clip to choice."""
    return [
        "animate", clip.photo, "zoom in", "--move", "zoom_in", "--amount", f"{clip.zoom}",
        "--focus", f"{clip.focus_x},{clip.focus_y}", "--ease", "linear", "--duration", f"{float(clip.seconds)}",
        "--size", f"{clip.width}x{clip.height}", "--fps", f"{clip.rate}", "--no-cache", "--overwrite",
        "-o", str(target),
    ]  # fmt: skip


def _ours(clip: Clip, target: Path) -> list[str]:
    return [str(_multiplane()), *our_arguments(clip, target), "--json"]


def _multiplane() -> Path:
    return Path(sys.executable).with_name("multiplane")


def _ours_problem(clip: Clip) -> str:
    return "" if _multiplane().exists() else "the multiplane command is not installed beside this Python"


def _module(name: str) -> Callable[[Clip, Path], list[str]]:
    return lambda clip, target: [sys.executable, "-m", f"benchmarks.{name}", clip.to_json(), str(target)]


def _bare_problem(clip: Clip) -> str:
    needed = clip.frames * clip.width * clip.height * 1.5
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > BARE_MEMORY_SHARE * free:
        return f"its ready-made frames need {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory are free"
    return ""


def _zoompan(prescale: str) -> Callable[[Clip, Path], list[str]]:
    def command(clip: Clip, target: Path) -> list[str]:
        zoompan = (
            f"zoompan=z='pow({clip.zoom},on/{clip.frames})'"
            f":x='{clip.focus_x}*(iw-iw/zoom)':y='{clip.focus_y}*(ih-ih/zoom)'"
            f":d={clip.frames}:s={clip.width}x{clip.height}:fps={clip.rate}"
        )
        return [
            "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-i", clip.photo,
            "-vf", prescale + zoompan, "-frames:v", str(clip.frames), "-pix_fmt", "yuv420p",
            *ffmpeg_arguments(settings(clip.width, clip.height, clip.rate)), str(target),
        ]  # fmt: skip

    return command


def _ffmpeg_problem(clip: Clip) -> str:
    return "" if shutil.which("ffmpeg") else "there is no ffmpeg command on this machine (Debian: package ffmpeg)"


def _moviepy(prescaled: bool) -> Callable[[Clip, Path], list[str]]:
    def command(clip: Clip, target: Path) -> list[str]:
        # Scaled down, the photo keeps just the pixels that the closest view needs.
        width = min(clip.photo_width, round(clip.width * clip.zoom)) if prescaled else clip.photo_width
        x264 = json.dumps(settings(clip.width, clip.height, clip.rate))
        script = str(moviepy_environment.SCRIPT)
        return [str(moviepy_environment.interpreter()), script, clip.to_json(), x264, str(width), str(target)]

    return command


def _moviepy_problem(clip: Clip) -> str:
    return moviepy_environment.problem()


OURS, BARE = "ours", "bare"

CONTENDERS: dict[str, Contender] = {
    contender.name: contender
    for contender in (
        Contender(OURS, "the multiplane command, as users run it", _ours, _ours_problem),
        Contender(BARE, "PyAV encodes ready-made yuv420p frames (encode section only)", _module("bare"), _bare_problem),
        Contender("opencv", "RGB warpAffine, cubic, in a loop; PyAV converts and encodes", _module("opencv_naive"),
                  lambda clip: ""),
        Contender("zoompan", "ffmpeg zoompan on the photo", _zoompan(""), _ffmpeg_problem),
        Contender("zoompan-8000", "ffmpeg zoompan after scale=8000:-1, the anti-jitter recipe",
                  _zoompan(f"scale={ANTI_JITTER_WIDTH}:-1,"), _ffmpeg_problem),
        Contender("moviepy", "MoviePy, photo scaled down once before", _moviepy(True), _moviepy_problem, excerpt=True),
        Contender("moviepy-full", "MoviePy, full photo", _moviepy(False), _moviepy_problem, excerpt=True),
    )
}  # fmt: skip
"""Everyone by name, in the order of the table."""
