"""Where packs lie, and what the engine asks of them: no network, and nothing is read but manifests."""

import os
from pathlib import Path

from engine.core.errors import OptionError, UnreadableMedia
from engine.core.settings import FoldersSetting, PathSetting
from engine.packs.licences import licence_problem
from engine.packs.manifest import FILES_PREFIX, Manifest, read_manifest
from engine.packs.model import PackKind

SCHEME = "pack:"
"""A draft's source ``pack:ID/FILE`` is a file of an installed pack."""


def _home_data() -> Path:
    """``$XDG_DATA_HOME/multiplane``, else ``~/.local/share/multiplane`` (XDG Base Directory Specification 0.8)."""
    given = os.environ.get("XDG_DATA_HOME", "")
    if Path(given).is_absolute():
        return Path(given, "multiplane")
    try:
        return Path.home() / ".local" / "share" / "multiplane"
    except RuntimeError as error:
        raise OptionError(
            f"{DATA_FOLDER.variable}: no home folder is known here: set it to a folder for Multiplane's data."
        ) from error


DATA_FOLDER = PathSetting(
    "MULTIPLANE_DATA", _home_data, "folder for what Multiplane keeps", "~/.local/share/multiplane"
)


def data_folder() -> Path:
    """The folder for what Multiplane keeps; it may not be there yet."""
    return DATA_FOLDER.value() or _home_data()


PACKS_FOLDER = PathSetting(
    "MULTIPLANE_PACKS",
    lambda: data_folder() / "packs",
    "folder of the packs; below the data folder by default",
    "`packs` in MULTIPLANE_DATA",
)
FONT_FOLDERS = FoldersSetting("MULTIPLANE_FONTS", "folders with the studio's own fonts")
MUSIC_FOLDERS = FoldersSetting("MULTIPLANE_MUSIC", "folders with the studio's own music")


def packs_folder() -> Path:
    """The folder with one folder for each pack; it may not be there yet."""
    return PACKS_FOLDER.value() or data_folder() / "packs"


def pack_folder(pack_id: str) -> Path:
    """Where a pack's manifest and files lie once it is installed."""
    return packs_folder() / pack_id


def installed_packs() -> dict[str, Manifest]:
    """What is installed, by id, sorted; whether the site accepts its licence is not looked at."""
    try:
        found = sorted(path for path in packs_folder().iterdir() if not path.name.startswith("."))
    except OSError:
        return {}
    manifests = {path.name: read_manifest(path) for path in found}
    return {name: manifest for name, manifest in manifests.items() if manifest is not None and manifest.id == name}


def files_folder(manifest: Manifest) -> Path:
    """The folder with the files of an installed pack."""
    return pack_folder(manifest.id) / manifest.folder


def installed(pack_id: str) -> Path | None:
    """The folder with a pack's files; None where it is not installed, or the site does not accept its licence.

    It costs the reading of one small file. The folder is another one after the pack was pulled again: ask each time.
    """
    manifest = read_manifest(pack_folder(pack_id))
    if manifest is None or manifest.id != pack_id or licence_problem(manifest.licence):
        return None
    return files_folder(manifest)


def pack_source(reference: str) -> Path:
    """The file that ``pack:ID/FILE`` names.

    Raises:
        UnreadableMedia: the pack is not installed or may not be used, or has no such file; the sentence says what to
            do. Nothing is fetched.
    """
    pack_id, _, name = reference.removeprefix(SCHEME).partition("/")
    if not reference.startswith(SCHEME) or not pack_id or not name or pack_id != Path(pack_id).name:
        raise UnreadableMedia(reference, "this is not a file of a pack: write pack:ID/FILE.")
    manifest = read_manifest(pack_folder(pack_id))
    if manifest is None:
        raise UnreadableMedia(
            name, f"it belongs to the pack {pack_id}, which is not installed: multiplane packs pull {pack_id}."
        )
    if problem := licence_problem(manifest.licence):
        raise UnreadableMedia(name, f"the pack {pack_id} may not be used here: {problem}")
    path = files_folder(manifest) / name
    # The manifest's own list decides, so no path can lead out of the pack.
    if name not in manifest.files:
        raise UnreadableMedia(
            name, f"the pack {pack_id} has no such file: multiplane packs list --files {pack_id} names them."
        )
    if not path.is_file():
        raise UnreadableMedia(name, f"it is gone from the pack {pack_id}: multiplane packs pull --again {pack_id}.")
    return path


def pack_reference(path: Path) -> str | None:
    """``pack:ID/FILE`` for a file of an installed pack; None for any other file. The inverse of :func:`pack_source`."""
    parts = path.parts[len(packs_folder().parts) :]
    if not path.is_relative_to(packs_folder()) or len(parts) < 3 or not parts[1].startswith(FILES_PREFIX):
        return None
    return f"{SCHEME}{parts[0]}/{'/'.join(parts[2:])}"


def font_folders() -> tuple[Path, ...]:
    """Folders to look for fonts in: the studio's own (MULTIPLANE_FONTS) first, then the installed packs of fonts.

    Raises:
        OptionError: the setting names a folder that is not there.
    """
    return FONT_FOLDERS.value() + _of_kind(PackKind.FONT)


def music_folders() -> tuple[Path, ...]:
    """Folders to look for music in: the studio's own (MULTIPLANE_MUSIC) first, then the installed packs of music.

    Raises:
        OptionError: the setting names a folder that is not there.
    """
    return MUSIC_FOLDERS.value() + _of_kind(PackKind.MUSIC)


def _of_kind(kind: PackKind) -> tuple[Path, ...]:
    return tuple(
        files_folder(manifest)
        for manifest in installed_packs().values()
        if manifest.kind is kind and not licence_problem(manifest.licence)
    )
