"""BMP: the sizes and depth of the DIB header (OS/2 1.x, and Windows 3 to 5)."""

from engine.core.errors import UnsupportedMedia
from engine.media.headers.model import PhotoHeader
from engine.media.source import PhotoSource

_CORE_HEADER = 12
_EMBEDDED_FILE = (4, 5)
_BITFIELDS, _HEADER_WITH_ALPHA = 3, 56


def parse_bmp(source: PhotoSource) -> PhotoHeader:
    """Read the file and DIB headers.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
        UnsupportedMedia: a JPEG or PNG wrapped in a BMP.
    """
    size = int.from_bytes(source.at(14, 4), "little")
    if size == _CORE_HEADER:
        data = source.at(18, 8)
        width, height = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "little")
        bits, compression = int.from_bytes(data[6:8], "little"), 0
    elif 40 <= size <= 124:
        data = source.at(18, 16)
        width = int.from_bytes(data[:4], "little", signed=True)
        height = abs(int.from_bytes(data[4:8], "little", signed=True))  # negative: the top row comes first
        bits, compression = int.from_bytes(data[10:12], "little"), int.from_bytes(data[12:16], "little")
    else:
        raise source.damaged(f"a BMP header of {size} bytes")
    source.check_size(width, height)
    if compression in _EMBEDDED_FILE:
        raise UnsupportedMedia(source.path, "this BMP wraps a JPEG or PNG; save it as a plain JPEG or PNG.")
    alpha_mask = source.at(66, 4) if compression == _BITFIELDS and size >= _HEADER_WITH_ALPHA else b""
    return PhotoHeader("BMP", width, height, bit_depth=5 if bits == 16 else min(bits, 8), has_alpha=any(alpha_mask))
