"""Choosing the files of a pack in a folder, and copying them."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.core.errors import MediaError
from engine.packs.install import OnProgress, PackProgress, writing
from engine.packs.manifest import files_below
from engine.packs.model import Pack
from engine.packs.names import is_safe_path, is_wanted, runs_code

SAFE_WEIGHTS = ".safetensors"
"""Ending of files of weights that hold numbers and nothing else."""


def copy_files(
    pack: Pack,
    patterns: tuple[str, ...],
    origin: Path,
    put: Callable[[Path, Path], object],
    on_progress: OnProgress,
    folder: Path,
) -> None:
    """Put what a pack wants from a folder into another.

    Links to files are followed, as in the caches of model hubs. Hidden files and folders are left out, and files that
    can run code (pickles and the like) are taken only where the registry names their sha256.

    Args:
        pack: whose files these are.
        patterns: what is wanted; each must find something.
        origin: the folder to look in.
        put: copies or links one file, from its path to a new one.
        on_progress: told how many bytes are there.
        folder: where to put them.

    Raises:
        MediaError: a pattern finds nothing, or a name cannot be taken.
        OutputError: the disk cannot be written.
    """
    found = {path: file for path, file in files_below(origin).items() if not _hidden(path)}
    for pattern in patterns:
        if not any(is_wanted(path, (pattern,)) for path in found):
            raise MediaError(origin, f"{pattern} of pack {pack.id} is not in this folder{_instead(pattern, found)}.")
    wanted = {
        path: file
        for path, file in found.items()
        if is_wanted(path, patterns) and (path in pack.contents or not runs_code(path))
    }
    for path, file in wanted.items():
        if not is_safe_path(path) or not file.is_file():
            raise MediaError(origin, f"{path!r} in it cannot be taken: rename it, or mend the link.")
        if not os.access(file, os.R_OK):
            raise MediaError(origin, f"{path!r} in it may not be read: change its permissions.")
    done, total = 0, sum(file.stat().st_size for file in wanted.values())
    for path, file in wanted.items():
        on_progress(PackProgress(pack.id, "copying", done, total))
        with writing():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            put(file, target)
        done += file.stat().st_size


def _instead(pattern: str, found: Iterable[str]) -> str:
    """What to say where weights are there in a form that is not taken."""
    if not pattern.endswith(SAFE_WEIGHTS):
        return ""
    pickles = [path for path in found if is_wanted(f"{path.rpartition('.')[0]}{SAFE_WEIGHTS}", (pattern,))]
    if not any(map(runs_code, pickles)):
        return ""
    return f": {next(filter(runs_code, pickles))} is a pickle, and loading it runs what is in it: have safetensors"


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
