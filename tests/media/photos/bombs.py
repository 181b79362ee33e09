"""Files that claim far more pixels than they hold, in every format and every place where a size can stand."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image

from tests.media.photos.photo_samples import png_chunk, sample

HUGE = 60_000


def png_bomb() -> bytes:
    """65 bytes: a header claiming 60000 x 60000, eight bytes of data, an end."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", HUGE, HUGE, 8, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")
    assert len(data) == 65
    return data


def jpeg_bomb() -> bytes:
    data = bytearray(sample("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", HUGE, HUGE)
    return bytes(data)


def webp_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp_file(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_canvas_bomb() -> bytes:
    """An extended file whose canvas is 16384 x 16384, with a small picture."""
    canvas = b"\0\0\0\0" + (16383).to_bytes(3, "little") * 2
    return webp_file(webp_chunk(b"VP8X", canvas), sample("WEBP")[12:])


def webp_lossless_bomb() -> bytes:
    return webp_file(webp_chunk(b"VP8L", b"\x2f" + struct.pack("<I", 0x3FFF | 0x3FFF << 14) + b"\0" * 8))


def webp_lossy_bomb() -> bytes:
    frame = b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 0x3FFF, 0x3FFF) + b"\0" * 20
    return webp_file(webp_chunk(b"VP8 ", frame))


def heif_bomb(photo_format: str) -> bytes:
    """The size property of a HEIC or AVIF claims 60000 x 60000."""
    data = sample(photo_format)
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", HUGE, HUGE) + data[at + 8 :]


def heic_grid_bomb() -> bytes:
    """The size property is honest, the grid item claims 60000 x 60000."""
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(np.zeros((128, 192, 3), np.uint8))).save(out, tile_size=64)
    data = out.getvalue()
    small = struct.pack(">BBHH", 1, 2, 192, 128)  # rows - 1, columns - 1, width, height
    assert data.count(small) == 1
    return data.replace(small, struct.pack(">BBHH", 1, 2, HUGE, HUGE))


def heic_stream_bomb() -> bytes:
    """The size property claims 64 x 64; the HEVC parameter set inside says 16384 x 16384."""
    data = bytearray(sample("HEIC"))
    record = data.index(b"hvcC") + 4
    length = struct.unpack(">I", data[record - 8 : record - 4])[0] - 8
    at = record + 23
    for _ in range(data[record + 22]):
        kind, units = data[at] & 63, struct.unpack(">H", data[at + 1 : at + 3])[0]
        at += 3
        for _ in range(units):
            size = struct.unpack(">H", data[at : at + 2])[0]
            if kind == 33:
                data[at + 2 : at + 2 + size] = _enlarged(bytes(data[at + 2 : at + 2 + size]))
            at += 2 + size
    assert at <= record + length
    return bytes(data)


def _enlarged(nal: bytes) -> bytes:
    """Write a larger width and height over the exp-Golomb codes of an SPS, keeping its length."""
    plain = nal.replace(b"\0\0\3", b"\0\0")
    bits = "".join(f"{byte:08b}" for byte in plain)
    at = 16 + 8 + 96  # NAL header, ids and sub-layers, profile and level (x265 writes one sub-layer)
    for _ in range(2):  # sps id, chroma format
        zeros = bits.index("1", at) - at
        value = int(bits[at + zeros : at + 2 * zeros + 1], 2) - 1
        at += 2 * zeros + 1
    if value == 3:
        at += 1
    size = "".join(f"{'0' * 14}{n + 1:b}" for n in (16384, 16384))
    bits = (bits[:at] + size + bits[at:])[: 8 * len(plain)]
    grown = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return grown.ljust(len(nal), b"\x80")


def gif_file(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    body = struct.pack("<6sHHBBB", b"GIF89a", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return body + struct.pack("<BHHHHB", 0x2C, 0, 0, *frame, 0) + b"\x02\x02\x44\x01\x00\x3b"


def tiff_bomb() -> bytes:
    entries = [
        (256, 4, HUGE),
        (257, 4, HUGE),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, HUGE),
        (279, 4, 10),
    ]
    table = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + table + bytes(4)


def bmp_bomb(height: int = HUGE) -> bytes:
    return (
        b"BM"
        + struct.pack("<IHHI", 70, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, HUGE, height, 1, 24, 0, 0, 0, 0, 0, 0)
    )


def all_bombs() -> dict[str, bytes]:
    """Name with extension -> content."""
    return {
        "a.png": png_bomb(),
        "a.jpg": jpeg_bomb(),
        "canvas.webp": webp_canvas_bomb(),
        "lossless.webp": webp_lossless_bomb(),
        "lossy.webp": webp_lossy_bomb(),
        "a.heic": heif_bomb("HEIC"),
        "grid.heic": heic_grid_bomb(),
        "stream.heic": heic_stream_bomb(),
        "a.avif": heif_bomb("AVIF"),
        "screen.gif": gif_file((65535, 65535), (1, 1)),
        "frame.gif": gif_file((1, 1), (65535, 65535)),
        "a.tif": tiff_bomb(),
        "a.bmp": bmp_bomb(),
        "topdown.bmp": bmp_bomb(-HUGE),
    }
