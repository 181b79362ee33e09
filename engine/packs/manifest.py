"""The manifest of an installed pack: what it is, where its files lie, and the sha256 of each.

``PACKS/ID/pack.json`` is the manifest, ``PACKS/ID/files-XXXXXXXX/`` holds the files. A pack is installed when its
manifest is there, and the manifest is replaced in one step: so there is always a whole pack, the old or the new, or
none.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.packs.model import Licence, PackKind

MANIFEST = "pack.json"
SCHEMA = 1
FILES_PREFIX = "files-"

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of an installed pack.

    Attributes:
        sha256: 64 hexadecimal digits.
        size: in bytes.
    """

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was installed.

    Attributes:
        id, kind, title, version, licence: as the registry had it then.
        origin: where the files came from, in words.
        installed: when, ISO 8601 in UTC.
        folder: name of the folder of files, beside the manifest.
        files: by their path in that folder.
    """

    id: str
    kind: PackKind
    title: str
    version: str
    licence: Licence
    origin: str
    installed: str
    folder: str
    files: Mapping[str, PackFile]

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.size for file in self.files.values())


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in a folder; None where there is none that can be used."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        licence = data["licence"]
        manifest = Manifest(
            id=str(data["id"]),
            kind=PackKind(data["kind"]),
            title=str(data["title"]),
            version=str(data["version"]),
            licence=Licence(str(licence["spdx"]), str(licence["name"]), str(licence["limits"])),
            origin=str(data["origin"]),
            installed=str(data["installed"]),
            folder=str(data["folder"]),
            files={str(path): PackFile(str(file["sha256"]), int(file["size"])) for path, file in data["files"].items()},
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    # The folder stands beside the manifest, whoever wrote it.
    return manifest if data["schema"] == SCHEMA and manifest.folder == Path(manifest.folder).name else None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in its folder, in one step and on disk; this is what makes a pack installed."""
    licence = manifest.licence
    data = {
        "schema": SCHEMA,
        "id": manifest.id,
        "kind": manifest.kind,
        "title": manifest.title,
        "version": manifest.version,
        "licence": {"spdx": licence.spdx, "name": licence.name, "limits": licence.limits},
        "origin": manifest.origin,
        "installed": manifest.installed,
        "folder": manifest.folder,
        "files": {path: {"sha256": file.sha256, "size": file.size} for path, file in sorted(manifest.files.items())},
    }
    new = folder / f".{MANIFEST}.new"
    with new.open("w", encoding="utf-8") as stream:
        json.dump(data, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(folder / MANIFEST)
    sync_folder(folder)


def hash_file(path: Path) -> PackFile:
    """Read a file and give its sha256 and size."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return PackFile(digest.hexdigest(), size)


def files_below(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its path from there, sorted; links to files count, links to folders do not."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.is_file() or path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path
    return dict(sorted(found.items()))


def sync_folder(folder: Path) -> None:
    """Put a folder's names on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
