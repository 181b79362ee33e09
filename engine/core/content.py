"""Content hashes: what a file or a value is, whatever it is called."""

import hashlib
import os
import stat
from functools import lru_cache
from pathlib import Path

from engine.core.errors import UnreadableMedia

DIGEST_BYTES = 20
"""BLAKE2b (RFC 7693) with this many bytes: no two files of a studio will ever share one."""

_BLOCK = 1 << 20


def digest(*parts: object) -> str:
    """The hash of some values, in hexadecimal: equal for equal ``repr``."""
    state = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        text = repr(part).encode("utf-8", "surrogatepass")
        # The length first, so that no two lists of parts run together into one text.
        state.update(len(text).to_bytes(8, "little"))
        state.update(text)
    return state.hexdigest()


def file_digest(path: Path) -> str:
    """The hash of a file's bytes, in hexadecimal; a file that has not changed since is not read again.

    Raises:
        UnreadableMedia: it cannot be read, or is no file: a device may have no end.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableMedia(path, "it is no file. Name a photo, a clip or a sound.")
        return _file_digest(str(path.absolute()), status.st_ino, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise UnreadableMedia(
            path, "it cannot be read. Check the name and the permissions.", detail=str(error)
        ) from error


def tree_digest(folder: Path, suffix: str) -> str:
    """The hash of the names, sizes and times of the files with this suffix below a folder: cheap, and changes whenever
    one of them does."""
    found = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(suffix):
                status = Path(root, name).stat()
                found.append((os.path.relpath(root, folder), name, status.st_size, status.st_mtime_ns))
    return digest(found)


@lru_cache(maxsize=4096)
def _file_digest(name: str, inode: int, size: int, time: int) -> str:
    state = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with Path(name).open("rb") as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return state.hexdigest()
