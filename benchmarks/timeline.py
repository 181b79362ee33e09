"""A one-minute edit against the encoder's own speed and against MoviePy; the contract is in benchmarks/README.md.

python -m benchmarks.timeline [--repeat 3] [--only ours,bare,moviepy] [--minutes 10] [--output RESULT.json]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import moviepy_environment
from benchmarks.machine import load_average, machine, versions
from benchmarks.process import ContenderFailed, ProcessFigures, measure
from benchmarks.report import spread
from benchmarks.timeline_edit import HEIGHT, MINUTE, RATE, WIDTH, Media, for_others, make_media, write_draft
from benchmarks.x264 import settings

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parent / "examples" / "dandelion.jpg"
EXCERPT = (13.2, 23.2)
"""Seconds of MoviePy's excerpt: of its ten seconds, one dissolve and nearly all of a title, about the whole edit's
share of both; one voice."""

SCHEMA = "multiplane-benchmark-timeline-1"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a run of the benchmark works with.

    Attributes:
        media: the files of the edit.
        drafts: the draft files by their minutes.
        folder: where videos go.
        font: a font file that has Latin and Chinese, for MoviePy.
    """

    media: Media
    drafts: dict[int, Path]
    folder: Path
    font: Path | None


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to the edit.

    Attributes:
        about: one line.
        command: the process that makes it.
        minutes: of the edit.
        share: of the edit that it makes; its figures are projected to the whole.
    """

    about: str
    command: Callable[[Stage, Path], list[str]]
    minutes: int = 1
    share: float = 1.0


def _ours(minutes: int, *more: str) -> Callable[[Stage, Path], list[str]]:
    def command(stage: Stage, target: Path) -> list[str]:
        program = str(Path(sys.executable).with_name("multiplane"))
        draft = str(stage.drafts[minutes])
        return [program, "render", draft, "-o", str(target), "--overwrite", "--no-cache", "--json", *more]

    return command


def _bare(stage: Stage, target: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.bare_timeline", str(stage.drafts[1]), str(target)]


def _moviepy(stage: Stage, target: Path) -> list[str]:
    assert stage.font is not None
    edit = json.dumps(for_others(stage.media, stage.font))
    x264 = json.dumps(settings(WIDTH, HEIGHT, RATE))
    script = str(HERE / "moviepy_timeline.py")
    begin, end = (str(second) for second in EXCERPT)
    return [str(moviepy_environment.interpreter()), script, edit, x264, begin, end, str(target)]


def contenders(minutes: int) -> dict[str, Contender]:
    """Everyone by name; the long edit only where it is asked for."""
    share = (EXCERPT[1] - EXCERPT[0]) / (MINUTE / 1000)
    found = {
        "ours": Contender("multiplane render, in threads", _ours(1)),
        "ours-processes": Contender("multiplane render --processes 2", _ours(1, "--processes", "2")),
        "bare": Contender("x264 encodes ready-made frames of the edit, no sound (encode section only)", _bare),
        "moviepy": Contender("MoviePy, photos scaled first", _moviepy, share=share),
    }
    if minutes > 1:
        found[f"ours-{minutes}min"] = Contender(f"the same edit {minutes} times over", _ours(minutes), minutes)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; 1 if a contender failed."""
    options = _parser().parse_args(arguments)
    chosen = contenders(options.minutes)
    if options.only:
        chosen = {name: chosen[name] for name in options.only.split(",")}
    output = options.output or HERE / "results" / f"timeline-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    with tempfile.TemporaryDirectory(prefix="timeline-") as temporary:
        folder = (options.keep or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        photos = sorted(options.photos.resolve().glob("*.jpg")) if options.photos else [EXAMPLE]
        media = make_media(photos, folder)
        drafts = {
            minutes: write_draft(media, minutes, folder / f"draft-{minutes}.json")
            for minutes in {each.minutes for each in chosen.values()} | {1}
        }
        result = _benchmark(chosen, Stage(media, drafts, folder, options.font), options.repeat)
    result["photos"] = [photo.name for photo in photos]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=2) + "\n")
    print(table(result))
    print(f"written: {output}")
    return 1 if result["failed"] else 0


def _benchmark(chosen: dict[str, Contender], stage: Stage, repeat: int) -> dict[str, Any]:
    began = datetime.now(UTC)
    before = machine()
    skipped = {name: _problem(name, stage) for name in chosen}
    runs: dict[str, list[ProcessFigures]] = {}
    failed: dict[str, str] = {}
    loads = []
    able = [name for name in chosen if not skipped[name]]
    for repetition in range(repeat):
        loads.append(load_average())
        turn = repetition % max(1, len(able))
        for name in able[turn:] + able[:turn]:
            # What takes ten times as long is run once.
            if name in failed or (repetition and chosen[name].minutes > 1):
                continue
            try:
                figures = measure(chosen[name].command(stage, stage.folder / f"{name}.mp4"))
            except ContenderFailed as error:
                failed[name] = str(error)
                print(f"{name} failed: {error}", file=sys.stderr, flush=True)
                continue
            runs.setdefault(name, []).append(figures)
            line = f"repetition {repetition + 1} of {repeat}: {name} {_wall(chosen[name], figures):.1f} s"
            print(line, file=sys.stderr, flush=True)
    entries = {}
    for name, each in chosen.items():
        entry: dict[str, Any] = {"about": each.about, "minutes": each.minutes, "share": each.share}
        entry["skipped"] = skipped[name]
        if name in runs:
            entry["wall_s"] = spread([_wall(each, figures) for figures in runs[name]])
            entry["cpu_s"] = spread([_cpu(each, figures) for figures in runs[name]])
            entry["peak_mb"] = spread([figures.peak_mb for figures in runs[name]])
            entry["bytes"] = (stage.folder / f"{name}.mp4").stat().st_size
            entry["repetitions"] = [asdict(figures) | {"events": _last(figures)} for figures in runs[name]]
        entries[name] = entry
    return {
        "schema": SCHEMA,
        "date": began.isoformat(timespec="seconds"),
        "machine": before | {"load_average_by_repetition": loads},
        "versions": versions(list(runs)),
        "x264_settings": settings(WIDTH, HEIGHT, RATE),
        "repeat": repeat,
        "ratios": _ratios(chosen, runs),
        "failed": failed,
        "contenders": entries,
    }


def _problem(name: str, stage: Stage) -> str:
    if name != "moviepy":
        return ""
    if stage.font is None:
        return "it needs a font file that has Latin and Chinese: --font FILE"
    return moviepy_environment.problem()


def _wall(contender: Contender, figures: ProcessFigures) -> float:
    """Seconds for the whole edit; of ``bare`` the encode section, of an excerpt its preparation and its frames."""
    section = [event for _, event in figures.events if event.get("event") == "section"]
    if section:
        return float(section[0]["wall"])
    ready = [at for at, event in figures.events if event.get("event") == "ready"]
    if not ready:
        return figures.wall
    return ready[0] + (figures.wall - ready[0]) / contender.share


def _cpu(contender: Contender, figures: ProcessFigures) -> float:
    section = [event for _, event in figures.events if event.get("event") == "section"]
    if section:
        return float(section[0]["cpu"])
    ready = [event["cpu"] for _, event in figures.events if event.get("event") == "ready"]
    return ready[0] + (figures.cpu - ready[0]) / contender.share if ready else figures.cpu


def _last(figures: ProcessFigures) -> list[tuple[float, dict[str, Any]]]:
    """The events that are no progress, files by their names alone."""
    return [
        (at, event | ({"output": Path(event["output"]).name} if "output" in event else {}))
        for at, event in figures.events
        if event.get("event") not in ("progress", "plan")
    ]


def _ratios(chosen: dict[str, Contender], runs: dict[str, list[ProcessFigures]]) -> dict[str, Any]:
    """Each contender's wall time over the bare encoder's and ours, within one repetition; then their spread."""
    found: dict[str, Any] = {}
    for against in ("bare", "ours"):
        for name in runs:
            if against in runs and name != against:
                pairs = zip(runs[name], runs[against], strict=False)
                found[f"{name} / {against}"] = spread(
                    [_wall(chosen[name], its) / _wall(chosen[against], base) for its, base in pairs]
                )
    return found


def table(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [f"{'':16} {'wall s':>8} {'min..max':>16} {'CPU s':>8} {'peak MB':>8} {'MB':>7}"]
    for name, entry in result["contenders"].items():
        if entry["skipped"] or "wall_s" not in entry:
            lines.append(f"{name:16} left out: {entry['skipped'] or result['failed'].get(name, '')}")
            continue
        wall = entry["wall_s"]
        about = "~" if entry["share"] < 1 else ""
        bounds = f"{wall['min']:.1f}..{wall['max']:.1f}"
        # The process of the bare encoder holds all frames: its memory says nothing.
        peak = "-" if name == "bare" else f"{entry['peak_mb']['median']:.0f}"
        lines.append(
            f"{name:16} {about + format(wall['median'], '.1f'):>8} {bounds:>16} {entry['cpu_s']['median']:>8.1f} "
            f"{peak:>8} {entry['bytes'] / 1e6:>7.1f}"
        )
    lines.append("")
    for name, value in result["ratios"].items():
        lines.append(f"{name}: {value['median']:.2f} ({value['min']:.2f}..{value['max']:.2f})")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timeline", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="repetitions; default: 3")
    parser.add_argument("--only", help="some of the contenders, with commas")
    parser.add_argument("--minutes", type=int, default=10, help="of the long edit, run once; 1: none; default: 10")
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="JPEG photos; default: the example photo alone")
    parser.add_argument("--font", type=Path, metavar="FILE", help="with Latin and Chinese, for MoviePy")
    parser.add_argument("--output", type=Path, help="the result's JSON; default: a dated file in benchmarks/results")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave media, drafts and videos there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
