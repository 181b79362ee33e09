"""A folder for what a rendering needs only while it runs, which does not outlive it for long, whatever ends it.

An error and an interrupt remove it. What SIGKILL or a power cut left, the next rendering removes: a folder in use is
locked (flock(2)), and a lock ends with its process.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "multiplane-work-"

GRACE_SECONDS = 60
"""A folder that is younger may not be locked yet."""


@contextmanager
def work_folder() -> Iterator[Path]:
    """A new folder among the system's temporary files; gone after the block.

    Raises:
        OSError: no folder can be made.
    """
    remove_abandoned(time.time())
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with suppress(OSError):  # a file system without locks: nobody takes it there either
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(descriptor)


def remove_abandoned(now: float) -> None:
    """Remove the folders of processes that died.

    Args:
        now: seconds since the epoch.
    """
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            _remove_abandoned(path, now)


def _remove_abandoned(path: Path, now: float) -> None:
    status = path.lstat()
    if status.st_uid != os.geteuid() or now - status.st_mtime < GRACE_SECONDS:
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)
