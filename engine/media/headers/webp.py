"""WEBP: RIFF chunks around a VP8 key frame (RFC 6386 9.1), a VP8L stream (RFC 9649 3.4) or an extended file (2.7)."""

from dataclasses import dataclass

from engine.media.headers.model import MAX_ICC_BYTES, PhotoHeader
from engine.media.headers.tiff import exif_orientation
from engine.media.source import PhotoSource

_MAX_CHUNKS = 100_000
_MAX_EXIF_BYTES = 1 << 20
_ANIMATION_FLAG, _ALPHA_FLAG = 0x02, 0x10


@dataclass(slots=True)
class _Found:
    """What the chunks said so far."""

    canvas: tuple[int, int] | None = None
    picture: tuple[int, int] | None = None
    alpha: bool = False
    animated: bool = False
    frames: int = 0
    icc: bytes | None = None
    orientation: int = 1


def _read_chunk(source: PhotoSource, found: _Found, kind: bytes, start: int, length: int) -> None:
    if kind == b"VP8X":
        data = source.at(start, 10)
        found.canvas = 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
        found.alpha = bool(data[0] & _ALPHA_FLAG)
        found.animated = bool(data[0] & _ANIMATION_FLAG)
        source.check_size(*found.canvas)
    elif kind == b"VP8 " and found.picture is None:
        data = source.at(start, 10)
        if data[3:6] != b"\x9d\x01\x2a":
            raise source.damaged("the VP8 start code is missing")
        found.picture = int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
        source.check_size(*found.picture)
    elif kind == b"VP8L" and found.picture is None:
        data = source.at(start, 5)
        if data[0] != 0x2F:
            raise source.damaged("the VP8L signature is missing")
        bits = int.from_bytes(data[1:5], "little")
        found.picture = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        found.alpha |= bool(bits >> 28 & 1)
        source.check_size(*found.picture)
    elif kind == b"ANMF":
        found.frames += 1
    elif kind == b"ICCP" and length <= MAX_ICC_BYTES:
        found.icc = source.at(start, length)
    elif kind == b"EXIF" and length <= _MAX_EXIF_BYTES:
        found.orientation = exif_orientation(source.at(start, length).removeprefix(b"Exif\0\0"))


def parse_webp(source: PhotoSource) -> PhotoHeader:
    """Walk the RIFF chunks.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
    """
    end = 8 + int.from_bytes(source.at(4, 4), "little")
    found = _Found()
    offset = 12
    for _ in range(_MAX_CHUNKS):
        if offset + 8 > min(end, source.size):
            break
        head = source.at(offset, 8)
        length = int.from_bytes(head[4:], "little")
        _read_chunk(source, found, head[:4], offset + 8, length)
        offset += 8 + length + length % 2
    size = found.canvas or found.picture
    if size is None:
        raise source.damaged("no picture among the WEBP chunks")
    if end > source.size:
        raise source.truncated(f"RIFF says {end} bytes, the file has {source.size}")
    return PhotoHeader(
        "WEBP",
        *size,
        orientation=found.orientation,
        has_alpha=found.alpha,
        icc=found.icc,
        frames=2 if found.frames > 1 else 1,
        moving=found.animated and found.frames > 1,
    )
