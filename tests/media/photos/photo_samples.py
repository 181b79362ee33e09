"""Photos made for the tests: known pixels in every format, with the metadata that a test asks for."""

import io
import struct
import zlib
from functools import lru_cache

import numpy as np
import pillow_heif
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "HEIC", "AVIF", "TIFF", "BMP", "GIF")
EXTENSION = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "HEIC": ".heic",
    "AVIF": ".avif",
    "TIFF": ".tif",
    "BMP": ".bmp",
    "GIF": ".gif",
}
CORNERS = {
    "top left": (200, 40, 40),
    "top right": (40, 180, 40),
    "bottom left": (40, 40, 200),
    "bottom right": (230,) * 3,
}
"""What :func:`corner_picture` shows in each quarter."""


def corner_picture(width: int = 96, height: int = 64) -> np.ndarray:
    """Four flat quarters of different colours: every orientation of it looks different. Shape (H, W, 3), uint8."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = CORNERS["top left"]
    picture[: height // 2, width // 2 :] = CORNERS["top right"]
    picture[height // 2 :, : width // 2] = CORNERS["bottom left"]
    picture[height // 2 :, width // 2 :] = CORNERS["bottom right"]
    return picture


def smooth_picture(width: int, height: int, seed: int = 0) -> np.ndarray:
    """Slow gradients of all channels with a little texture. Shape (H, W, 3), uint8."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    picture = np.stack([x, y, 0.5 + 0.5 * np.sin(5 * x + 3 * y)], axis=-1) * 220 + 15
    return (picture + rng.uniform(-6, 6, (height, width, 1))).clip(0, 255).astype(np.uint8)


def exif_block(orientation: int) -> bytes:
    """EXIF with one tag."""
    return b"Exif\0\0" + struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 274, 3, 1, orientation, 0, 0)


def encode(pixels: np.ndarray, photo_format: str, *, orientation: int = 1, icc: bytes | None = None) -> bytes:
    """Encode an RGB picture, nearly lossless, with metadata (ignored by BMP and GIF)."""
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    meta = {"exif": exif_block(orientation)} if orientation != 1 else {}
    if icc is not None:
        meta["icc_profile"] = icc
    if photo_format == "HEIC":
        # pillow-heif writes the orientation as irot and imir.
        pillow_heif.from_pillow(image).save(out, quality=95, chroma=444, **meta)
    elif photo_format == "JPEG":
        image.save(out, "JPEG", quality=97, subsampling=0, **meta)
    elif photo_format == "AVIF":
        image.save(out, "AVIF", quality=97, subsampling="4:4:4", speed=9, **meta)
    elif photo_format == "WEBP":
        image.save(out, "WEBP", lossless=True, **meta)
    elif photo_format == "TIFF":
        tags = {274: orientation} if orientation != 1 else {}
        image.save(out, "TIFF", compression="tiff_lzw", tiffinfo=tags, icc_profile=icc)
    else:
        image.save(out, photo_format, **(meta if photo_format == "PNG" else {}))
    return out.getvalue()


@lru_cache(maxsize=64)
def sample(photo_format: str, orientation: int = 1) -> bytes:
    """The corner picture in one format."""
    return encode(corner_picture(), photo_format, orientation=orientation)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png16(samples: np.ndarray, *, extra: bytes = b"", interlaced_ok: bool = False) -> bytes:
    """A 16-bit PNG from scratch, unfiltered: shape (H, W, C), uint16, C = 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA.

    ``extra`` are whole chunks to put in front of the image data.
    """
    height, width, channels = samples.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + extra
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def tiff16(
    samples: np.ndarray,
    *,
    order: str = "<",
    icc: bytes | None = None,
    orientation: int = 1,
    photometric: int | None = None,
    extra: int = 2,
) -> bytes:
    """A 16-bit uncompressed TIFF from scratch: shape (H, W, C), uint16, C = 1, 2, 3 or 4.

    ``photometric`` is 2 (RGB) or 1 (black is zero) by default; ``extra`` is the kind of the last of 2 or 4 channels
    (0 unspecified, 1 premultiplied alpha, 2 straight alpha).
    """
    height, width, channels = samples.shape
    data = samples.astype(order + "u2").tobytes()
    entries: list[tuple[int, int, int, int | bytes]] = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, channels, struct.pack(f"{order}{channels}H", *[16] * channels)),
        (259, 3, 1, 1),
        (262, 3, 1, photometric if photometric is not None else 2 if channels >= 3 else 1),
        (273, 4, 1, 8),
        (274, 3, 1, orientation),
        (277, 3, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, len(data)),
    ]
    if channels in (2, 4) and photometric != 5:
        entries.append((338, 3, 1, extra))
    if icc is not None:
        entries.append((34675, 7, len(icc), icc))
    data += b"\0" * (len(data) % 2)
    directory_at = 8 + len(data)
    tail_at = directory_at + 2 + 12 * len(entries) + 4
    table, tail = struct.pack(order + "H", len(entries)), b""
    for tag, kind, count, value in entries:
        table += struct.pack(order + "HHI", tag, kind, count)
        if isinstance(value, bytes) and len(value) > 4:
            table += struct.pack(order + "I", tail_at + len(tail))
            tail += value + b"\0" * (len(value) % 2)
        elif isinstance(value, bytes):
            table += value.ljust(4, b"\0")
        else:
            table += struct.pack(order + ("HH" if kind == 3 else "I"), *((value, 0) if kind == 3 else (value,)))
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", directory_at)
    return start + data + table + struct.pack(order + "I", 0) + tail
