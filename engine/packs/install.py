"""Putting a pack in its place: whole or not at all, whatever ends the process."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.core.errors import EngineError, OptionError, OutputError
from engine.packs.folders import pack_folder, packs_folder
from engine.packs.licences import licence_problem
from engine.packs.manifest import (
    FILES_PREFIX,
    MANIFEST,
    Manifest,
    PackFile,
    files_below,
    hash_file,
    read_manifest,
    sync_folder,
    write_manifest,
)
from engine.packs.model import Pack

DOWNLOADS = ".downloads"
"""Below the folder of packs: what is being fetched, one folder a pack; kept when a pull is stopped, and reused."""

_PART_PREFIX = ".part-"
_LOCKS = ".locks"

SPARE_DISK = 100_000_000
"""Bytes that must stay free beside what a pack needs."""


@dataclass(frozen=True, slots=True)
class PackProgress:
    """How far the installation of one pack is.

    Attributes:
        pack_id: which pack.
        phase: ``waiting`` (for another process at the same pack), ``fetching``, ``copying``, ``checking``,
            ``installed``.
        done: bytes so far; 0 where the phase has none to count.
        total: bytes in all; 0 where they are not known.
    """

    pack_id: str
    phase: str
    done: int = 0
    total: int = 0


OnProgress = Callable[[PackProgress], None]


def ignore_progress(progress: PackProgress) -> None:
    """Tell nobody."""


@contextmanager
def pack_lock(pack_id: str, on_progress: OnProgress = ignore_progress) -> Iterator[None]:
    """Let one process at a time change a pack; the others wait. The system frees the lock of a process that dies, and
    the next one takes away the half pack that it left.

    Raises:
        OutputError: the folder of packs cannot be written.
    """
    path = packs_folder() / _LOCKS / f"{pack_id}.lock"
    with writing():
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a")
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_progress(PackProgress(pack_id, "waiting"))
            fcntl.flock(stream, fcntl.LOCK_EX)
        for part in pack_folder(pack_id).glob(f"{_PART_PREFIX}*"):
            shutil.rmtree(part, ignore_errors=True)
        yield


@contextmanager
def writing() -> Iterator[None]:
    """Turn what the system says against writing into a sentence."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"The folder of packs, {packs_folder()}, cannot be written ({os.strerror(error.errno or 0)}): mend that, "
            "or name another one with MULTIPLANE_PACKS.",
            detail=str(error),
        ) from error


def check_licence(pack: Pack) -> None:
    """Refuse a pack whose licence this site does not accept.

    Raises:
        OptionError: with the reason.
    """
    if problem := licence_problem(pack.licence):
        raise OptionError(f"Pack {pack.id} is refused: {problem}")


def check_disk(pack: Pack) -> None:
    """Refuse a pack that does not fit on the disk.

    Raises:
        EngineError: too little is free.
        OutputError: the folder of packs cannot be written.
    """
    with writing():
        packs_folder().mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(packs_folder()).free
    # The archive and the files that come out of it lie there together for a moment.
    needed = pack.size + getattr(pack.source, "size", 0) + SPARE_DISK
    if free < needed:
        raise EngineError(
            f"Pack {pack.id} needs {needed / 1e9:.1f} GB of disk and {free / 1e9:.1f} GB are free: make room first."
        )


def install(pack: Pack, fill: Callable[[Path], None], origin: str, on_progress: OnProgress = ignore_progress) -> Path:
    """Make the files of a pack, check them, and put them in the place of what was installed. Hold the pack's lock.

    Args:
        pack: what the registry says; the files must be those of ``pack.contents`` where it names them.
        fill: writes the files into the empty folder that it is given.
        origin: where they come from, in words, for the manifest.
        on_progress: told when the checking begins and ends.

    Returns:
        The folder with the files.

    Raises:
        EngineError: the files are not those that the registry names. What was installed before stays.
        OutputError: the disk cannot be written.
    """
    place = pack_folder(pack.id)
    part = place / f"{_PART_PREFIX}{secrets.token_hex(4)}"
    with writing():
        part.mkdir(parents=True)
    try:
        fill(part)
        found = files_below(part)
        files: dict[str, PackFile] = {}
        done, total = 0, sum(file.stat().st_size for file in found.values())
        for path, file in found.items():
            on_progress(PackProgress(pack.id, "checking", done, total))
            files[path] = hash_file(file)
            done += files[path].size
        check_contents(pack, files)
        with writing():
            _sync(part, found.values())
            folder = part.rename(place / f"{FILES_PREFIX}{secrets.token_hex(4)}")
            write_manifest(place, _manifest(pack, files, origin, folder.name))
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        _sweep(place)
        raise
    _sweep(place)
    on_progress(PackProgress(pack.id, "installed"))
    return folder


def remove(pack_id: str) -> None:
    """Take an installed pack away, with what is left of its downloads.

    Raises:
        OptionError: it is not installed.
        OutputError: the disk cannot be written.
    """
    place = pack_folder(pack_id)
    if place.parent != packs_folder() or not (place / MANIFEST).exists():
        raise OptionError(f"Pack {pack_id} is not installed.")
    with pack_lock(pack_id), writing():
        # Without its manifest it is no pack any more; a crash after this leaves files that the next pull sweeps.
        (place / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(packs_folder() / DOWNLOADS / pack_id, ignore_errors=True)


def check_contents(pack: Pack, files: dict[str, PackFile]) -> None:
    """Compare files with those that the registry names.

    Raises:
        EngineError: one is missing, too many or different; or there are none at all.
    """
    differing = [path for path, sha256 in pack.contents.items() if path in files and files[path].sha256 != sha256]
    missing = [path for path in pack.contents if path not in files]
    strange = [path for path in files if path not in pack.contents] if pack.contents else []
    for paths, problem in ((missing, "is missing"), (differing, "is not the file that the registry names")):
        if paths:
            raise EngineError(f"Pack {pack.id}: {_some(paths)} {problem}; nothing was installed.")
    if strange:
        raise EngineError(f"Pack {pack.id}: {_some(strange)} does not belong to it; nothing was installed.")
    if not files:
        raise EngineError(f"Pack {pack.id}: no file of it was found; nothing was installed.")


def _some(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} (and {len(paths) - 1} more)"


def _manifest(pack: Pack, files: dict[str, PackFile], origin: str, folder: str) -> Manifest:
    return Manifest(
        id=pack.id,
        kind=pack.kind,
        title=pack.title,
        version=pack.version,
        licence=pack.licence,
        origin=origin,
        installed=datetime.now(UTC).isoformat(timespec="seconds"),
        folder=folder,
        files=files,
    )


def _sync(folder: Path, files: Iterable[Path]) -> None:
    """Put files and the names of all folders between them on disk."""
    folders = {folder}
    for file in files:
        folders.update(parent for parent in file.parents if parent.is_relative_to(folder))
        if not file.is_symlink():
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    for path in folders:
        sync_folder(path)


def _sweep(place: Path) -> None:
    """Delete what no manifest names: the files before, and what a crash left."""
    manifest = read_manifest(place)
    keep = manifest.folder if manifest else ""
    with suppress(OSError):
        for path in place.iterdir():
            if path.name.startswith((_PART_PREFIX, FILES_PREFIX)) and path.name != keep:
                shutil.rmtree(path, ignore_errors=True)
        if manifest is None:
            place.rmdir()  # fails, as it should, where something else lies there
