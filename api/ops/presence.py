"""Which workers are there: each holds a lock (flock(2)) on a file of its slot while it takes jobs.

A lock ends with its process, however that ends, and no clock is asked: what the files say is true at every moment.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = "run"
"""In the data folder."""

_SUFFIX = ".slot"


@contextmanager
def present(data: Path, slot: str) -> Iterator[None]:
    """Be there, in a slot, while the block lasts."""
    folder = data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / f"{slot}{_SUFFIX}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # A worker that was replaced may hold it for another moment.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def present_slots(data: Path) -> list[str]:
    """The slots in which a worker is, sorted."""
    found = []
    for path in sorted((data / FOLDER).glob(f"*{_SUFFIX}")):
        with suppress(OSError):
            if is_locked(path):
                found.append(path.name.removesuffix(_SUFFIX))
    return found


def is_locked(path: Path) -> bool:
    """Whether some process holds a lock on a file.

    Raises:
        OSError: the file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
