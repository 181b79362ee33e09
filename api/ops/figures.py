"""Figures of the workers, one small file for each place of a worker, read when the metrics are asked for.

Web process, supervisor and workers come and go, also by kill -9. prometheus_client's files for many processes are named
by process id, so every replaced worker leaves some behind, and its figures either stay for ever or vanish. Here a file
belongs to a *slot* (``cpu-0``), of which a site has a fixed number: whoever works in the slot next goes on from what
the file holds, so counters never go down and nothing accumulates. A file is replaced by renaming, after every
observation (they come a few times a second at most), so a killed worker loses the one that it was about to write.
Nothing is flushed to the disk: after a loss of power a file may be empty, and its counters begin again, as Prometheus
expects of a restart.
"""

import json
import logging
import re
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOG = logging.getLogger(__name__)

FIGURES = "figures"
"""Folder of these files, in the data folder."""

WAIT_BUCKETS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
"""Upper bounds in seconds: how long jobs wait."""

STAGE_BUCKETS = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600)
"""Upper bounds in seconds: how long stages take."""

MAX_FILE_BYTES = 1_000_000

_VERSION = 1
_SLOT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(slots=True)
class Distribution:
    """A histogram: ``counts[n]`` values were at most ``bounds[n]`` and above the bound before; the last has none."""

    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        # A file of an older version may have other buckets: those counts cannot be told apart any more.
        if len(self.counts) != len(self.bounds) + 1:
            self.counts, self.total = [0] * (len(self.bounds) + 1), 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class Figures:
    """What one slot has done since its file began.

    Attributes:
        slot: its name.
        written: seconds since the epoch.
        waits: by lane, seconds from submitting a job to its start.
        stages: by stage, seconds of work.
        frames: encoded; ``encode_seconds``: what that took; ``frames_per_second``: of the last export.
        errors: by code of the exception tree.
    """

    slot: str
    written: float = 0.0
    waits: dict[str, Distribution] = field(default_factory=dict)
    stages: dict[str, Distribution] = field(default_factory=dict)
    frames: int = 0
    encode_seconds: float = 0.0
    frames_per_second: float = 0.0
    errors: dict[str, int] = field(default_factory=dict)


class WorkerFigures:
    """Counts for one slot; safe to use from many threads of the one process that works in it.

    Counting never makes a job fail: what cannot be written now is written with the next observation.

    Args:
        folder: where the files of all slots lie; made where it is not there.
        slot: small letters, digits and hyphens.

    Raises:
        ValueError: the slot's name is none.
    """

    def __init__(self, folder: Path, slot: str) -> None:
        if not _SLOT.fullmatch(slot):
            raise ValueError(f"{slot!r} is no name of a slot: small letters, digits and hyphens")
        self._path = folder / f"{slot}.json"
        self._lock = threading.Lock()
        self._figures = _read(self._path) or Figures(slot)

    def job_started(self, lane: str, waited: float) -> None:
        """A job was taken up, so many seconds after it was submitted."""
        with self._lock:
            # The clock of the one who submitted may be ahead of ours.
            self._figures.waits.setdefault(lane, Distribution(WAIT_BUCKETS)).add(max(0.0, waited))
            self._write()

    def stage_done(self, stage: str, seconds: float) -> None:
        """A stage of a job took so many seconds."""
        with self._lock:
            self._figures.stages.setdefault(stage, Distribution(STAGE_BUCKETS)).add(max(0.0, seconds))
            self._write()

    def encoded(self, frames: int, seconds: float) -> None:
        """So many frames were painted and encoded in so many seconds."""
        with self._lock:
            self._figures.frames += frames
            self._figures.encode_seconds += seconds
            self._figures.frames_per_second = frames / seconds if seconds > 0 else 0.0
            self._write()

    def failed(self, code: str) -> None:
        """A job failed with this code of :mod:`engine.core.errors`."""
        with self._lock:
            self._figures.errors[code] = self._figures.errors.get(code, 0) + 1
            self._write()

    def _write(self) -> None:
        self._figures.written = time.time()
        # Always the same second name: what a killed process left there is written over.
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(_to_json(self._figures)), encoding="utf-8")
            part.replace(self._path)
        except OSError as error:
            LOG.debug("figures of %s could not be written: %s", self._figures.slot, error)


def read_figures(folder: Path) -> list[Figures]:
    """The figures of every slot, by name; files that are damaged or of another version count as not there."""
    found = (_read(path) for path in sorted(folder.glob("*.json")))
    return [figures for figures in found if figures is not None]


def _to_json(figures: Figures) -> dict[str, object]:
    def written(group: dict[str, Distribution]) -> dict[str, object]:
        return {name: [item.counts, item.total] for name, item in group.items()}

    return {
        "version": _VERSION,
        "written": figures.written,
        "waits": written(figures.waits),
        "stages": written(figures.stages),
        "frames": figures.frames,
        "encode_seconds": figures.encode_seconds,
        "frames_per_second": figures.frames_per_second,
        "errors": figures.errors,
    }


def _read(path: Path) -> Figures | None:
    def group(given: dict[str, tuple[list[int], float]], bounds: Sequence[float]) -> dict[str, Distribution]:
        return {
            str(name): Distribution(tuple(bounds), [int(count) for count in counts], float(total))
            for name, (counts, total) in given.items()
        }

    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return None
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != _VERSION:
            return None
        return Figures(
            slot=path.stem,
            written=float(data["written"]),
            waits=group(data["waits"], WAIT_BUCKETS),
            stages=group(data["stages"], STAGE_BUCKETS),
            frames=int(data["frames"]),
            encode_seconds=float(data["encode_seconds"]),
            frames_per_second=float(data["frames_per_second"]),
            errors={str(code): int(count) for code, count in data["errors"].items()},
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
