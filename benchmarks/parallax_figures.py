"""What the parallax benchmark reads off its processes, and the ratios between them."""

from dataclasses import dataclass, field
from typing import Any

from benchmarks.parallax_contenders import AGAIN, BARE, DEPTHFLOW, FIRST, FLAT_OURS, OURS, THIRD
from benchmarks.process import ContenderFailed, ProcessFigures
from benchmarks.report import Spread, spread


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run cost.

    Attributes:
        wall, cpu: seconds for the whole clip.
        peak_mb: see :class:`benchmarks.process.ProcessFigures`.
        setup: seconds from the start of the process to its first encoded frame; None where it says nothing of it.
        frame_ms: milliseconds a frame, from the first to the finished file.
        covers: ``process``, ``section`` (encoding alone) or ``projected`` (from two excerpts).
        notes: what the program said to its user.
    """

    wall: float
    cpu: float
    peak_mb: float
    setup: float | None
    frame_ms: float
    covers: str
    notes: list[str] = field(default_factory=list)


def figures_of(processes: list[ProcessFigures], counts: list[int], frames: int) -> Figures:
    """What counts of one process, or of two that made excerpts of ``counts`` frames, for a clip of ``frames``.

    Raises:
        ContenderFailed: the process printed nothing that says when its frames began.
    """
    last = processes[-1]
    if len(processes) == 2:
        more = counts[1] - counts[0]
        wall, cpu = ((getattr(last, of) - getattr(processes[0], of)) / more for of in ("wall", "cpu"))
        whole, whole_cpu = (
            processes[0].wall + (frames - counts[0]) * wall,
            processes[0].cpu + (frames - counts[0]) * cpu,
        )
        # Other programs on the machine can make the little that is left less than nothing.
        setup = max(0.0, processes[0].wall - counts[0] * wall)
        return Figures(whole, whole_cpu, last.peak_mb, setup, 1000 * wall, "projected")
    if section := _first(last, "section"):
        event = section[1]
        return Figures(event["wall"], event["cpu"], last.peak_mb, None, 1000 * event["wall"] / frames, "section")
    first, done = _first(last, "progress"), _first(last, "done")
    if first is None or done is None:
        raise ContenderFailed("it said nothing of its progress")
    frame_ms = 1000 * (done[0] - first[0]) / max(1, frames - first[1].get("frame", 1))
    return Figures(last.wall, last.cpu, last.peak_mb, first[0], frame_ms, "process", done[1].get("notes", []))


def _first(figures: ProcessFigures, name: str) -> tuple[float, dict[str, Any]] | None:
    return next(((at, event) for at, event in figures.events if event.get("event") == name), None)


def summary(runs: list[Figures]) -> dict[str, Any]:
    """The spread of each figure of one contender, and what it said last."""
    found: dict[str, Any] = {
        "covers": runs[0].covers,
        "wall_s": spread([each.wall for each in runs]),
        "cpu_s": spread([each.cpu for each in runs]),
        "frame_ms": spread([each.frame_ms for each in runs]),
        "peak_mb": spread([each.peak_mb for each in runs]),
        "notes": runs[-1].notes,
    }
    setups = [each.setup for each in runs if each.setup is not None]
    return found | ({"setup_s": spread(setups)} if setups else {})


def ratios(runs: dict[str, list[Figures]]) -> dict[str, Spread]:
    """Ratios within one repetition, where both ran minutes apart at most; then their spread."""
    found: dict[str, Spread] = {}
    for title, of, to, figure in (
        ("ours / bare", OURS, BARE, "wall"),
        ("ours / kenburns", OURS, FLAT_OURS, "wall"),
        ("depthflow / ours", DEPTHFLOW, OURS, "wall"),
        ("ours / a third as long, peak memory", OURS, THIRD, "peak_mb"),
        ("again / first, set-up", AGAIN, FIRST, "setup"),
        ("again / first, whole", AGAIN, FIRST, "wall"),
    ):
        if of in runs and to in runs:
            pairs = zip(runs[of], runs[to], strict=True)
            found[title] = spread([getattr(a, figure) / getattr(b, figure) for a, b in pairs])
    return found
