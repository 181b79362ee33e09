"""Small videos of every kind, made by the test that needs them."""

import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import av
import numpy as np

H264 = {"preset": "veryfast", "x264-params": "keyint=12:min-keyint=12:bframes=3:b-pyramid=normal:open-gop=1:scenecut=0"}
CLOSED = {"preset": "veryfast", "x264-params": "keyint=12:min-keyint=12:bframes=0:scenecut=0"}
HEVC = {"preset": "ultrafast", "x265-params": "keyint=12:min-keyint=12:bframes=3:open-gop=1:log-level=none:pools=none"}
VP9 = {"g": "12", "cpu-used": "8", "deadline": "realtime"}


def picture(number: int, width: int, height: int) -> np.ndarray:
    """(H, W, 3) uint8: a soft field that drifts, with a bar that tells the number."""
    x, y = np.arange(width), np.arange(height)[:, None]
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[..., 0] = 128 + 80 * np.sin((x + 3 * number) / 17) * np.cos(y / 11)
    rgb[..., 1] = 120 + 70 * np.cos((x - y + 5 * number) / 23)
    rgb[..., 2] = 110 + 60 * np.sin((y + 2 * number) / 13)
    bar = (7 * number) % max(width - 8, 1)
    rgb[height // 3 : height // 2, bar : bar + 8] = (240, 230, 40)
    return rgb


def write_video(
    path: Path,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    *,
    count: int = 40,
    size: tuple[int, int] = (96, 64),
    rate: int | Fraction = 25,
    options: dict[str, str] | None = None,
    times: Callable[[int], int] = lambda number: number,
    clock: int = 0,
    tags: tuple[int, int, int, int] = (1, 1, 1, 1),
    aspect: Fraction | None = None,
    paint: Callable[[int, int, int], np.ndarray] = picture,
    container: dict[str, str] | None = None,
    silence: float = 0,
) -> Path:
    """Encode pictures.

    Args:
        path: its suffix chooses the container.
        codec, pixels, options: of the encoder.
        count, size, rate: of the pictures.
        times: presentation time of each picture, in ticks of ``clock``; by default its number at ``rate``.
        clock: ticks a second.
        tags: matrix, range (1 limited, 2 full), transfer, primaries, as in H.273.
        aspect: of the pixels.
        paint: number, width, height to an RGB picture, or to an array in ``pixels`` (then of PyAV's shape for it).
        container: options of the container.
        silence: seconds of a silent sound track beside it.
    """
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        context = stream.codec_context
        context.colorspace, context.color_range, context.color_trc, context.color_primaries = tags
        if aspect is not None:
            context.sample_aspect_ratio = aspect
        context.time_base = Fraction(1, clock or rate)
        sound = out.add_stream("aac", rate=48000) if silence else None
        for number in range(count):
            array = paint(number, *size)
            if array.ndim == 3 and array.dtype == np.uint8 and array.shape[2] in (3, 4):
                frame = av.VideoFrame.from_ndarray(array, "rgba" if array.shape[2] == 4 else "rgb24")
                matrix = 1 if tags[0] in (1, 2, 9) else 5
                frame = frame.reformat(format=pixels, dst_colorspace=matrix, dst_color_range=tags[1] or 1)
            else:
                frame = av.VideoFrame.from_ndarray(array, pixels)
            frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = tags
            frame.pts, frame.time_base = times(number), context.time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            for start in range(0, int(silence * 48000), 1024):
                quiet = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
                quiet.sample_rate, quiet.pts, quiet.time_base = 48000, start, Fraction(1, 48000)
                out.mux(sound.encode(quiet))
            out.mux(sound.encode(None))
    return path


def patched(path: Path, box: bytes, change: Callable[[bytearray, int], None]) -> Path:
    """Change an MP4 box in place: ``change`` gets the file and the position after the box's name."""
    data = bytearray(path.read_bytes())
    at = data.index(box) + 4
    change(data, at)
    path.write_bytes(data)
    return path


def with_matrix(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Write the display matrix [a b; c d] into the track header (version 0)."""

    def change(data: bytearray, at: int) -> None:
        values = (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
        data[at + 40 : at + 76] = struct.pack(">9i", *values)

    return patched(path, b"tkhd", change)


def starting_later(path: Path, pictures: int, rate: int = 25) -> Path:
    """Move the start of the edit list on by so many pictures: they must be decoded and not shown."""
    with av.open(str(path)) as held:
        step = round(1 / (held.streams.video[0].time_base * rate))

    def change(data: bytearray, at: int) -> None:
        (media_time,) = struct.unpack(">i", data[at + 12 : at + 16])
        data[at + 12 : at + 16] = struct.pack(">i", media_time + pictures * step)

    return patched(path, b"elst", change)


def planes_of(frame: av.VideoFrame) -> bytes:
    """The visible bytes of all planes."""
    parts = []
    for number, plane in enumerate(frame.planes):
        form = frame.format
        chroma = number in (1, 2) and len(frame.planes) >= 3
        width = form.chroma_width(frame.width) if chroma else frame.width
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        parts.append(rows[:, : width * (2 if form.components[0].bits > 8 else 1)].tobytes())
    return b"".join(parts)


def digest(frame: av.VideoFrame) -> str:
    return sha256(planes_of(frame)).hexdigest()[:16]


def straight_through(path: Path) -> Iterator[tuple[Fraction, str]]:
    """Every picture as plain decoding from the first byte on gives it: seconds after the first, and its digest."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        start = None
        for frame in container.decode(stream):
            start = frame.pts if start is None else start
            yield (frame.pts - start) * stream.time_base, digest(frame)
