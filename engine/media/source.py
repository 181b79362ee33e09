"""Opening a media file without surprises: regular files only, read by position.

A FIFO or a device is refused from its file type before it is opened, so that nothing can hang; the type is checked
again on the open descriptor, because the name may have changed hands in between.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM
from pathlib import Path

from engine.core.errors import CorruptMedia, UnreadableMedia
from engine.media.limits import PhotoLimits


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """An open photo file.

    Attributes:
        path: the name that the user gave.
        descriptor: an open file descriptor; owned by :func:`open_photo_source`.
        size: bytes in the file.
        limits: what this photo may cost.
    """

    path: Path
    descriptor: int
    size: int
    limits: PhotoLimits

    def at(self, offset: int, count: int) -> bytes:
        """Exactly ``count`` bytes from ``offset``.

        Raises:
            CorruptMedia: the file ends before that.
            UnreadableMedia: the system could not read it.
        """
        data = self.up_to(offset, count)
        if len(data) < count:
            raise self.truncated(f"{count} bytes wanted at offset {offset} of {self.size}")
        return data

    def up_to(self, offset: int, count: int) -> bytes:
        """``count`` bytes from ``offset``, or as many as the file has."""
        if offset >= self.size:
            return b""
        try:
            return os.pread(self.descriptor, min(count, self.size - offset), offset)
        except OSError as error:
            raise UnreadableMedia(
                self.path, "the system could not read it; copy it again.", detail=str(error)
            ) from error

    def stream(self) -> io.BufferedReader:
        """A seekable stream of its own over the whole file; the caller closes it."""
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        return io.BufferedReader(io.FileIO(self.descriptor, closefd=False))

    def check_size(self, width: int, height: int) -> None:
        """Hold claimed pixel sizes against the limits, as soon as a parser knows them.

        Raises:
            CorruptMedia: a side is zero.
            MediaLimitExceeded: a side or the product is above its limit.
        """
        if width < 1 or height < 1:
            raise self.damaged(f"claims {width}x{height} pixels")
        self.limits.check_size(self.path, width, height)

    def truncated(self, detail: str) -> CorruptMedia:
        """The error for a file that ends too early."""
        return CorruptMedia(
            self.path, "the file is cut off before the picture ends; copy or export it again.", detail=detail
        )

    def damaged(self, detail: str) -> CorruptMedia:
        """The error for bytes that contradict their format."""
        return CorruptMedia(
            self.path, "the file is damaged and cannot be decoded; copy or export it again.", detail=detail
        )


_OPEN_PROBLEMS = {
    ENOENT: "there is no such file; check the path.",
    ENOTDIR: "there is no such file; check the path.",
    ENAMETOOLONG: "the file name is too long for this system; rename the file.",
    ELOOP: "the link leads in a circle; give the file itself.",
    EACCES: "reading it is not permitted; give yourself read permission.",
    EPERM: "reading it is not permitted; give yourself read permission.",
}


def _cannot_open(path: Path, error: OSError) -> UnreadableMedia:
    problem = _OPEN_PROBLEMS.get(error.errno or 0, "the system could not open it; check the disk or copy it again.")
    return UnreadableMedia(path, problem, detail=str(error))


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise UnreadableMedia(path, "this is a directory; give the photo file itself.")
    if not stat.S_ISREG(mode):
        raise UnreadableMedia(path, "this is not a regular file (a pipe, socket or device); save the photo to a file.")


@contextmanager
def open_photo_source(path: Path, limits: PhotoLimits) -> Iterator[PhotoSource]:
    """Open a file for probing or decoding.

    Raises:
        UnreadableMedia: missing, a directory, a pipe or device, no permission, or empty.
        MediaLimitExceeded: more bytes than allowed.
    """
    try:
        _check_kind(path, path.stat().st_mode)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot_open(path, error) from error
    except ValueError as error:  # a NUL inside the name
        raise UnreadableMedia(path, "the file name holds a zero byte; check the path.", detail=str(error)) from error
    try:
        status = os.fstat(descriptor)
        _check_kind(path, status.st_mode)
        if status.st_size == 0:
            raise UnreadableMedia(path, "the file is empty; copy or download it again.")
        limits.check_file(path, status.st_size)
        yield PhotoSource(path, descriptor, status.st_size, limits)
    finally:
        os.close(descriptor)
