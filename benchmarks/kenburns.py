"""The main job against the encoder's own speed and against other tools; the contract is in benchmarks/README.md.

python -m benchmarks.kenburns [--seconds 30] [--repeat 5] [--only ours,bare,zoompan] [--output RESULT.json]
"""

import argparse
import json
import os
import resource
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.clip import Clip, whole_clip
from benchmarks.contenders import CONTENDERS, OURS, Contender
from benchmarks.machine import load_average, machine, versions
from benchmarks.process import ContenderFailed, measure
from benchmarks.report import ratios, spread, summary, table
from benchmarks.runs import Run, run
from benchmarks.x264 import options_in, settings

HERE = Path(__file__).resolve().parent
PHOTO = HERE.parent / "examples" / "dandelion.jpg"
RATE = 30
ZOOM = 1.2
FOCUS = (0.5, 0.5)

WARM_UP_FRAMES = 6
"""Frames of the untimed run that puts files into the page cache and compiled code where it is looked for."""

JITTER_LEAST_FRAMES = 3
"""A second difference needs so many."""

SCHEMA = "multiplane-benchmark-kenburns-1"


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; 1 if a contender failed, 2 for a wrong option."""
    options = _parser().parse_args(arguments)
    size = tuple(int(side) for side in options.size.split("x"))
    try:
        clip = whole_clip(options.photo.resolve(), (size[0], size[1]), RATE, options.seconds, ZOOM, FOCUS)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    output = options.output or HERE / "results" / f"kenburns-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    chosen = [CONTENDERS[name] for name in options.only]
    with tempfile.TemporaryDirectory(prefix="kenburns-") as folder:
        keep = (options.keep or Path(folder)).resolve()
        keep.mkdir(parents=True, exist_ok=True)
        result = _benchmark(clip, chosen, options.repeat, options.moviepy_seconds, keep)
    output.write_text(json.dumps(_rounded(result), indent=2) + "\n")
    print(table(result))
    print(f"written: {output}")
    return 1 if any(entry.get("failed") for entry in result["contenders"].values()) else 0


def _benchmark(
    clip: Clip, chosen: list[Contender], repeat: int, excerpt_seconds: Fraction, folder: Path
) -> dict[str, Any]:
    began = datetime.now(UTC)
    before = machine()
    problems = {each.name: each.problem(clip) for each in chosen}
    able = [each for each in chosen if not problems[each.name]]
    excerpt = clip.middle(int(excerpt_seconds * clip.rate)) if excerpt_seconds else clip
    clips = {each.name: excerpt if each.excerpt else clip for each in able}
    videos = {each.name: folder / f"{each.name}.mp4" for each in able}
    failures: dict[str, str] = {}
    runs, loads = _repetitions(able, clips, videos, repeat, failures)
    startup = _startup(clip, repeat) if OURS in runs else []
    for name in failures:
        runs.pop(name, None)
    _say("measuring the jitter")
    jitter = _jitter({name: (clips[name], videos[name]) for name in runs}, clip, failures)
    x264 = {name: options_in(videos[name]) for name in runs}
    ours = x264.get(OURS)
    entries: dict[str, Any] = {}
    for each in chosen:
        name = each.name
        entries[name] = {"about": each.about, "skipped": problems[name], "failed": failures.get(name, "")}
        if name not in runs:
            entries[name]["skipped"] = problems[name] or f"it failed: {failures[name]}"
            continue
        core, used = x264[name]
        entries[name] |= {
            "frames": clips[name].count,
            "summary": summary(runs[name], clip.frames),
            "jitter": jitter.get(name),
            "x264": {"core": core, "options": used, "differs": _differences(used, ours[1] if ours else used)},
            "repetitions": [asdict(each_run) for each_run in runs[name]],
        }
    return {
        "schema": SCHEMA,
        "date": began.isoformat(timespec="seconds"),
        "machine": before | {"load_average_by_repetition": loads},
        "versions": versions(list(runs)),
        "clip": asdict(replace(clip, photo=Path(clip.photo).name)),
        "x264_settings": settings(clip.width, clip.height, clip.rate),
        "repeat": repeat,
        "warm_up_frames": WARM_UP_FRAMES,
        "peak_floor_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "ratios": ratios(runs),
        "startup": _startup_summary(startup, runs.get(OURS, [])),
        "jitter_floor": jitter.get(""),
        "contenders": entries,
    }


def _repetitions(
    able: list[Contender], clips: dict[str, Clip], videos: dict[str, Path], repeat: int, failures: dict[str, str]
) -> tuple[dict[str, list[Run]], list[list[float]]]:
    """Warm everyone up, then let all run in turn, ``repeat`` times; who fails once is left out from then on."""
    runs: dict[str, list[Run]] = {}
    loads: list[list[float]] = []
    for repetition in range(-1, repeat):
        loads.append(load_average())
        # Each repetition begins with another contender: nobody always runs first, or after the same one.
        turn = max(0, repetition) % max(1, len(able))
        for each in able[turn:] + able[:turn]:
            if each.name in failures:
                continue
            warming = repetition < 0
            clip = clips[each.name]
            try:
                done = run(each, clip.shortened(WARM_UP_FRAMES) if warming else clip, videos[each.name])
            except ContenderFailed as error:
                failures[each.name] = str(error)
                _say(f"{each.name} failed: {error}")
                continue
            if not warming:
                runs.setdefault(each.name, []).append(done)
                _say(f"repetition {repetition + 1} of {repeat}: {each.name} {done.wall:.2f} s, CPU {done.cpu:.2f} s")
    return runs, loads


def _startup(clip: Clip, repeat: int) -> list[dict[str, float]]:
    """Seconds of each step before our first frame, ``repeat`` times, the interpreter's start first."""
    steps: list[dict[str, float]] = []
    for _ in range(repeat):
        (at, _), (_, event) = measure([sys.executable, "-m", "benchmarks.startup", clip.to_json()]).events
        steps.append({"interpreter": at, **event["steps"]})
    return steps


def _startup_summary(steps: list[dict[str, float]], ours: list[Run]) -> dict[str, Any] | None:
    if not ours:
        return None
    return {
        "first_frame_s": spread([each.first_frame for each in ours if each.first_frame is not None]),
        "steps": {name: spread([each[name] for each in steps]) for name in steps[0]},
        "repetitions": steps,
    }


def _jitter(
    videos: dict[str, tuple[Clip, Path]], clip: Clip, failures: dict[str, str]
) -> dict[str, dict[str, Any] | None]:
    """The jitter of each video, and under the empty name the floor; off every clock, a process a core."""
    if clip.count < JITTER_LEAST_FRAMES:
        return {}
    jobs = {name: [each.to_json(), str(path)] for name, (each, path) in videos.items()} | {"": [clip.to_json()]}
    # Small matrices: more than one thread for each would only be in the way of the other processes.
    one_thread = ["env", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"]

    def figures(name: str) -> dict[str, Any] | None:
        try:
            _, event = measure([*one_thread, sys.executable, "-m", "benchmarks.jitter", *jobs[name]]).events[0]
        except ContenderFailed as error:
            # What was timed is not thrown away for it.
            failures[name] = f"its jitter could not be measured: {error}"
            _say(f"{name or 'the floor'}: {failures[name]}")
            return None
        return {key: value for key, value in event.items() if key != "event"}

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return dict(zip(jobs, pool.map(figures, jobs), strict=True))


def _differences(used: dict[str, str], ours: dict[str, str]) -> dict[str, tuple[str, str]]:
    """The x264 options in which a stream differs from ours: its value and ours."""
    keys = sorted(used.keys() | ours.keys())
    return {key: (used.get(key, "-"), ours.get(key, "-")) for key in keys if used.get(key) != ours.get(key)}


def _rounded(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The same with six significant digits: more were not measured."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kenburns", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=Fraction, default=Fraction(30), help="length of the clip; default: 30")
    parser.add_argument("--repeat", type=_positive, default=5, help="repetitions; default: 5")
    parser.add_argument(
        "--only", type=_names, default=list(CONTENDERS), help=f"some of {','.join(CONTENDERS)}; default: all"
    )
    parser.add_argument(
        "--moviepy-seconds", type=Fraction, default=Fraction(3), metavar="SECONDS",
        help="MoviePy makes only so much, from the middle; its figures are projected; 0: all; default: 3",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, help="the result's JSON; default: a dated file in benchmarks/results")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave everyone's last MP4 there")
    parser.add_argument("--photo", type=Path, default=PHOTO, help="a photo of the video's shape")
    parser.add_argument("--size", default="1920x1080", help="of the video; default: 1920x1080")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in CONTENDERS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(CONTENDERS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
