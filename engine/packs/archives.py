"""Taking files out of a wheel (ZIP, PEP 427) or an npm package (tar with gzip)."""

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import IO

from engine.core.errors import CorruptMedia, EngineError
from engine.packs.install import writing
from engine.packs.manifest import hash_file
from engine.packs.model import ArchiveSource, Pack, Tool
from engine.packs.names import is_safe_path, place_of

MOST_UNPACKED = 20
"""How many times larger than its archive a pack may be that does not name its size."""

_BLOCK = 1 << 20

_UNREADABLE = (
    # What the readers of archives and their decompressors raise on damaged and on encrypted ones (tried with 6000).
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


def archive_problem(source: ArchiveSource, archive: Path) -> str | None:
    """Why a file is not the archive that the registry names, in a few words; None: it is."""
    if not archive.is_file():
        return "it is not there"
    found = hash_file(archive)
    if found.sha256 == source.sha256:
        return None
    if found.size != source.size:
        return f"it has {found.size} bytes, not {source.size}"
    return f"its sha256 is {found.sha256}, not {source.sha256}"


def extract(pack: Pack, source: ArchiveSource, archive: Path, folder: Path) -> None:
    """Write the members that the pack wants into a folder.

    Only regular files are taken, only under names that stay inside the folder, and no more bytes than the pack's size.

    Args:
        pack: whose files these are.
        source: its source.
        archive: what was fetched; see :func:`archive_problem`.
        folder: an empty one.

    Raises:
        CorruptMedia: the archive cannot be read.
        EngineError: a name would lead out of the folder, or the files are larger than the pack.
        OutputError: the disk cannot be written.
    """
    left = pack.size or source.size * MOST_UNPACKED
    files: set[str] = set()
    folders: set[str] = set()
    try:
        for name, stream in _members(source.tool, archive):
            places = {place for member in source.members if (place := place_of(member, name)) is not None}
            for place in places:
                if not is_safe_path(name) or not is_safe_path(place):
                    raise EngineError(f"Pack {pack.id}: the name {name!r} in its archive is refused.")
                above = set(map(str, PurePosixPath(place).parents))
                if place in files | folders or above & files:
                    raise EngineError(f"Pack {pack.id}: its archive holds {place!r} twice; refused.")
                files.add(place)
                folders |= above
                with stream() as opened:
                    left -= _write(opened, folder / place, left)
                if left < 0:
                    raise EngineError(f"Pack {pack.id}: its files are larger than the registry says; refused.")
    except _UNREADABLE as error:
        raise CorruptMedia(archive, "this archive cannot be read: fetch it again.", detail=str(error)) from error


def _members(tool: Tool, archive: Path) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    """The regular files of an archive: name, and what opens it."""
    if tool is Tool.WHEEL:
        with zipfile.ZipFile(archive) as wheel:
            for info in wheel.infolist():
                # The upper half of the attributes is Unix's mode where a Unix made the archive; links are not taken.
                if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
                    yield info.filename, partial(wheel.open, info)
        return
    with tarfile.open(archive, "r:gz") as package:
        for member in package:
            stream = package.extractfile(member) if member.isreg() else None
            if stream is not None:
                yield member.name, partial(_same, stream)


def _same(stream: IO[bytes]) -> IO[bytes]:
    return stream


def _write(stream: IO[bytes], path: Path, most: int) -> int:
    """Copy to a new file, and stop soon after ``most`` bytes; returns how many were written."""
    size = 0
    # Only what is said about writing is about the disk; the rest is about the archive.
    with writing():
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.open("xb", buffering=0)
    with target:
        while size <= most and (block := stream.read(_BLOCK)):
            with writing():
                _write_all(target, block)
            size += len(block)
    return size


def _write_all(target: FileIO, block: bytes) -> None:
    left = memoryview(block)
    while left:
        left = left[target.write(left) :]
