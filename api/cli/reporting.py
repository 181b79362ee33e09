"""How a rendering is told: a bar on a terminal, plain lines elsewhere, JSON lines for programs."""

import json
import sys
import time
from dataclasses import asdict
from types import TracebackType
from typing import Protocol, Self

from api.cli.drafting import Drafted, headline
from engine.core.time import frame_count
from engine.timeline import describe
from pipelines.render import Progress, RenderReport

LINE_INTERVAL = 2.0
"""Seconds between two progress lines where there is no terminal."""

JSON_INTERVAL = 0.25
"""Seconds between two progress objects."""


class Reporter(Protocol):
    """Receives the progress of one rendering; a context manager around it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def progress(self, progress: Progress) -> None:
        """One more frame is encoded."""
        ...

    def finished(self, report: RenderReport) -> None:
        """The file is there."""
        ...


def make_reporter(drafted: Drafted, *, as_json: bool) -> Reporter:
    """The reporter that suits where standard output goes."""
    if as_json:
        return JsonReporter(drafted)
    _say_plan(drafted)
    return BarReporter(drafted) if sys.stderr.isatty() else LineReporter(drafted)


class Pace:
    """How fast frames come: frames per second, times real time, seconds left.

    Args:
        frame_rate: of the video, frames per second.
    """

    def __init__(self, frame_rate: float) -> None:
        self.frame_rate = frame_rate
        self._first: tuple[float, int] | None = None

    def measure(self, progress: Progress) -> tuple[float, float, float] | None:
        """(frames per second, speed, seconds left); None as long as there is nothing to measure.

        Neither the preparation before the first frame nor the frames that were there already are counted.
        """
        now = time.monotonic()
        if self._first is None:
            self._first = now, progress.frame
        began, first = self._first
        if _is_generating(progress):
            self._first = None  # frames begin when clips are made
            return None
        if progress.frame <= first:
            return None
        fps = (progress.frame - first) / max(1e-9, now - began)
        return fps, fps / self.frame_rate, (progress.total - progress.frame) / fps


class JsonReporter:
    """One JSON object a line on standard output: ``plan``, ``progress`` ..., ``done``."""

    def __init__(self, drafted: Drafted) -> None:
        self._drafted = drafted
        self._pace = Pace(float(drafted.draft.frame_rate))
        self._last = 0.0

    def __enter__(self) -> Self:
        plan = self._drafted.plan
        self._print(
            event="plan",
            timeline=describe(self._drafted.draft),
            said=plan.said,
            not_understood=list(plan.not_understood),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def progress(self, progress: Progress) -> None:
        """Print at most one object in JSON_INTERVAL, and always the last."""
        pace = self._pace.measure(progress)
        now = time.monotonic()
        if now - self._last >= JSON_INTERVAL or progress.frame == progress.total:
            self._last = now
            fps, speed, eta = pace or (0.0, 0.0, None)
            self._print(
                event="progress",
                frame=progress.frame,
                frames=progress.total,
                fps=round(fps, 1),
                speed=round(speed, 2),
                eta=None if eta is None else round(eta, 1),
                **({} if progress.generated is None else {"generated": round(progress.generated, 3)}),
            )

    def finished(self, report: RenderReport) -> None:
        """Print the final object."""
        canvas = self._drafted.draft.canvas
        self._print(
            event="done",
            output=str(report.path),
            bytes=report.path.stat().st_size,
            width=canvas.width,
            height=canvas.height,
            frames=report.frames,
            duration=round(float(report.duration), 3),
            wall=round(report.wall, 3),
            notes=list(report.notes),
            parts=report.gops,
            reused=report.reused,
            sound=None if report.sound is None else asdict(report.sound),
            generated=[clip.to_json() for clip in report.generated],
        )

    def _print(self, **members: object) -> None:
        print(json.dumps(members, ensure_ascii=False), flush=True)


class LineReporter:
    """Plain lines on standard error."""

    def __init__(self, drafted: Drafted) -> None:
        self._pace = Pace(float(drafted.draft.frame_rate))
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def progress(self, progress: Progress) -> None:
        """Print at most one line in LINE_INTERVAL."""
        pace = self._pace.measure(progress)
        now = time.monotonic()
        if now - self._last >= LINE_INTERVAL:
            self._last = now
            line = f"{progress.frame}/{progress.total} frames"
            if _is_generating(progress):
                line = f"generating, {progress.generated:.0%}"
            if pace is not None:
                fps, speed, eta = pace
                line += f", {fps:.0f} fps, {speed:.1f}x real time, {eta:.0f} s left"
            print(line, file=sys.stderr, flush=True)

    def finished(self, report: RenderReport) -> None:
        """Say what was made."""
        _say_finished(report)


class BarReporter:
    """A rich progress bar on standard error."""

    def __init__(self, drafted: Drafted) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._pace = Pace(float(drafted.draft.frame_rate))
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} frames  {task.fields[pace]}"),
            console=Console(stderr=True),
            transient=True,
        )
        frames = frame_count(drafted.draft.duration, drafted.draft.frame_rate)
        self._task = self._bar.add_task("Preparing", total=frames, pace="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def progress(self, progress: Progress) -> None:
        """Move the bar; rich limits how often it is drawn."""
        measured = self._pace.measure(progress)
        pace = ""
        if measured is not None:
            fps, speed, eta = measured
            pace = f"{fps:.0f} fps  {speed:.1f}x  ETA {int(eta) // 60}:{int(eta) % 60:02d}"
        if _is_generating(progress):
            self._bar.update(self._task, description=f"Generating {progress.generated:.0%}", pace="")
            return
        self._bar.update(self._task, description="Rendering", completed=progress.frame, pace=pace)

    def finished(self, report: RenderReport) -> None:
        """Say what was made."""
        _say_finished(report)


def _is_generating(progress: Progress) -> bool:
    return progress.generated is not None and progress.generated < 1


def _say_plan(drafted: Drafted) -> None:
    print(headline(drafted.draft), file=sys.stderr)
    print(describe(drafted.draft), file=sys.stderr)
    if drafted.plan.said:
        print(drafted.plan.said, file=sys.stderr, flush=True)


def _say_finished(report: RenderReport) -> None:
    for note in report.notes:
        print(f"Note: {note}", file=sys.stderr)
    speed = float(report.duration) / report.wall
    size = report.path.stat().st_size / 1e6
    summary = (
        f"{report.frames} frames, {float(report.duration):g} s, {size:.1f} MB in {report.wall:.1f} s ({speed:.1f}x)"
    )
    if report.reused:
        share = report.reused / report.gops
        summary += f"; {report.reused} of {report.gops} parts ({share:.0%}) taken from the cache"
    print(f"{report.path}: {summary}", flush=True)
