"""Groups of pictures that wait on disk for the sound to be ready."""

import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engine.media.packets import EncodedGop, gop_from_bytes, gop_to_bytes

_SIZE = struct.Struct("<Q")


class GopSpool:
    """First in, first out, in a file without a name: nothing of it is left, whatever ends the process.

    Args:
        folder: where the file shall be; the disk must have room for the whole video.

    Raises:
        OSError: by every method but ``close``, if the disk fails or is full.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as this object

    def add(self, gop: EncodedGop) -> None:
        """Put a group behind the others."""
        data = gop_to_bytes(gop)
        self._file.write(_SIZE.pack(len(data)))
        self._file.write(data)
        self._file.flush()  # a full disk is told here, not later

    def drain(self) -> Iterator[EncodedGop]:
        """All groups, oldest first; nothing can be added after that."""
        self._file.seek(0, os.SEEK_SET)
        while header := self._file.read(_SIZE.size):
            yield gop_from_bytes(self._file.read(*_SIZE.unpack(header)))

    def close(self) -> None:
        """Throw the file away."""
        # What a full disk did not take is tried once more on closing.
        with suppress(OSError):
            self._file.close()
