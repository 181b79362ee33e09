"""Taking over what the studio has: an archive that was carried here, or a folder."""

import os
import shutil
from functools import partial
from glob import escape
from pathlib import Path

from engine.core.errors import MediaError, OptionError, UnreadableMedia
from engine.packs.archives import archive_problem, extract
from engine.packs.copying import copy_files
from engine.packs.install import OnProgress, check_disk, check_licence, ignore_progress, install, pack_lock
from engine.packs.manifest import read_manifest
from engine.packs.model import ArchiveSource, Pack


def import_pack(pack: Pack, path: Path, *, link: bool = False, on_progress: OnProgress = ignore_progress) -> Path:
    """Install a pack from a place on this machine. No network is touched.

    Args:
        pack: what the registry says of it.
        path: for a pack of source ``wheel`` or ``npm``, the archive as pip or npm downloads it; for every pack, a
            folder with its files: the pack's own folder of another machine, or for ``hub`` and ``dir`` any folder.
        link: leave the files where they are, and make links to them.
        on_progress: told each phase.

    Returns:
        The folder with the installed files.

    Raises:
        OptionError: its licence is not accepted, or an archive shall be linked.
        MediaError: the path is not there, or is not what the registry names.
        EngineError: the files are not those that the registry names.
        OutputError: the folder of packs cannot be written.
    """
    check_licence(pack)
    if not path.exists():
        raise UnreadableMedia(path, "there is no such file or folder. Check the name.")
    with pack_lock(pack.id, on_progress):
        if not link:
            check_disk(pack)
        if path.is_dir():
            return _install_folder(pack, path, link, on_progress)
        if not isinstance(pack.source, ArchiveSource):
            raise MediaError(path, f"pack {pack.id} is imported from a folder: give that.")
        if link:
            raise OptionError(f"{path.name} is an archive: leave --link out.")
        if not os.access(path, os.R_OK):
            raise UnreadableMedia(path, "may not be read: change its permissions.")
        if problem := archive_problem(pack.source, path):
            raise MediaError(path, f"this is not the archive of pack {pack.id}: {problem}.")
        return install_archive(pack, pack.source, path, on_progress)


def install_archive(pack: Pack, source: ArchiveSource, archive: Path, on_progress: OnProgress) -> Path:
    """Install from a checked archive; hold the pack's lock."""
    origin = f"{source.tool} {source.package} {source.version}"
    return install(pack, partial(extract, pack, source, archive), origin, on_progress)


def _install_folder(pack: Pack, path: Path, link: bool, on_progress: OnProgress) -> Path:
    # The folder of an installed pack holds a manifest, and the files one folder further down.
    manifest = read_manifest(path)
    origin = path / manifest.folder if manifest else path
    source = pack.source
    if manifest and manifest.id == pack.id:
        if manifest.version != pack.version:
            raise MediaError(
                path, f"this is version {manifest.version} of pack {pack.id}, and the registry names {pack.version}."
            )
        patterns = tuple(map(escape, manifest.files))
    else:
        patterns = tuple(map(escape, pack.contents)) if isinstance(source, ArchiveSource) else source.files
    if not patterns:
        raise MediaError(path, f"the registry does not name the files of pack {pack.id}: give its archive.")
    put = _link if link else shutil.copyfile
    fill = partial(copy_files, pack, patterns, origin, put, on_progress)
    return install(pack, fill, f"folder {path.name}", on_progress)


def _link(origin: Path, target: Path) -> None:
    target.symlink_to(origin.resolve())
