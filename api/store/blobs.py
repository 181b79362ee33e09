"""Files by their content: a blob's name is the SHA-256 of its bytes, so the same file is kept once.

On a local disk a blob is written beside its place, synced and renamed, and its folder is synced: after ``put`` it is
there whatever happens to the power, whole. The time of a file says when it was last put: whoever removes old blobs
leaves alone what somebody is about to name.

Any other store that fsspec knows (``s3://bucket/prefix``) is written through fsspec, and a blob of it is copied into
the scratch folder where a program needs a real file.
"""

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import fsspec

CHUNK = 1 << 20
"""Bytes that are read at once."""

LOCAL = "file"

COPIES = "copies"
"""Folder for copies of remote blobs, in the scratch folder."""

NS_PER_MS = 1_000_000


class BlobStore:
    """Blobs below one place.

    Args:
        url: ``file:///FOLDER``, or what fsspec knows.
        scratch: folder for files on their way in and for copies of remote blobs; on the same file system as a local
            store.
    """

    def __init__(self, url: str, scratch: Path) -> None:
        self.fs, self.root = fsspec.core.url_to_fs(url)
        self.is_local = LOCAL in (self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,))
        self.scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)
        if self.is_local:
            Path(self.root).mkdir(parents=True, exist_ok=True)

    def put(self, path: Path, digest: str | None = None) -> tuple[str, int]:
        """Take a file in: moved where that can be done, copied otherwise. It must not change any more.

        Args:
            path: the file; on the store's file system it is gone afterwards.
            digest: its SHA-256 in hexadecimal digits, where that is known already.

        Returns:
            The blob's name and its size in bytes.
        """
        size = path.stat().st_size
        ref = digest or digest_of(path)
        target = self._place(ref)
        if not self.is_local:
            self.fs.put_file(str(path), target)  # again where it is there: its time must be now
        elif self._is_there(Path(target), size):
            _sync_folders(Path(target))  # whoever put it first may not have come so far
        else:
            self._move_in(path, Path(target))
        path.unlink(missing_ok=True)
        return ref, size

    def open(self, ref: str) -> BinaryIO:
        """A blob to read, with ``seek``.

        Raises:
            FileNotFoundError: there is none of that name.
        """
        return cast("BinaryIO", self.fs.open(self._place(ref), "rb"))

    def exists(self, ref: str) -> bool:
        """Whether there is a blob of that name."""
        return bool(self.fs.exists(self._place(ref)))

    def local_path(self, ref: str) -> Path:
        """A blob as a file of this machine, to be read only.

        Raises:
            FileNotFoundError: there is none of that name.
        """
        place = self._place(ref)
        if self.is_local:
            path = Path(place)
            if not path.is_file():
                raise FileNotFoundError(ref)
            return path
        path = self.scratch / COPIES / ref
        if path.is_file():
            with contextlib.suppress(FileNotFoundError):
                os.utime(path)  # when it was used: what was not for the longest time goes first
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{ref}.{secrets.token_hex(4)}.part")
            self.fs.get_file(place, str(part))
            part.rename(path)
        return path

    def delete(self, ref: str) -> None:
        """Remove a blob; nothing happens where there is none."""
        if self.fs.exists(self._place(ref)):
            self.fs.rm_file(self._place(ref))
        (self.scratch / COPIES / ref).unlink(missing_ok=True)

    def delete_old(self, ref: str, before_ms: int) -> bool:
        """Remove a blob that was not put since ``before_ms`` (ms since 1970); whether it was.

        On a local disk it is never gone, not for a moment, for one that puts the same blob in meanwhile.
        """
        if not self.is_local:
            if not self.exists(ref) or self.fs.modified(self._place(ref)).timestamp() * 1000 >= before_ms:
                return False
            self.delete(ref)
            return True
        place = Path(self._place(ref))
        aside = place.with_name(f"{ref}.{secrets.token_hex(4)}.part")
        try:
            if place.stat().st_mtime_ns >= before_ms * NS_PER_MS:
                return False
            place.rename(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime_ns >= before_ms * NS_PER_MS:  # put in between the two lines
            aside.rename(place)
            return False
        aside.unlink()
        return True

    def delete_parts(self, before_ms: int) -> int:
        """Remove what was left half-way by a crash, when it was not written to since ``before_ms``; how many."""
        count = 0
        for folder in (self.scratch, Path(self.root)) if self.is_local else (self.scratch,):
            for part in folder.rglob("*.part"):
                with contextlib.suppress(FileNotFoundError):
                    if part.stat().st_mtime_ns < before_ms * NS_PER_MS:
                        part.unlink()
                        count += 1
        return count

    def trim_copies(self, most_bytes: int, before_ms: int) -> int:
        """Remove copies of remote blobs, those first that were not used for the longest time, until the rest fits.

        Args:
            most_bytes: what may stay.
            before_ms: those that were used since then (ms since 1970) stay: somebody may be at them.

        Returns:
            How many were removed.
        """
        found = []
        for path in (self.scratch / COPIES).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                state = path.stat()
                found.append((state.st_mtime_ns, state.st_size, path))
        left, count = sum(size for _, size, _ in found), 0
        for used, size, path in sorted(found):
            if left <= most_bytes or used >= before_ms * NS_PER_MS:
                break
            path.unlink(missing_ok=True)
            left, count = left - size, count + 1
        return count

    def size(self, ref: str) -> int:
        """Bytes of a blob.

        Raises:
            FileNotFoundError: there is none of that name.
        """
        return int(self.fs.size(self._place(ref)))

    def refs(self) -> Iterator[str]:
        """The names of all blobs."""
        for place in self.fs.find(self.root):
            name = str(place).rpartition("/")[2]
            if len(name) == hashlib.sha256().digest_size * 2:
                yield name

    def new_file(self) -> Path:
        """The name of a file that does not exist yet, on its way in."""
        return self.scratch / f"{secrets.token_hex(12)}.part"

    def _place(self, ref: str) -> str:
        if not ref.isalnum():
            raise ValueError("A blob's name is letters and digits.")
        return f"{self.root}/{ref[:2]}/{ref}"

    def _is_there(self, target: Path, size: int) -> bool:
        """Whether the blob is there, whole; it counts as just put then."""
        try:
            os.utime(target)
            return target.stat().st_size == size
        except FileNotFoundError:
            return False

    def _move_in(self, path: Path, target: Path) -> None:
        target.parent.mkdir(exist_ok=True)
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
        os.utime(path)
        try:
            path.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy_in(path, target)
        _sync_folders(target)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _copy_in(path: Path, target: Path) -> None:
    """What a rename does, between file systems."""
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with path.open("rb") as source, part.open("wb") as sink:
            while chunk := source.read(CHUNK):
                sink.write(chunk)
            sink.flush()
            os.fsync(sink.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _sync_folders(target: Path) -> None:
    for folder in (target.parent, target.parent.parent):
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
