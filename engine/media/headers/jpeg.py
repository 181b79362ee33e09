"""JPEG markers up to the first scan: ITU-T T.81 annex B; EXIF in APP1, ICC.1 annex B.4 in APP2."""

from engine.core.errors import UnsupportedMedia
from engine.media.headers.model import MAX_ICC_BYTES, PhotoHeader
from engine.media.headers.tiff import exif_orientation
from engine.media.source import PhotoSource

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN, _END_OF_IMAGE, _APP1, _APP2 = 0xDA, 0xD9, 0xE1, 0xE2
_ICC_MARK = b"ICC_PROFILE\0"
_EXIF_MARK = b"Exif\0\0"
_MAX_SEGMENTS = 4096


def _join_icc(parts: dict[int, bytes]) -> bytes | None:
    """Chunks are numbered from 1; a profile with a hole is no profile (decoders then take the picture as sRGB)."""
    if not parts or sorted(parts) != list(range(1, len(parts) + 1)):
        return None
    profile = b"".join(parts[i] for i in sorted(parts))
    return profile if len(profile) <= MAX_ICC_BYTES else None


def parse_jpeg(source: PhotoSource) -> PhotoHeader:
    """Read the frame header and the metadata in front of the first scan.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
        UnsupportedMedia: 12-bit samples, or a height that is only known after decoding.
    """
    offset = 2
    size: tuple[int, int] | None = None
    orientation: int | None = None
    icc_parts: dict[int, bytes] = {}
    for _ in range(_MAX_SEGMENTS):
        lead, marker = source.at(offset, 2)
        if lead != 0xFF:
            raise source.damaged(f"no JPEG marker at offset {offset}")
        if marker == 0xFF:  # a fill byte
            offset += 1
            continue
        if marker in _STANDALONE_MARKERS:
            offset += 2
            continue
        if marker in (_START_OF_SCAN, _END_OF_IMAGE):
            break
        length = int.from_bytes(source.at(offset + 2, 2), "big")
        if length < 2:
            raise source.damaged(f"JPEG segment {marker:02x} of length {length}")
        if marker in _FRAME_MARKERS:
            size = _frame_size(source, source.at(offset + 4, 6))
        elif marker == _APP1 and orientation is None and source.at(offset + 4, min(6, length - 2)) == _EXIF_MARK:
            orientation = exif_orientation(source.at(offset + 10, length - 8))
        elif marker == _APP2 and length > 16 and source.at(offset + 4, 12) == _ICC_MARK:
            data = source.at(offset + 16, length - 14)
            icc_parts[data[0]] = data[2:]
        offset += 2 + length
    if size is None:
        raise source.damaged("no JPEG frame header before the first scan")
    icc = _join_icc(icc_parts)
    return PhotoHeader(
        "JPEG", *size, orientation=orientation or 1, icc=icc, icc_unusable=icc is None and bool(icc_parts)
    )


def _frame_size(source: PhotoSource, data: bytes) -> tuple[int, int]:
    height, width = int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big")
    if data[0] != 8:
        raise UnsupportedMedia(
            source.path, f"this JPEG has {data[0]}-bit samples, which are not read; export it as 8-bit JPEG or TIFF."
        )
    if height == 0 and width:
        raise UnsupportedMedia(
            source.path, "this JPEG does not say its height in advance; open it in an editor and save it again."
        )
    source.check_size(width, height)
    return width, height
