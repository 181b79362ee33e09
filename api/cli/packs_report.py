"""How packs are told: a bar on a terminal, plain lines elsewhere, JSON lines for programs."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from engine.core.errors import MultiplaneError
from engine.packs import FileProblem, Manifest, Pack, PackProgress, installed_packs, licence_problem, registry

PHASES = {
    "waiting": "waiting for another process",
    "fetching": "fetching",
    "copying": "copying",
    "checking": "checking",
    "installed": "installed",
}

JSON_INTERVAL = 0.25
"""Seconds between two progress objects of one phase."""

_PROBLEMS = {
    "missing": "is missing",
    "differs": "is not what was installed",
    "strange": "does not belong to the pack",
    "unreadable": "cannot be read",
}


class PackReporter:
    """Tells one line a phase on standard error, and what became of each pack on standard output."""

    def __init__(self) -> None:
        self._last = ("", "")
        self._told = 0.0
        self._pack: Pack | None = None

    @contextmanager
    def pack(self, pack: Pack) -> Iterator[None]:
        """Around the installation of one pack: what its licence asks for is told when it is installed."""
        self._pack = pack
        yield

    def progress(self, progress: PackProgress) -> None:
        """One phase began, or more bytes arrived."""
        step = (progress.pack_id, progress.phase)
        if step == self._last:
            return
        self._last = step
        if progress.phase == "installed":
            self.note(progress.pack_id, "installed", f"is installed{self._terms()}")
        else:
            print(f"{progress.pack_id}: {PHASES[progress.phase]}{_size_of(progress)}", file=sys.stderr, flush=True)

    def note(self, pack_id: str, event: str, about: str) -> None:
        """What became of a pack."""
        print(f"{pack_id} {about}", flush=True)

    def _terms(self) -> str:
        licence = self._pack and self._pack.licence
        return f" under the {licence.name} ({licence.limits})" if licence and licence.limits else ""

    def unreached(self, pack_ids: str, problem: str, arguments: str) -> None:
        """Packs that could not be fetched, where that is no failure; how to try again."""
        later = f"Try later: multiplane packs pull {arguments}"
        print(f"multiplane: not fetched: {pack_ids} ({problem}). {later}", file=sys.stderr)


class BarReporter(PackReporter):
    """Shows a bar while a pack is fetched."""

    @contextmanager
    def pack(self, pack: Pack) -> Iterator[None]:
        """Around the installation of one pack: the bar goes away at its end."""
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with super().pack(pack), Progress(*columns, console=Console(stderr=True), transient=True) as self._bar:
            self._task = self._bar.add_task(pack.id, total=None)
            yield

    def progress(self, progress: PackProgress) -> None:
        """Move the bar; it runs to and fro where bytes cannot be counted."""
        if progress.phase == "installed":
            super().progress(progress)
            return
        total = progress.total if progress.done else None
        text = f"{progress.pack_id}: {PHASES[progress.phase]}"
        self._bar.update(self._task, description=text, completed=progress.done, total=total)


class JsonReporter(PackReporter):
    """One JSON object a line on standard output."""

    def progress(self, progress: PackProgress) -> None:
        """Print each phase, and how far it is; ``installed`` is an event of its own."""
        if progress.phase == "installed":
            licence = self._pack and self._pack.licence
            terms = {"licence": licence.spdx, "limits": licence.limits} if licence else {}
            _print(event="installed", pack=progress.pack_id, **terms)
            return
        step, now = (progress.pack_id, progress.phase), time.monotonic()
        if step != self._last or now - self._told >= JSON_INTERVAL:
            self._last, self._told = step, now
            _print(
                event="progress",
                pack=progress.pack_id,
                phase=progress.phase,
                bytes=progress.done,
                total=progress.total or None,
            )

    def note(self, pack_id: str, event: str, about: str) -> None:
        """Print the event."""
        _print(event=event, pack=pack_id)

    def unreached(self, pack_ids: str, problem: str, arguments: str) -> None:
        """Print the event."""
        _print(event="not_fetched", packs=pack_ids.split(), problem=problem)


def make_pack_reporter(*, as_json: bool) -> PackReporter:
    """The reporter that suits where the output goes."""
    if as_json:
        return JsonReporter()
    return BarReporter() if sys.stderr.isatty() else PackReporter()


def print_list(pack_ids: Sequence[str], *, files: bool, as_json: bool) -> None:
    """Print what is known of packs: state, size, licence and its limits."""
    known, there = registry(), installed_packs()
    rows = [_row(known.get(pack_id), there.get(pack_id)) for pack_id in pack_ids]
    if not files:
        for row in rows:
            del row["files"]
    if as_json:
        _print(packs=rows)
        return
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        print(
            f"{row['id']:{width}}  {row['state']:9}  {_bytes(row['bytes']):>9}  {row['licence']:10}  "
            f"{row['title']}, for {row['about']}"
        )
        for path in row.get("files", ()):
            print(f"  pack:{row['id']}/{path}")
    for spdx, name, limits in sorted({(row["licence"], row["licence_name"], row["limits"]) for row in rows}):
        print(f"{spdx}: {name}{f' ({limits})' if limits else ''}")


def print_problems(found: Mapping[str, Sequence[FileProblem]], *, as_json: bool) -> None:
    """Print what verifying found."""
    if as_json:
        rows = {
            pack_id: [{"file": problem.path, "problem": problem.problem} for problem in problems]
            for pack_id, problems in found.items()
        }
        _print(verified=rows)
        return
    if not found:
        print("No pack is installed.")
    for pack_id, problems in found.items():
        for problem in problems:
            print(f"{pack_id}: {problem.path} {_PROBLEMS[problem.problem]}")
        print(
            f"{pack_id} is damaged: multiplane packs pull --again {pack_id}" if problems else f"{pack_id} is in order"
        )


def print_error(error: MultiplaneError, *, as_json: bool) -> None:
    """Print an error as the entry point prints the last one."""
    if as_json:
        _print(event="error", code=error.code, message=error.message)
    print(f"multiplane: {error.message}", file=sys.stderr)


def state_of(pack: Pack | None, manifest: Manifest | None) -> str:
    """``installed``, ``outdated`` (another version is), ``refused`` (by its licence) or ``missing``."""
    licence = manifest.licence if manifest else pack.licence if pack else None
    if licence is not None and licence_problem(licence):
        return "refused"
    if manifest is None:
        return "missing"
    return "outdated" if pack is not None and pack.version != manifest.version else "installed"


def _row(pack: Pack | None, manifest: Manifest | None) -> dict[str, Any]:
    described = pack or manifest
    if described is None:
        return {}
    return {
        "id": described.id,
        "kind": described.kind.value,
        "state": state_of(pack, manifest),
        "bytes": manifest.size if manifest else pack.size if pack else 0,
        "download_bytes": getattr(pack.source, "size", None) if pack else None,
        "licence": described.licence.spdx,
        "licence_name": described.licence.name,
        "limits": described.licence.limits,
        "title": described.title,
        "about": pack.about if pack else "what is no longer in the registry",
        "default": pack.default if pack else False,
        "version": manifest.version if manifest else described.version,
        "files": sorted(manifest.files) if manifest else [],
    }


def _size_of(progress: PackProgress) -> str:
    return f" {_bytes(progress.total)}" if progress.phase == "fetching" and progress.total else ""


def _bytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def _print(**values: object) -> None:
    print(json.dumps(values), flush=True)
