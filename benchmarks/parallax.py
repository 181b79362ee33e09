"""A photo with depth against the encoder's own speed, Ken Burns and DepthFlow; the contract is in benchmarks/README.md.

python -m benchmarks.parallax [--seconds 30] [--repeat 3] [--only ours,bare,depthflow] [--output RESULT.json]
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks import depthflow
from benchmarks.machine import load_average, machine, versions
from benchmarks.parallax_contenders import CONTENDERS, DEPTHFLOW, Contender, Stage
from benchmarks.parallax_figures import Figures, figures_of, ratios, summary
from benchmarks.process import ContenderFailed, ProcessFigures, measure
from benchmarks.x264 import settings

HERE = Path(__file__).resolve().parent
PHOTO = HERE.parent / "examples" / "dandelion.jpg"
RATE = 30
WARM_UP_FRAMES = 6
"""Frames of the untimed run that puts files into the page cache and compiled code where it is looked for."""

SCHEMA = "multiplane-benchmark-parallax-1"


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
                "summary": summary(runs[name]) if name in runs else None,
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
