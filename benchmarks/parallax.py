"""A photo with depth against the encoder's own speed, Ken Burns and DepthFlow; the contract is in benchmarks/README.md.

python -m benchmarks.parallax [--seconds 30] [--repeat 3] [--only ours,bare,depthflow] [--output RESULT.json]
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks import depthflow
from benchmarks.machine import load_average, machine, versions
from benchmarks.parallax_contenders import (
    AGAIN,
    BARE,
    CONTENDERS,
    DEPTHFLOW,
    FIRST,
    FLAT_OURS,
    OURS,
    THIRD,
    Contender,
    Stage,
)
from benchmarks.process import ContenderFailed, ProcessFigures, measure
from benchmarks.report import Spread, spread
from benchmarks.x264 import settings

HERE = Path(__file__).resolve().parent
PHOTO = HERE.parent / "examples" / "dandelion.jpg"
RATE = 30
WARM_UP_FRAMES = 6
"""Frames of the untimed run that puts files into the page cache and compiled code where it is looked for."""

SCHEMA = "multiplane-benchmark-parallax-1"


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


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; 1 if a contender failed."""
    options = _parser().parse_args(arguments)
    width, height = (int(side) for side in options.size.split("x"))
    output = options.output or HERE / "results" / f"parallax-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    with tempfile.TemporaryDirectory(prefix="parallax-") as temporary:
        folder = (options.keep or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        stage = Stage(options.photo.resolve(), folder, (width, height), RATE, options.seconds)
        result = _benchmark(options.only, stage, options.repeat)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(table(result))
    print(f"written: {output}")
    return 1 if result["failed"] else 0


def _benchmark(names: list[str], stage: Stage, repeat: int) -> dict[str, Any]:
    began = datetime.now(UTC)
    before = machine()
    skipped = {name: CONTENDERS[name].problem() for name in names}
    groups = grouped([name for name in names if not skipped[name]])
    runs: dict[str, list[Figures]] = {}
    failed: dict[str, str] = {}
    loads = []
    for repetition in range(-1, repeat):
        loads.append(load_average())
        # Each repetition begins with another contender: nobody always runs first, or after the same one.
        turn = max(0, repetition) % max(1, len(groups))
        for name in (name for group in groups[turn:] + groups[:turn] for name in group):
            if name in failed:
                continue
            try:
                target = stage.folder / f"{name}.mp4"
                if repetition < 0:
                    made(CONTENDERS[name], stage, min(WARM_UP_FRAMES, stage.frames()), target)
                    continue
                figures = run(CONTENDERS[name], stage, target)
            except ContenderFailed as error:
                failed[name] = str(error)
                print(f"{name} failed: {error}", file=sys.stderr, flush=True)
                continue
            runs.setdefault(name, []).append(figures)
            line = f"repetition {repetition + 1} of {repeat}: {name} {figures.wall:.2f} s"
            print(line, file=sys.stderr, flush=True)
    for name in failed:
        runs.pop(name, None)
    found = versions(list(runs))
    if DEPTHFLOW in runs:
        found["depthflow_environment"] = depthflow.versions()
    return {
        "schema": SCHEMA,
        "date": began.isoformat(timespec="seconds"),
        "machine": before | {"load_average_by_repetition": loads},
        "versions": found,
        "clip": {
            "photo": stage.photo.name,
            "size": list(stage.size),
            "rate": stage.rate,
            "frames": {name: stage.frames(CONTENDERS[name].shorter) for name in names},
        },
        "x264_settings": settings(*stage.size, stage.rate),
        "repeat": repeat,
        "warm_up_frames": WARM_UP_FRAMES,
        "ratios": ratios(runs),
        "failed": failed,
        "contenders": {
            name: {
                "about": CONTENDERS[name].about,
                "excerpts": list(CONTENDERS[name].excerpts),
                "skipped": skipped[name],
                "summary": _summary(runs[name]) if name in runs else None,
                "repetitions": [asdict(each) for each in runs.get(name, [])],
            }
            for name in names
        },
    }


def grouped(names: list[str]) -> list[list[str]]:
    """The contenders in groups that stay together: who needs another to have run just before stands behind it."""
    groups: list[list[str]] = []
    for name in names:
        if groups and CONTENDERS[name].after == groups[-1][-1]:
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups


def run(contender: Contender, stage: Stage, target: Path) -> Figures:
    """Let a contender make its clip, or excerpts of it, and account for it.

    Raises:
        ContenderFailed: see :func:`made`.
    """
    frames = stage.frames(contender.shorter)
    counts = list(contender.excerpts) or [frames]
    return figures_of([made(contender, stage, count, target) for count in counts], counts, frames)


def made(contender: Contender, stage: Stage, frames: int, target: Path) -> ProcessFigures:
    """Let a contender make so many frames.

    Raises:
        ContenderFailed: its process failed, or left no file.
    """
    target.unlink(missing_ok=True)
    figures = measure(contender.command(stage, frames, target))
    if not target.exists():
        raise ContenderFailed("it ended without an error and without a file")
    return figures


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


def _summary(runs: list[Figures]) -> dict[str, Any]:
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


HEADINGS = ("set-up s", "ms/frame", "wall s", "min..max", "CPU s", "peak MB")
COLUMNS = (10, 10, 9, 16, 8, 9)
"""Their widths in characters."""


def table(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [f"{'':12}" + "".join(f"{title:>{width}}" for title, width in zip(HEADINGS, COLUMNS, strict=True))]
    notes: list[str] = []
    said: dict[str, list[str]] = {}
    for name, entry in result["contenders"].items():
        figures = entry["summary"]
        if figures is None:
            notes.append(f"{name}: left out, {entry['skipped'] or result['failed'].get(name, '')}.")
            continue
        wall = figures["wall_s"]
        cells = [
            f"{figures['setup_s']['median']:.2f}" if "setup_s" in figures else "-",
            f"{figures['frame_ms']['median']:.1f}",
            f"{'~' if figures['covers'] == 'projected' else ''}{wall['median']:.2f}",
            f"{wall['min']:.1f}..{wall['max']:.1f}",
            f"{figures['cpu_s']['median']:.1f}",
            # The process of the bare encoder holds all frames: its memory says nothing.
            "-" if figures["covers"] == "section" else f"{figures['peak_mb']['median']:.0f}",
        ]
        lines.append(f"{name:12}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, COLUMNS, strict=True)))
        for note in figures["notes"]:
            said.setdefault(note, []).append(name)
        if entry["excerpts"]:
            counts = " and ".join(str(count) for count in entry["excerpts"])
            notes.append(
                f"{name}: made {counts} frames; its figures are projected to {result['clip']['frames'][name]}."
            )
    ratio = [f"{name}: {of['median']:.2f} ({of['min']:.2f}..{of['max']:.2f})" for name, of in result["ratios"].items()]
    notes += [f"{', '.join(names)} said: {note}" for note, names in said.items()]
    return "\n".join([*lines, "", *ratio, *notes])


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in CONTENDERS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(CONTENDERS)}")
    # In the table's order, in which those that belong together stand together.
    return [name for name in CONTENDERS if name in names]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parallax", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=Fraction, default=Fraction(30), help="length of the clip; default: 30")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions; default: 3")
    parser.add_argument("--only", type=_names, default=list(CONTENDERS), help="some of the contenders, with commas")
    parser.add_argument("--photo", type=Path, default=PHOTO, help="default: the example photo")
    parser.add_argument("--size", default="1920x1080", help="of the video; default: 1920x1080")
    parser.add_argument("--output", type=Path, help="the result's JSON; default: a dated file in benchmarks/results")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave drafts, videos and the cache there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
