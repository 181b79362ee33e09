"""What libavformat leaves to be said about subtitle tracks: whether they are shown, and where.

It enables the first track of a kind whatever was asked, so that players would show subtitles that nobody wanted, and
gives text tracks no size, which QuickTime takes for a region that holds nothing. Both are a few bytes in ``tkhd``
(ISO/IEC 14496-12, 8.3.2) and in the ``tx3g`` sample entry (3GPP TS 26.245, 5.16); they are written over in place.
"""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

_ENABLED = 1  # tkhd: track_enabled
_TKHD_SIZE = -8  # from the end of tkhd: width and height, 16.16 fixed point
# tx3g: 8 of the sample entry, 4 of display flags, 2 of justification, 4 of background colour, then the box.
_TEXT_BOX = 18


def place_subtitles(path: Path, shown: Sequence[bool], width: int, height: int) -> None:
    """Say of each subtitle track, in file order, whether players show it unasked; its region is the whole picture.

    Args:
        path: a finished MP4 with ``moov`` before ``mdat``, written over in place.
        shown: one for each track of ``tx3g``.
        width, height: of the video, pixels.

    Raises:
        OSError: the file cannot be read or written.
    """
    with path.open("r+b") as file:
        start, moov = _read_movie(file)
        flags = iter(shown)
        for track in _children(moov, _Span(8, len(moov)), b"trak"):
            (description,) = _path(moov, track, b"mdia", b"minf", b"stbl", b"stsd")
            for text in _children(moov, _Span(description.start + 8, description.end), b"tx3g"):
                (header,) = _children(moov, track, b"tkhd")
                enabled = moov[header.start + 3] & ~_ENABLED | (_ENABLED if next(flags) else 0)
                moov[header.start + 3] = enabled
                struct.pack_into(">II", moov, header.end + _TKHD_SIZE, width << 16, height << 16)
                struct.pack_into(">4H", moov, text.start + _TEXT_BOX, 0, 0, height, width)
        file.seek(start)
        file.write(moov)


class _Span(NamedTuple):
    """The content of a box: offsets of its first byte and of the byte after its last."""

    start: int
    end: int


def _read_movie(file: BinaryIO) -> tuple[int, bytearray]:
    """Where the ``moov`` box begins in the file, and all of it."""
    start = 0
    while True:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"moov":
            file.seek(start)
            return start, bytearray(file.read(size))
        start += size


def _children(data: bytearray, parent: _Span, kind: bytes) -> Iterator[_Span]:
    """The boxes of a kind directly inside another; all are shorter than 4 GiB here."""
    position = parent.start
    while position < parent.end:
        size, found = struct.unpack_from(">I4s", data, position)
        if found == kind:
            yield _Span(position + 8, position + size)
        position += size


def _path(data: bytearray, parent: _Span, *kinds: bytes) -> Iterator[_Span]:
    """The boxes at the end of a path of kinds."""
    first, *rest = kinds
    for box in _children(data, parent, first):
        yield from _path(data, box, *rest) if rest else (box,)
