"""Pulling a pack: fetch what its source names, check it, install it."""

import os
import shutil
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

from engine.core.errors import EngineError, OptionError
from engine.packs.adopt import install_archive
from engine.packs.archives import archive_problem
from engine.packs.copying import copy_files
from engine.packs.fetch.errors import Unreachable, not_the_file
from engine.packs.fetch.hub import fetch_hub
from engine.packs.fetch.npm import fetch_npm
from engine.packs.fetch.wheel import fetch_wheel
from engine.packs.folders import pack_folder, packs_folder
from engine.packs.install import (
    DOWNLOADS,
    OnProgress,
    check_disk,
    check_licence,
    ignore_progress,
    install,
    pack_lock,
    writing,
)
from engine.packs.manifest import read_manifest
from engine.packs.model import ArchiveSource, HubSource, Pack, Tool

ARCHIVE = "archive"
"""Name of a complete, checked archive in the folder of downloads."""

_WORK_PREFIX = "work-"


def pull(pack: Pack, *, again: bool = False, on_progress: OnProgress = ignore_progress) -> bool:
    """Fetch and install one pack, without those that it needs.

    A second process that pulls the same pack waits, and finds it there. A pull that was stopped leaves no half pack; a
    complete archive, and what pip, npm and the hub's library cache, is not fetched twice.

    Args:
        pack: what to pull.
        again: fetch it even where this version is installed.
        on_progress: told each phase; may raise, which stops the pull.

    Returns:
        Whether anything was installed; False: this version was there.

    Raises:
        OptionError: its licence is not accepted, or it is a folder that only the studio has.
        Unreachable: it could not be fetched.
        EngineError: what was fetched is not what the registry names, or the disk is too full.
        OutputError: the folder of packs cannot be written.
    """
    check_licence(pack)
    source = pack.source
    if not isinstance(source, ArchiveSource | HubSource):
        raise OptionError(
            f"Pack {pack.id} cannot be fetched: have it in a folder, and run multiplane packs import {pack.id} FOLDER."
        )
    with pack_lock(pack.id, on_progress):
        if not again and is_current(pack):
            return False
        check_disk(pack)
        # What an interrupted pull left for another version does not mix with this one.
        downloads = packs_folder() / DOWNLOADS / pack.id
        place = downloads / pack.version
        with writing():
            place.mkdir(parents=True, exist_ok=True)
        try:
            if isinstance(source, HubSource):
                _install_snapshot(pack, source, place, on_progress)
            else:
                install_archive(pack, source, _archive(pack, source, place, on_progress), on_progress)
        except EngineError as error:
            # What was fetched is wrong: the next pull shall not find it here.
            if not isinstance(error, Unreachable):
                shutil.rmtree(downloads, ignore_errors=True)
            raise
        else:
            shutil.rmtree(downloads, ignore_errors=True)
        finally:
            _remove_if_empty(place, downloads)
    return True


def is_current(pack: Pack) -> bool:
    """Whether the version that the registry names is installed. Files are not read: see :mod:`engine.packs.verify`."""
    manifest = read_manifest(pack_folder(pack.id))
    if manifest is None or manifest.version != pack.version:
        return False
    return not pack.contents or {path: file.sha256 for path, file in manifest.files.items()} == dict(pack.contents)


def _install_snapshot(pack: Pack, source: HubSource, place: Path, on_progress: OnProgress) -> None:
    folder = fetch_hub(pack, source, place, on_progress)
    # A hard link costs nothing, and both folders lie on one file system.
    fill = partial(copy_files, pack, source.files, folder, os.link, on_progress)
    install(pack, fill, f"hub {source.repository} {source.revision}", on_progress)


def _archive(pack: Pack, source: ArchiveSource, place: Path, on_progress: OnProgress) -> Path:
    archive = place / ARCHIVE
    if archive_problem(source, archive) is None:
        return archive
    for left in place.glob(f"{_WORK_PREFIX}*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    fetch = fetch_wheel if source.tool is Tool.WHEEL else fetch_npm
    with writing():
        work = tempfile.TemporaryDirectory(prefix=_WORK_PREFIX, dir=place)
    with work as folder:
        fetched = fetch(pack, source, Path(folder), on_progress)
        if problem := archive_problem(source, fetched):
            raise not_the_file(pack.id, f"{source.package} {source.version}", problem)
        with writing():
            fetched.replace(archive)
    return archive


def _remove_if_empty(*folders: Path) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
