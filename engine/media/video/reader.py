"""Pictures of a video by time, exact from any start."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.core.errors import CorruptMedia
from engine.core.frames import YuvFrame
from engine.core.settings import Setting
from engine.media.video.animation import decode_animation
from engine.media.video.container import DAMAGED
from engine.media.video.convert import convert, convert_rgba
from engine.media.video.deinterlace import deinterlaced
from engine.media.video.limits import VideoLimits
from engine.media.video.picture import RawPicture, VideoPicture
from engine.media.video.probe import scan_video
from engine.media.video.sequence import PictureSequence
from engine.media.video.stream import CodedStream

VIDEO_CACHE_MB = Setting(
    "MULTIPLANE_VIDEO_CACHE_MB",
    200,
    "MB",
    1,
    100_000,
    "decoded pictures that each reader of a video keeps while it plays in reverse",
)


class VideoReader:
    """Reads pictures of a video or an animation. For one thread at a time: give each thread its own.

    Args:
        path: the file.
        threads: decoder threads. More decode a long run faster and make each seek dearer.
        limits: what the file may cost; by default the site's settings.

    Attributes:
        info: what the file is.
        index: when each picture is shown.

    Raises:
        MediaError: see :func:`engine.media.video.probe_video`.
    """

    def __init__(self, path: Path, *, threads: int = 1, limits: VideoLimits | None = None) -> None:
        limits = limits or VideoLimits.from_settings()
        scanned = scan_video(path, limits)
        self.info = scanned.info
        self.index = scanned.index
        self._path = path
        self._form = scanned.form
        self._animation = scanned.animation
        self._stream = None if scanned.animation else CodedStream(path, scanned.index, limits, threads)
        decode = self._decode_animation if self._stream is None else self._stream.decode_from
        kept = int(VIDEO_CACHE_MB.value() * 1e6 / max(self._form.memory, 1))
        self._sequence = PictureSequence(self.index, decode, kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Pictures that were read stay valid."""
        if self._stream is not None:
            self._stream.close()

    def frame_at(self, time: Fraction) -> YuvFrame:
        """The frame that is shown ``time`` seconds after the first picture appeared: the last one not shown later.

        Before the first and after the last it is those. Upright, BT.709 limited range, of the size of ``info`` rounded
        up to even numbers. Not to be written to. A picture that cannot be decoded is replaced by the one before it.

        Raises:
            CorruptMedia: no picture can be decoded any more.
        """
        return self.picture(self.index.at(time)).frame

    def picture(self, number: int) -> VideoPicture:
        """Picture ``number``, 0 <= number < info.frames."""
        return self.convert(self.decoded(number))

    def decoded(self, number: int) -> RawPicture:
        """Picture ``number`` as the decoder gives it, deinterlaced."""
        raw = self._sequence.get(number)
        if raw is None:
            raise CorruptMedia(self._path, DAMAGED, detail=f"picture {number}")
        if self._stream is not None and raw.interlaced_frame:
            before = self._sequence.get(number - 1) if number > 0 else raw
            after = self._sequence.get(number + 1) if number + 1 < self.index.count else raw
            raw = deinterlaced(before or raw, self._sequence.get(number) or raw, after or raw)
        return raw

    def convert(self, raw: RawPicture) -> VideoPicture:
        """Bring what :meth:`decoded` gave into a frame; this part may run in any thread."""
        return convert_rgba(raw) if self._animation else convert(raw, self._form)

    def _decode_animation(self, _key: int) -> Iterator[tuple[int, RawPicture]]:
        for number, image in decode_animation(self._path, self._animation, (self.info.width, self.info.height)):
            if number < self.index.count:
                yield number, image
