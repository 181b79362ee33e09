"""Animated GIF, WEBP and PNG: when each picture is shown, read from the file's own blocks, and the pictures.

Pillow puts the pictures together (disposal, blending, transparency); it is asked for them in order, since each may
build on the one before.
"""

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import GifImagePlugin, Image, PngImagePlugin, WebPImagePlugin

from engine.core.errors import CorruptMedia
from engine.media.video.index import PictureIndex, make_index
from engine.media.video.limits import VideoLimits
from engine.media.video.picture import RgbaImage

TICKS = 1000
"""A second, in the ticks of an animation's index."""

SHORTEST_MS = 10
DEFAULT_MS = 100
"""A picture that asks for SHORTEST_MS milliseconds or less is shown for DEFAULT_MS, as all browsers do."""

_PLUGINS: dict[str, Any] = {
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "PNG": PngImagePlugin.PngImageFile,
}


def animation_format(head: bytes) -> str:
    """``"GIF"``, ``"WEBP"`` or ``"PNG"`` by the first bytes; empty for anything else. It need not move."""
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    return "PNG" if head.startswith(b"\x89PNG\r\n\x1a\n") else ""


def _shown(milliseconds: float) -> int:
    return DEFAULT_MS if milliseconds <= SHORTEST_MS else round(milliseconds)


def gif_delays(data: bytes) -> tuple[list[int], bool]:
    """Milliseconds of each picture (GIF89a, graphic control extensions), and whether the file is complete."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    delays: list[int] = []
    delay = 0
    while at < len(data):
        kind = data[at]
        if kind == 0x3B:
            return delays, True
        if kind == 0x21 and data[at + 1 : at + 3] == b"\xf9\x04":
            delay = int.from_bytes(data[at + 4 : at + 6], "little") * 10
        if kind == 0x21:
            at += 2
        elif kind == 0x2C:
            if at + 11 > len(data):
                break
            at += 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0)
        else:
            break
        while at < len(data) and data[at]:
            at += data[at] + 1
        if at >= len(data):
            break
        at += 1
        if kind == 0x2C:
            delays.append(_shown(delay))
            delay = 0
    return delays, False


def webp_delays(data: bytes) -> tuple[list[int], bool]:
    """Milliseconds of each picture (the ANMF chunks of the WebP container), and whether the file is complete."""
    delays: list[int] = []
    at = 12
    end = 8 + int.from_bytes(data[4:8], "little")
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"ANMF" and at + 8 + length <= len(data):
            delays.append(_shown(int.from_bytes(data[at + 20 : at + 23], "little")))
        at += 8 + length + length % 2
    return delays, len(data) >= end


def png_delays(data: bytes) -> tuple[list[int], bool]:
    """Milliseconds of each picture (the fcTL chunks of PNG 3), and whether the file is complete."""
    delays: list[int] = []
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"fcTL" and length == 26 and at + 38 <= len(data):
            numerator, denominator = struct.unpack(">HH", data[at + 28 : at + 32])
            delays.append(_shown(1000 * numerator / (denominator or 100)))
        if kind == b"IEND":
            return delays, True
        at += 12 + length
    return delays, False


_DELAYS = {"GIF": gif_delays, "WEBP": webp_delays, "PNG": png_delays}


def scan_animation(path: Path, kind: str, limits: VideoLimits) -> tuple[PictureIndex, bool]:
    """When each picture of an animation is shown.

    Returns:
        index: in milliseconds; decoding begins at the first picture.
        cut_off: the file ends before it should.

    Raises:
        CorruptMedia: there is no picture in it.
        MediaLimitExceeded: it is too long.
    """
    delays, complete = _DELAYS[kind](path.read_bytes())
    delays = delays or [DEFAULT_MS]
    times = np.concatenate([[0], np.cumsum(delays[:-1])]).astype(int).tolist()
    index = make_index(times, delays, [(0, 0)], Fraction(1, TICKS))
    limits.check_length(path, index.duration, index.count)
    return index, not complete


def decode_animation(path: Path, kind: str, size: tuple[int, int]) -> Iterator[tuple[int, RgbaImage]]:
    """The pictures in order, (H, W, 4) uint8 sRGB with straight alpha, of ``size`` (width, height).

    Ends early where the file is damaged.

    Raises:
        CorruptMedia: not even the first picture can be decoded.
    """
    number = 0
    try:
        with path.open("rb") as file, _PLUGINS[kind](file) as image:
            # A PNG whose still picture is no part of the animation shows that only where animations are unknown.
            first = 1 if kind == "PNG" and getattr(image, "default_image", False) else 0
            while True:
                image.seek(number + first)
                yield number, _on_canvas(image, size)
                number += 1
    except EOFError:
        return
    except Exception as error:
        # Pillow's plugins raise nearly anything on broken bytes.
        if number == 0:
            raise CorruptMedia(
                path, "the file is damaged and cannot be decoded; copy or export it again.", detail=repr(error)
            ) from error


def _on_canvas(image: Image.Image, size: tuple[int, int]) -> RgbaImage:
    pixels = np.asarray(image.convert("RGBA"))
    if pixels.shape[:2] == (size[1], size[0]):
        return pixels
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    height, width = min(size[1], pixels.shape[0]), min(size[0], pixels.shape[1])
    canvas[:height, :width] = pixels[:height, :width]
    return canvas
