"""Encoded groups of pictures, in memory and in a file.

A GOP file, little-endian:

======= ============== ===============================================================
bytes   content        meaning
======= ============== ===============================================================
8       ``MPGOP01\\n``  the format and its version
4       u32            frames
4       u32            bytes of extradata
4       u32            packets
17 each u32 i32 i32 u8 bytes of data, pts, dts, 1 for a key frame; in decoding order
...                    extradata, then the data of every packet
32                     SHA-256 of everything before
======= ============== ===============================================================
"""

import hashlib
import struct
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from engine.core.errors import CorruptMedia, UnreadableMedia
from engine.media.pending_file import PendingFile

MAGIC = b"MPGOP01\n"
"""The first bytes of a GOP file: format and version."""

_HEADER = struct.Struct("<8sIII")
_ROW = struct.Struct("<IiiB")
_DIGEST_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """One coded picture.

    Attributes:
        data: H.264 in the byte-stream format (ITU-T H.264 Annex B), without parameter sets.
        pts, dts: when it is shown and when it is decoded, in frames; the group's first picture is shown at 0, and dts
            is below 0 by as many frames as the encoder reorders.
        keyframe: whether decoding can start here.
    """

    data: bytes
    pts: int
    dts: int
    keyframe: bool


@dataclass(frozen=True, slots=True)
class EncodedGop:
    """A closed group of pictures, or a run of them: it decodes without anything before or after it.

    Attributes:
        packets: in decoding order.
        extradata: the parameter sets (SPS and PPS, Annex B) that all packets refer to.
        frames: how many pictures.
    """

    packets: tuple[EncodedPacket, ...]
    extradata: bytes
    frames: int


def write_gop(path: Path, gop: EncodedGop) -> None:
    """Write a GOP file, or replace one; it appears complete or not at all.

    It is not forced to the disk: after a power cut its name may stand for half of it, which :func:`read_gop` refuses.

    Raises:
        OutputError: the file cannot be written.
    """
    with PendingFile(path, overwrite=True, durable=False) as file:
        file.path.write_bytes(gop_to_bytes(gop))


def read_gop(path: Path) -> EncodedGop:
    """Read a GOP file.

    Raises:
        UnreadableMedia: it is missing or may not be read.
        CorruptMedia: it is not a whole GOP file of this version: encode the group again.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableMedia(path, "it cannot be read: encode these frames again.", detail=str(error)) from error
    try:
        return gop_from_bytes(data)
    except ValueError as error:
        raise CorruptMedia(path, "its bytes are damaged: encode these frames again.", detail=str(error)) from error


def gop_to_bytes(gop: EncodedGop) -> bytes:
    """The content of a GOP file."""
    body = b"".join(
        (
            _HEADER.pack(MAGIC, gop.frames, len(gop.extradata), len(gop.packets)),
            *(_ROW.pack(len(each.data), each.pts, each.dts, each.keyframe) for each in gop.packets),
            gop.extradata,
            *(each.data for each in gop.packets),
        )
    )
    return body + hashlib.sha256(body).digest()


def gop_from_bytes(data: bytes) -> EncodedGop:
    """The group in the content of a GOP file.

    Raises:
        ValueError: the content is damaged, cut off, or of another format or version.
    """
    if not data.startswith(MAGIC):
        raise ValueError("not a GOP file of this version")
    body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError("the checksum does not fit")
    _, frames, extra_bytes, count = _HEADER.unpack_from(body)
    table_end = _HEADER.size + count * _ROW.size
    rows = list(_ROW.iter_unpack(body[_HEADER.size : table_end]))
    media = table_end + extra_bytes
    bounds = pairwise(accumulate((size for size, *_ in rows), initial=media))
    packets = tuple(
        EncodedPacket(body[start:end], pts, dts, bool(keyframe))
        for (start, end), (_, pts, dts, keyframe) in zip(bounds, rows, strict=True)
    )
    return EncodedGop(packets, body[table_end:media], frames)


def problem_of(gop: EncodedGop) -> str:
    """What is wrong with a group that shall stand among others; empty if nothing is."""
    dts = [each.dts for each in gop.packets]
    if not dts or len(dts) != gop.frames or not gop.packets[0].keyframe:
        return "it is not a whole group"
    if sorted(each.pts for each in gop.packets) != list(range(gop.frames)):
        return "its pictures do not follow one another"
    if dts != list(range(dts[0], dts[0] + gop.frames)) or any(each.dts > each.pts for each in gop.packets):
        return "its decoding times do not follow one another"
    return ""
