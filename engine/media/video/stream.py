"""The coded pictures of a video file: scanned once, decoded from any key picture on."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av

from engine.core.errors import CorruptMedia
from engine.media.video.container import DAMAGED, ffmpeg_errors, open_container, video_stream
from engine.media.video.index import PictureIndex, make_index
from engine.media.video.limits import VideoLimits

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    VideoPacket = Packet[VideoStream]

ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these leave the second stream that carries alpha in a WEBM file unread."""


def has_hidden_alpha(stream: "VideoStream") -> bool:
    """Whether a WEBM file says that its pictures come with a second, coded plane of alpha."""
    return stream.metadata.get("alpha_mode") == "1" and stream.codec_context.name in ALPHA_DECODERS


def scan(path: Path, limits: VideoLimits) -> tuple[PictureIndex, bool]:
    """Read the times of all pictures of a file; nothing is decoded.

    Returns:
        index: when each picture is shown.
        cut_off: the file ends before it should.

    Raises:
        CorruptMedia: there is no picture in it.
        UnreadableMedia, UnsupportedMedia, MediaLimitExceeded: see :func:`engine.media.video.probe_video`.
    """
    with open_container(path, limits) as container, ffmpeg_errors(path):
        stream = video_stream(path, container, limits)
        seek_by_time = "matroska" in container.format.name
        shown: list[int] = []
        durations: list[int] = []
        keys: list[tuple[int, int]] = []
        broken = False
        with suppress_end() as ended:
            for packet in container.demux(stream):
                pts = packet.pts if packet.pts is not None else packet.dts
                if pts is None or not packet.size:
                    continue
                broken |= packet.is_corrupt
                if packet.is_keyframe:
                    dts = packet.dts if packet.dts is not None and not seek_by_time else pts
                    keys.append((pts, min(dts, pts)))
                if not packet.is_discard:
                    shown.append(pts)
                    durations.append(packet.duration or 0)
                    if len(shown) > limits.frames:
                        limits.check_length(path, limits.duration, len(shown))
        if not shown or stream.time_base is None:
            raise CorruptMedia(path, DAMAGED, detail="no packet with a time")
        index = make_index(shown, durations, keys, stream.time_base)
        limits.check_length(path, index.duration, index.count)
        claimed = _claimed_duration(container, stream)
        short = claimed is not None and index.duration < claimed * 9 / 10
        return index, broken or short or bool(ended)


class suppress_end:  # noqa: N801 - used like contextlib's
    """Lets a demuxer's error end the reading; the list it gives is no longer empty then."""

    def __enter__(self) -> list[Exception]:
        self._errors: list[Exception] = []
        return self._errors

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, av.error.FFmpegError | OSError):
            self._errors.append(error)
            return True
        return False


def _claimed_duration(container: "InputContainer", stream: "VideoStream") -> Fraction | None:
    """Seconds that the header says the pictures last."""
    if stream.duration and stream.time_base:
        return stream.duration * stream.time_base
    if container.duration and len(container.streams) == 1 and "mpegts" not in container.format.name:
        return Fraction(container.duration, 1_000_000)
    return None


class CodedStream:
    """The video stream of an open file. For one thread at a time.

    Args:
        path: the file.
        index: from :func:`scan`.
        limits: what it may cost.
        threads: decoder threads; more than one decode ahead, which makes every seek dearer.
    """

    def __init__(self, path: Path, index: PictureIndex, limits: VideoLimits, threads: int = 1) -> None:
        self._path = path
        self._index = index
        self._limits = limits
        self._threads = threads
        self._container: InputContainer | None = None
        self._fresh = False
        self._open()

    def _open(self) -> None:
        self.close()
        self._container = open_container(self._path, self._limits)
        self._fresh = True
        with ffmpeg_errors(self._path):
            self._stream = video_stream(self._path, self._container, self._limits)
            self._own_decoder = has_hidden_alpha(self._stream)
            context: av.VideoCodecContext = self._stream.codec_context
            if self._own_decoder:
                context = cast(av.VideoCodecContext, av.CodecContext.create(ALPHA_DECODERS[context.name], "r"))
            context.thread_count = self._threads
            context.thread_type = "FRAME" if self._threads > 1 else "NONE"
            self._decoder = context

    def close(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def decode_from(self, key: int) -> "Iterator[tuple[int, VideoFrame]]":
        """Decode from a key picture to the end of the file.

        Yields:
            Number in the index and picture, in order of presentation. Pictures that cannot be decoded are left out;
            the first ones may lie before the key picture and lack their references.
        """
        times = self._index.times
        for frame in self._frames(key):
            pts = frame.pts if frame.pts is not None else frame.dts
            if pts is None:
                continue
            number = int(times.searchsorted(pts))
            if number < len(times) and times[number] == pts:
                yield number, frame

    def _frames(self, key: int) -> "Iterator[VideoFrame]":
        for packet in self._packets(key):
            # A decoder that meets damage skips to the next picture that it can make.
            with suppress(av.error.FFmpegError, ValueError):
                yield from self._decoder.decode(packet)
        with suppress(av.error.FFmpegError, ValueError):
            yield from self._decoder.decode(None)

    def _packets(self, key: int) -> "Iterator[VideoPacket]":
        """The packets from a key picture on. Where seeking misses it, from the start of the file."""
        pts, position = int(self._index.keys[key]), int(self._index.key_positions[key])
        if key > 0:
            found = False
            with suppress_end():
                assert self._container is not None
                self._container.seek(position, stream=self._stream, backward=True)
                self._reset()
                for packet in self._demux():
                    if not found:
                        found = packet.is_keyframe and packet.pts == pts
                        if not found and packet.dts is not None and packet.dts > pts:
                            break
                    if found:
                        yield packet
            if found:
                return
        if not self._fresh:
            self._open()
        found = False
        with suppress_end():
            for packet in self._demux():
                found |= key == 0 or (packet.is_keyframe and packet.pts == pts)
                if found:
                    yield packet

    def _reset(self) -> None:
        if self._own_decoder:
            self._decoder.flush_buffers()

    def _demux(self) -> "Iterator[VideoPacket]":
        assert self._container is not None
        self._fresh = False
        for packet in self._container.demux(self._stream):
            if packet.size:
                yield packet
