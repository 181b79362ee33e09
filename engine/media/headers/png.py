"""PNG chunks: W3C PNG third edition (2025), with APNG, eXIf, iCCP and cICP."""

import zlib

from engine.media.headers.model import MAX_ICC_BYTES, Cicp, PhotoHeader
from engine.media.headers.tiff import exif_orientation
from engine.media.source import PhotoSource

_MAX_CHUNKS = 200_000
_MAX_EXIF_BYTES = 1 << 20
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_PICTURE_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_MAX_DEFLATE_RATIO = 1032
"""Deflate cannot expand a byte to more than this (RFC 1951: 258 bytes from two bits, and framing)."""


def _inflate_icc(data: bytes) -> bytes | None:
    """An iCCP chunk: name, zero, method 0, then a zlib stream, inflated to at most :data:`MAX_ICC_BYTES`."""
    _, _, rest = data.partition(b"\0")
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(rest[1:], MAX_ICC_BYTES)
    except zlib.error:
        return None
    return profile if inflater.eof else None


def parse_png(source: PhotoSource) -> PhotoHeader:
    """Walk all chunks by their lengths, so that a file that was cut off is known before it is decoded.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
    """
    first = source.at(8, 25)
    if first[:8] != b"\0\0\0\rIHDR":
        raise source.damaged("the first PNG chunk is not IHDR")
    width, height = int.from_bytes(first[8:12], "big"), int.from_bytes(first[12:16], "big")
    source.check_size(width, height)
    depth, colour = first[16], first[17]
    if zlib.crc32(first[4:21]) != int.from_bytes(first[21:25], "big"):
        raise source.damaged("the checksum of the PNG header is wrong")
    if depth not in _DEPTHS.get(colour, set()):
        raise source.damaged(f"PNG colour type {colour} with {depth} bits")

    orientation, icc, has_icc, cicp, animated, transparent, image_bytes = 1, None, False, None, False, False, 0
    offset = 33
    for _ in range(_MAX_CHUNKS):
        head = source.at(offset, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"IEND":
            break
        if offset + 12 + length > source.size:
            raise source.truncated(f"chunk {kind!r} of {length} bytes at offset {offset}")
        if kind == b"IDAT":
            image_bytes += length
        elif kind == b"tRNS":
            transparent = True
        elif kind == b"acTL" and length == 8 and not image_bytes:
            animated = int.from_bytes(source.at(offset + 8, 4), "big") > 1
        elif kind == b"eXIf" and length <= _MAX_EXIF_BYTES:
            orientation = exif_orientation(source.at(offset + 8, length))
        elif kind == b"iCCP":
            has_icc = True
            icc = _inflate_icc(source.at(offset + 8, length)) if length <= MAX_ICC_BYTES else None
        elif kind == b"cICP" and length == 4:
            data = source.at(offset + 8, 4)
            cicp = Cicp(data[0], data[1])
        offset += 12 + length
    else:
        raise source.damaged(f"more than {_MAX_CHUNKS} PNG chunks")
    raw_bytes = height * (1 + (width * depth * _CHANNELS[colour] + 7) // 8)
    if raw_bytes > image_bytes * _MAX_DEFLATE_RATIO:
        raise source.damaged(f"{image_bytes} bytes of image data cannot hold {raw_bytes} bytes of pixels")
    return PhotoHeader(
        "PNG",
        width,
        height,
        orientation=orientation,
        bit_depth=8 if colour == 3 else depth,
        has_alpha=colour in (4, 6) or transparent,
        deep=depth == 16,
        # The third edition of PNG puts cICP above iCCP.
        icc=None if cicp else icc,
        icc_unusable=has_icc and icc is None and cicp is None,
        cicp=cicp,
        frames=2 if animated else 1,
        moving=animated,
    )


def picture_chunks(source: PhotoSource) -> bytes:
    """The file without its metadata and later frames, for the decoder.

    The metadata has been read already; a text or profile that inflates to gigabytes, or is damaged, then neither costs
    memory nor the picture.

    Raises:
        CorruptMedia: a chunk reaches over the end of the file.
    """
    parts = [source.at(0, 8)]
    offset = 8
    kind = b""
    while kind != b"IEND":
        head = source.at(offset, 8)
        kind, size = head[4:], 12 + int.from_bytes(head[:4], "big")
        if kind in _PICTURE_CHUNKS:
            # The last chunk may lack its checksum without harm.
            parts.append(source.up_to(offset, size))
        offset += size
    return b"".join(parts)
