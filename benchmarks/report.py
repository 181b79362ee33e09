"""Medians, spread, ratios, and the table."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.contenders import BARE, OURS
from benchmarks.runs import Run

Spread = dict[str, float]
"""``min``, ``median`` and ``max`` over the repetitions."""


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    return {"min": min(values), "median": median(values), "max": max(values)}


def summary(runs: Sequence[Run], frames: int) -> dict[str, Any]:
    """The spread of each figure of one contender."""
    figures: dict[str, Any] = {
        "covers": runs[0].covers,
        "wall_s": spread([run.wall for run in runs]),
        "cpu_s": spread([run.cpu for run in runs]),
        "wall_ms_per_frame": spread([1000 * run.wall / frames for run in runs]),
        "peak_mb": spread([run.peak_mb for run in runs]),
        "bits_per_second": median([run.bits_per_second for run in runs]),
    }
    for name, values in (
        ("first_frame_s", [run.first_frame for run in runs if run.first_frame is not None]),
        ("render_s", [run.render for run in runs if run.render is not None]),
    ):
        if values:
            figures[name] = spread(values)
    return figures


def ratios(runs: dict[str, list[Run]]) -> dict[str, Any]:
    """Ratios of wall times, each within one repetition, where both ran minutes apart at most; then their spread.

    ``ours_to_bare`` sets our whole process against the bare encode section, ``ours_render_to_bare`` what we need from
    the first encoded frame on. ``to_ours`` says how many times our wall time each of the others takes.
    """
    ours, bare = runs.get(OURS), runs.get(BARE)
    found: dict[str, Any] = {}
    if ours and bare:
        pairs = list(zip(ours, bare, strict=True))
        found["ours_to_bare"] = spread([mine.wall / limit.wall for mine, limit in pairs])
        found["ours_cpu_to_bare"] = spread([mine.cpu / limit.cpu for mine, limit in pairs])
        found["ours_render_to_bare"] = spread([(mine.render or mine.wall) / limit.wall for mine, limit in pairs])
    if ours:
        found["to_ours"] = {
            name: spread([its.wall / mine.wall for its, mine in zip(others, ours, strict=True)])
            for name, others in runs.items()
            if name not in (OURS, BARE)
        }
    return found


HEADINGS = ("", "wall s", "min..max", "CPU s", "ms/frame", "peak MB", "x ours", "Mbit/s", "position px", "jitter px")


def table(result: dict[str, Any]) -> str:
    """The result for people: one line a contender, then the notes that the figures need."""
    lines: list[tuple[str, ...]] = [HEADINGS]
    notes: list[str] = []
    for name, entry in result["contenders"].items():
        if entry["skipped"]:
            notes.append(f"{name}: left out, {entry['skipped']}.")
        else:
            lines.append(_line(name, entry, result["ratios"].get("to_ours", {})))
            notes += _notes(name, entry, result["clip"]["frames"])
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    aligned = [
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in lines
    ]
    return "\n".join([*aligned, "", *_headlines(result), *notes])


def _line(name: str, entry: dict[str, Any], to_ours: dict[str, Spread]) -> tuple[str, ...]:
    figures, jitter = entry["summary"], entry["jitter"]
    about = "~" if figures["covers"] == "projected" else ""
    wall = figures["wall_s"]
    return (
        name,
        f"{about}{wall['median']:.2f}",
        f"{wall['min']:.2f}..{wall['max']:.2f}",
        f"{about}{figures['cpu_s']['median']:.2f}",
        f"{figures['wall_ms_per_frame']['median']:.1f}",
        # The process of the bare encoder holds the whole clip: its memory says nothing.
        f"{figures['peak_mb']['median']:.0f}" if figures["covers"] != "section" else "-",
        f"{to_ours[name]['median']:.2f}" if name in to_ours else "-",
        f"{figures['bits_per_second'] / 1e6:.2f}",
        f"{jitter['position_px']:.3f}" if jitter else "-",
        f"{jitter['jitter_px']:.3f}" if jitter else "-",
    )


def _notes(name: str, entry: dict[str, Any], frames: int) -> list[str]:
    found: list[str] = []
    if entry["summary"]["covers"] == "projected":
        found.append(f"{name}: made {entry['frames']} frames from the middle; wall and CPU are projected to {frames}.")
    if entry["failed"]:
        found.append(f"{name}: FAILED, {entry['failed']}.")
    if entry["x264"]["differs"]:
        differs = ", ".join(f"{key}={mine} (ours {ours})" for key, (mine, ours) in entry["x264"]["differs"].items())
        found.append(f"{name}: its x264 ran with {differs}.")
    return found


def _headlines(result: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    ratio = result["ratios"]
    if "ours_to_bare" in ratio:
        lines.append(
            f"ours / bare encoding: {_said(ratio['ours_to_bare'])} whole process to encode section; "
            f"{_said(ratio['ours_render_to_bare'])} from the first frame on; CPU {_said(ratio['ours_cpu_to_bare'])}."
        )
    start = result["startup"]
    if start:
        steps = ", ".join(f"{name} {value['median']:.2f}" for name, value in start["steps"].items())
        lines.append(f"our start-up: first frame encoded after {start['first_frame_s']['median']:.2f} s ({steps}).")
    floor = result["jitter_floor"]
    if floor:
        lines.append(
            f"jitter floor: {floor['coded']['jitter_px']:.3f} px in an exact clip encoded alike, "
            f"{floor['uncoded']['jitter_px']:.3f} px in the same not encoded."
        )
    return lines


def _said(value: Spread) -> str:
    return f"{value['median']:.2f} ({value['min']:.2f}..{value['max']:.2f})"
