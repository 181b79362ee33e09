"""ISO base media boxes (ISO/IEC 14496-12): a bounded walk over the tree, by position."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.media.source import PhotoSource

MAX_BOXES = 20_000
"""Boxes in one container; an iPhone's HEIC has about a hundred properties."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    Attributes:
        kind: the four-character type.
        start, end: where its payload begins and ends in the file.
    """

    kind: bytes
    start: int
    end: int


def boxes(source: PhotoSource, start: int, end: int, *, trailer: bool = False) -> Iterator[Box]:
    """The boxes between two positions.

    Args:
        source: the file.
        start, end: positions in it.
        trailer: bytes that are no box may follow the last one, as some phones append; the walk then ends there.

    Raises:
        CorruptMedia: a box is larger than what holds it, or there are more than :data:`MAX_BOXES`.
    """
    offset = start
    for _ in range(MAX_BOXES):
        if offset + 8 > end:
            return
        head = source.at(offset, 8)
        size, payload = int.from_bytes(head[:4], "big"), offset + 8
        if size == 1:
            size, payload = int.from_bytes(source.at(offset + 8, 8), "big"), offset + 16
        elif size == 0:
            size = end - offset
        if trailer and not payload <= offset + size <= end:
            return
        if offset + size < payload:
            raise source.damaged(f"box {head[4:]!r} of {size} bytes at offset {offset}")
        if offset + size > end:
            raise source.truncated(f"box {head[4:]!r} of {size} bytes at offset {offset} ends after {end}")
        yield Box(head[4:], payload, offset + size)
        offset += size
    raise source.damaged(f"more than {MAX_BOXES} boxes")


class Fields:
    """Reads big-endian numbers one after the other from a box's payload."""

    def __init__(self, source: PhotoSource, data: bytes) -> None:
        self._source = source
        self._data = data
        self._pos = 0

    def number(self, size: int) -> int:
        """The next unsigned number of ``size`` bytes (0 bytes give 0)."""
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        if self._pos + size > len(self._data):
            raise self._source.damaged(f"a box of {len(self._data)} bytes is too short")
        self._pos += size
        return self._data[self._pos - size : self._pos]

    def skip_text(self) -> None:
        """Pass over a zero-terminated string."""
        end = self._data.find(b"\0", self._pos)
        self._pos = len(self._data) if end < 0 else end + 1
