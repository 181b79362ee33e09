"""A file that appears only when it is complete.

On Linux the bytes go to a file without a name (``O_TMPFILE``, see open(2)) on the target's file system: whatever ends
the process, SIGKILL and a power cut included, nothing is left behind. It gets its name by link(2), which never
overwrites, or by link(2) and rename(2) where the caller allowed that. File systems without it (NFS, FAT, ...) get a
hidden ``.part`` file beside the target, which an error, an interrupt and the end of the interpreter remove.
"""

import errno
import os
import secrets
import stat
import weakref
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from engine.core.errors import OutputError

_NEW_FILE_MODE = 0o666  # less the umask, as for any new file
_MODE_WITHOUT_NAME = getattr(os, "O_TMPFILE", None)


class PendingFile:
    """The place to write, and the two ways to end: :meth:`commit` and :meth:`discard`.

    A symbolic link is followed: the file that it names is replaced, the link stays.

    Args:
        target: where the complete file shall be.
        overwrite: whether a file that is there may be replaced.
        nameless: False takes the ``.part`` file even where a file without a name is possible.
        durable: whether the bytes shall be on the disk before the name is; False where a checksum tells a damaged
            file and it can be made again.

    Attributes:
        path: write here; opening it again is fine.

    Raises:
        OutputError: the target exists and may not be replaced, is not a regular file, or its folder is missing or
            not writable.
    """

    def __init__(self, target: Path, *, overwrite: bool, nameless: bool = True, durable: bool = True) -> None:
        self.target = target
        self._overwrite = overwrite
        self._durable = durable
        self._destination = Path(os.path.realpath(target))
        try:
            mode = _check_target(target, self._destination, overwrite)
            self._descriptor, self._part = _create(self._destination, nameless)
            if mode is not None:
                os.fchmod(self._descriptor, mode)
        except OSError as error:
            raise output_error(target, error) from error
        self.path = self._part or Path(f"/proc/self/fd/{self._descriptor}")
        self._discard = weakref.finalize(self, _discard, self._descriptor, self._part)

    def commit(self) -> None:
        """Put the file in its place: data on disk first (if ``durable``), then the name.

        Raises:
            OutputError: the disk failed, or another file took the name meanwhile. Nothing of ours is left then.
        """
        try:
            if self._durable:
                os.fsync(self._descriptor)
            self._name_it()
        except OSError as error:
            raise output_error(self.target, error) from error
        finally:
            self.discard()
        if self._durable:
            _sync_folder(self._destination.parent)

    def discard(self) -> None:
        """Give the file up; nothing of it is left. Does nothing after :meth:`commit` or a second time."""
        self._discard()

    def truncate(self) -> None:
        """Throw the bytes away, so that whoever still works at :attr:`path` has nothing left to do.

        What is opened there from now on is empty or missing, even if whoever has it open writes on behind the hole.
        Does nothing after :meth:`commit` or :meth:`discard`.
        """
        if not self._discard.alive:
            return
        os.ftruncate(self._descriptor, 0)
        if self._part is not None:
            self._part.unlink(missing_ok=True)
            return
        nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        os.dup2(nowhere, self._descriptor, inheritable=False)
        os.close(nowhere)

    def __enter__(self) -> "PendingFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    def _name_it(self) -> None:
        if not self._overwrite:
            _link(self._descriptor, self._part, self._destination)
            return
        part = self._part
        if part is None:
            part = _part_path(self._destination)
            _link(self._descriptor, None, part)
        try:
            part.replace(self._destination)
        except BaseException:
            part.unlink()
            raise


def output_error(target: Path, error: OSError) -> OutputError:
    """The sentence for a failure of the system to write a file.

    Args:
        target: the file that the user asked for; its name starts the sentence.
        error: what the system said.
    """
    problems = {
        errno.ENOENT: "its folder does not exist: create it first.",
        errno.ENOTDIR: "its folder is a file: choose another path.",
        errno.EACCES: "its folder may not be written to: choose another one, or change the permissions.",
        errno.EPERM: "its folder may not be written to: choose another one, or change the permissions.",
        errno.EROFS: "it lies on a read-only disk: choose another one.",
        errno.EEXIST: "it exists already: choose another name, or allow overwriting.",
        errno.EISDIR: "it is a folder: give the name of a file.",
        errno.ENOSPC: "the disk is full: free some space, or choose another disk.",
        errno.EDQUOT: "your disk quota is used up: free some space, or choose another disk.",
        errno.EFBIG: "it grew beyond the largest file that is allowed here: ask for a shorter or smaller video.",
        errno.ENAMETOOLONG: "its name is too long: choose a shorter one.",
        errno.ELOOP: "it is a symbolic link that leads in a circle: choose another path.",
    }
    problem = problems.get(error.errno or 0, "it could not be written: check the disk, or choose another one.")
    return OutputError(f"{target.name or target}: {problem}", detail=str(error))


def _check_target(target: Path, destination: Path, overwrite: bool) -> int | None:
    """Refuse a target that may not be written; the permission bits of the file that it replaces, if any."""
    try:
        found = destination.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OutputError(f"{target.name}: it is not a regular file: an MP4 needs one, so give another path.")
    if not overwrite:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    if not os.access(destination, os.W_OK):
        raise OutputError(f"{target.name}: it is write-protected: choose another name, or change its permissions.")
    return stat.S_IMODE(found.st_mode)


def _create(destination: Path, nameless: bool) -> tuple[int, Path | None]:
    """A new file on the destination's file system: its descriptor, and its name if it has one."""
    if nameless and _MODE_WITHOUT_NAME is not None:
        # A file system that cannot do it answers EOPNOTSUPP, an old kernel EISDIR; the named file below then either
        # works or says what is really wrong.
        with suppress(OSError):
            descriptor = os.open(destination.parent, _MODE_WITHOUT_NAME | os.O_RDWR | os.O_CLOEXEC, _NEW_FILE_MODE)
            if _reachable(descriptor):
                return descriptor, None
            os.close(descriptor)
    part = _part_path(destination)
    return os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, _NEW_FILE_MODE), part


def _reachable(descriptor: int) -> bool:
    """Whether /proc lets us open a descriptor's file by a path: not without /proc, nor after setuid(2) without exec."""
    return Path(f"/proc/self/fd/{descriptor}").exists()


def _part_path(destination: Path) -> Path:
    return destination.with_name(f".multiplane-{os.getpid()}-{secrets.token_hex(4)}.part")


def _link(descriptor: int, part: Path | None, name: Path) -> None:
    """Give a file a name that must not be taken yet."""
    if part is not None:
        os.link(part, name)
        return
    folder = os.open(name.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # With a folder descriptor Python calls linkat(2), which can follow the link in /proc; plain link(2) cannot.
        os.link(f"/proc/self/fd/{descriptor}", name.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _sync_folder(folder: Path) -> None:
    """Put the new name itself on disk."""
    # The file is complete and in place by now. A file system that cannot sync a folder must not turn that into an
    # error.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _discard(descriptor: int, part: Path | None) -> None:
    os.close(descriptor)
    if part is not None:
        part.unlink(missing_ok=True)
