"""Read an MP4 back: its pictures through PyAV, its structure byte by byte.

The box reader and the parameter-set reader are our own (ISO/IEC 14496-12; ITU-T H.264 clause 7.3.2.1 and Annex E), so
that what we write is not judged by the library that wrote it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from engine.core.frames import YuvFrame

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta", b"ilst", b"\xa9nam"}
_HEADER_LENGTHS = {b"meta": 4, b"stsd": 8, b"avc1": 78}
_ACCURATE = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND


def read_frames(path: Path) -> list[YuvFrame]:
    """All pictures in the order of presentation, as copies."""
    with av.open(str(path)) as container:
        return [_yuv(frame) for frame in container.decode(video=0)]


def read_rgb(path: Path) -> Iterator[NDArray[np.uint8]]:
    """All pictures as (H, W, 3) uint8, through swscale with the BT.709 matrix stated and its accurate rounding."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.reformat(
                format="rgb24",
                src_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.MPEG,
                dst_color_range=ColorRange.JPEG,
                interpolation=int(_ACCURATE),
            ).to_ndarray()


def presentation_times(path: Path) -> list[Fraction]:
    """The time of every decoded picture in seconds, exact."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the file.

    Attributes:
        path: the types from the outermost box, joined: ``moov/trak/mdia/mdhd``.
        offset: of its header in the file, bytes.
        size: with its header, bytes.
        payload: its content; for ``mdat`` empty.
    """

    path: str
    offset: int
    size: int
    payload: bytes


def boxes(path: Path) -> list[Box]:
    """Every box, outer before inner, in file order; fails if they do not tile the file exactly."""
    data = path.read_bytes()
    return list(_walk(data, 0, len(data), ""))


def box(path: Path, name: str) -> Box:
    """The only box of this path."""
    (found,) = [candidate for candidate in boxes(path) if candidate.path == name]
    return found


def table(path: Path, name: str, columns: str) -> list[tuple[int, ...]]:
    """The rows of a sample table such as ``stts``: 4 bytes of version and flags, a count, rows of a struct format."""
    payload = box(path, name).payload
    (count,) = struct.unpack_from(">I", payload, 4)
    return list(struct.iter_unpack(">" + columns, payload[8 : 8 + count * struct.calcsize(">" + columns)]))


STBL = "moov/trak/mdia/minf/stbl"


def samples(path: Path) -> list[bytes]:
    """The coded pictures in decoding order, as length-prefixed NAL units; the whole track must be one run of bytes."""
    sizes_payload = box(path, f"{STBL}/stsz").payload
    fixed, count = struct.unpack_from(">II", sizes_payload, 4)
    sizes = [fixed] * count if fixed else list(struct.unpack_from(f">{count}I", sizes_payload, 12))
    offsets = [row[0] for row in table(path, f"{STBL}/stco", "I")]
    data = path.read_bytes()
    position, result = offsets[0], []
    for size in sizes:
        result.append(data[position : position + size])
        position += size
    return result


def nal_types(sample: bytes) -> list[int]:
    """The ``nal_unit_type`` of each NAL unit of a sample: 1 a picture, 5 an IDR picture, 6 SEI, 7 SPS, 8 PPS."""
    types, position = [], 0
    while position < len(sample):
        (length,) = struct.unpack_from(">I", sample, position)
        types.append(sample[position + 4] & 31)
        position += 4 + length
    return types


@dataclass(frozen=True, slots=True)
class SequenceParameters:
    """What the sequence parameter set says; ``None`` where a part is absent."""

    profile_idc: int
    constraint_flags: int
    level_idc: int
    chroma_format_idc: int
    num_ref_frames: int
    width: int
    height: int
    frame_mbs_only: bool
    sample_aspect_ratio: tuple[int, int] | None
    full_range: bool | None
    primaries: int | None
    transfer: int | None
    matrix: int | None
    chroma_location: int | None
    rate: Fraction | None
    fixed_frame_rate: bool | None
    num_reorder_frames: int | None
    max_dec_frame_buffering: int | None


def sequence_parameters(path: Path) -> SequenceParameters:
    """The parameter set of the ``avcC`` box."""
    record = box(path, f"{STBL}/stsd/avc1/avcC").payload
    (length,) = struct.unpack_from(">H", record, 6)
    return _parse_sps(record[8 : 8 + length])


def _yuv(frame: av.VideoFrame) -> YuvFrame:
    assert frame.format.name == "yuv420p"
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].copy()
        for plane in frame.planes
    )
    return YuvFrame(y, u, v)


def _walk(data: bytes, start: int, end: int, parent: str) -> Iterator[Box]:
    position = start
    while position < end:
        size, kind = struct.unpack_from(">I4s", data, position)
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, position + 8)
            header = 16
        assert header <= size <= end - position, f"{kind!r} at {position} does not fit in {parent or 'the file'}"
        name = kind.decode("latin-1")
        path = f"{parent}/{name}" if parent else name
        body = position + header
        yield Box(path, position, size, b"" if kind == b"mdat" else data[body : position + size])
        if kind in _CONTAINERS or kind in _HEADER_LENGTHS:
            yield from _walk(data, body + _HEADER_LENGTHS.get(kind, 0), position + size, path)
        position += size
    assert position == end


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in data)
        self._position = 0

    def u(self, count: int) -> int:
        value = int(self._bits[self._position : self._position + count] or "0", 2)
        self._position += count
        return value

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + (self.u(zeros) if zeros else 0)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def _parse_sps(nal: bytes) -> SequenceParameters:
    bits = _Bits(nal[1:].replace(b"\0\0\3", b"\0\0"))
    profile, constraints, level = bits.u(8), bits.u(8), bits.u(8)
    bits.ue()
    chroma = 1
    if profile == 100:
        chroma = bits.ue()
        assert (bits.ue(), bits.ue()) == (0, 0), "8 bits for luma and chroma"
        bits.u(1)
        assert not bits.u(1), "no scaling matrix"
    bits.ue()
    order_type = bits.ue()
    assert order_type in (0, 2)
    if order_type == 0:
        bits.ue()
    references = bits.ue()
    bits.u(1)
    width, height = 16 * (bits.ue() + 1), 16 * (bits.ue() + 1)
    frame_mbs_only = bool(bits.u(1))
    assert frame_mbs_only, "progressive"
    bits.u(1)
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= 2 * (left + right)
        height -= 2 * (top + bottom)
    aspect = full = primaries = transfer = matrix = location = rate = fixed = reorder = buffering = None
    if bits.u(1):
        if bits.u(1):
            code = bits.u(8)
            aspect = (bits.u(16), bits.u(16)) if code == 255 else {1: (1, 1)}[code]
        if bits.u(1):
            bits.u(1)
        if bits.u(1):
            bits.u(3)
            full = bool(bits.u(1))
            if bits.u(1):
                primaries, transfer, matrix = bits.u(8), bits.u(8), bits.u(8)
        if bits.u(1):
            location = bits.ue()
            assert bits.ue() == location
        if bits.u(1):
            tick, scale = bits.u(32), bits.u(32)
            rate, fixed = Fraction(scale, 2 * tick), bool(bits.u(1))
        assert (bits.u(1), bits.u(1)) == (0, 0), "no HRD parameters"
        bits.u(1)
        if bits.u(1):
            bits.u(1)
            for _ in range(4):
                bits.ue()
            reorder, buffering = bits.ue(), bits.ue()
    return SequenceParameters(
        profile, constraints, level, chroma, references, width, height, frame_mbs_only, aspect, full,
        primaries, transfer, matrix, location, rate, fixed, reorder, buffering,
    )  # fmt: skip
