"""One run of one contender, and what of it counts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.clip import Clip
from benchmarks.contenders import BARE, OURS, Contender
from benchmarks.process import ContenderFailed, ProcessFigures, measure


@dataclass(frozen=True, slots=True)
class Run:
    """What one repetition of one contender cost.

    Attributes:
        wall, cpu: seconds for the whole clip; what they cover is said by ``covers``.
        covers: ``process`` (all of it, from the start of the interpreter), ``section`` (encoding of ready frames only)
            or ``projected`` (an excerpt was made: preparation once, frames times the ratio of the lengths).
        peak_mb: see :class:`benchmarks.process.ProcessFigures`.
        bits_per_second: of the file.
        first_frame: seconds from the start of the process to its first encoded frame; ours only.
        render: seconds from that to the finished file; ours only.
        process: the accounts of the process as they came: wall, user, system.
    """

    wall: float
    cpu: float
    covers: str
    peak_mb: float
    bits_per_second: float
    first_frame: float | None = None
    render: float | None = None
    process: dict[str, float] = field(default_factory=dict)


def run(contender: Contender, clip: Clip, target: Path) -> Run:
    """Let a contender make a clip and account for it.

    Args:
        contender: who.
        clip: what; if it is an excerpt, the figures are projected to the whole clip.
        target: the MP4 to write.

    Raises:
        ContenderFailed: its process failed, or left no file.
    """
    figures = measure(contender.command(clip, target))
    if not target.exists():
        raise ContenderFailed("it ended without an error and without a file")
    wall, cpu, covers = _whole_clip(contender, clip, figures)
    first = _arrival(figures, "progress") if contender.name == OURS else None
    done = _arrival(figures, "done") if contender.name == OURS else None
    return Run(
        wall,
        cpu,
        covers,
        figures.peak_mb,
        target.stat().st_size * 8 * clip.rate / clip.count,
        first,
        done - first if done is not None and first is not None else None,
        {"wall": figures.wall, "user": figures.user, "system": figures.system},
    )


def _whole_clip(contender: Contender, clip: Clip, figures: ProcessFigures) -> tuple[float, float, str]:
    if contender.name == BARE:
        section = _event(figures, "section")
        return section["wall"], section["cpu"], "section"
    if clip.count == clip.frames:
        return figures.wall, figures.cpu, "process"
    times = clip.frames / clip.count
    ready_wall, ready_cpu = _arrival(figures, "ready"), _event(figures, "ready")["cpu"]
    wall = ready_wall + (figures.wall - ready_wall) * times
    return wall, ready_cpu + (figures.cpu - ready_cpu) * times, "projected"


def _arrival(figures: ProcessFigures, name: str) -> float:
    """When the first event of a name came, in seconds from the start of the process."""
    return next(at for at, event in figures.events if event["event"] == name)


def _event(figures: ProcessFigures, name: str) -> dict[str, Any]:
    return next(event for _, event in figures.events if event["event"] == name)
