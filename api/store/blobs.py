"""Files by their content: a blob's name is the SHA-256 of its bytes, so the same file is kept once.

On a local disk a blob is written beside its place, synced and renamed, and its folder is synced: after ``put`` it is
there whatever happens to the power. Any other store that fsspec knows (``s3://bucket/prefix``) is written through
fsspec, and a blob of it is copied into the cache folder where a program needs a real file.
"""

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
        if not self.fs.exists(target):
            if self.is_local:
                self._move_in(path, Path(target))
            else:
                self.fs.put_file(str(path), target)
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
        path = self.scratch / "copies" / ref
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
        (self.scratch / "copies" / ref).unlink(missing_ok=True)

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

    def _move_in(self, path: Path, target: Path) -> None:
        target.parent.mkdir(exist_ok=True)
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
        try:
            path.replace(target)
        except OSError:  # another file system
            part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
            with path.open("rb") as source, part.open("wb") as sink:
                while chunk := source.read(CHUNK):
                    sink.write(chunk)
                sink.flush()
                os.fsync(sink.fileno())
            part.replace(target)
        for folder in (target.parent, target.parent.parent):
            sync_folder(folder)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
