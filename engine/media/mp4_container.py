"""The MP4 around the streams: what the writer of frames and the muxer of packets have in common.

The container (ISO/IEC 14496-12 and -14): ``moov`` before ``mdat`` (faststart), a ``colr`` box of type ``nclx`` (BT.709,
limited range), clocks that count the frame rate exactly, and the index as libavformat writes it for reordered frames:
one edit that starts the movie at the first picture.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import EncodeError
from engine.media.encoders import Encoder, choose_encoder, open_stream
from engine.media.mp4_options import Mp4Options
from engine.media.pending_file import PendingFile, output_error

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

TICKS_PER_FRAME = 1000
"""Clock ticks of a frame at a whole frame rate; 1001 at the NTSC rates, whose clock runs at 24000 or 30000."""

HANDLER_NAME = "Multiplane video"
"""The name of the video track, as editors show it."""


class Mp4Container:
    """An MP4 in the making, with its video track; it gets its name when it is complete.

    Args:
        path: the target. A symbolic link is followed.
        options: size, rate, quality, encoder, metadata.
        overwrite: whether a file that is there may be replaced.

    Attributes:
        encoder: the encoder that was chosen.
        av: libavformat's container.
        video: the video track; its encoder is open, so that its parameter sets are known.
        file: where the bytes go.

    Raises:
        OutputError: the target cannot be written, or exists and ``overwrite`` is False.
        DeviceUnavailable: the asked encoder does not open on this machine.
        EncodeError: the encoder refused the settings.
    """

    def __init__(self, path: Path, options: Mp4Options, *, overwrite: bool) -> None:
        self.path = path
        self.file = PendingFile(path, overwrite=overwrite)
        self._open = True
        try:
            self.encoder: Encoder = choose_encoder(options)
            with self.writing():
                self.av: OutputContainer = _open_container(self.file.path, options)
            with self.encoding():
                self.video: VideoStream = open_stream(self.av, self.encoder, options)
            self.video.metadata["handler_name"] = HANDLER_NAME
        except BaseException:
            self.file.discard()
            raise

    def start(self) -> None:
        """Write what stands before the media; no track can be added after that. It does nothing the second time."""
        with self.writing():
            self.av.start_encoding()

    def finish(self) -> None:
        """Write the index and put it first; the file is complete, but has no name before :meth:`PendingFile.commit`."""
        with self.writing():
            self.av.close()

    def release(self) -> None:
        """Let go of the container, and of the file unless it was committed. Does nothing the second time."""
        import av

        if not self._open:
            return
        self._open = False
        # Closing the container lets libavformat read the whole file once more (faststart), which nothing can stop:
        # leave it nothing to read.
        self.file.truncate()
        with suppress(av.FFmpegError):
            self.av.close()
        # The encoder holds tens of frames: let go of it now, not when the writer is collected.
        del self.video, self.av
        self.file.discard()

    @contextmanager
    def encoding(self) -> Iterator[None]:
        """Failures of the encoder inside the block are told in one sentence."""
        import av

        try:
            yield
        except av.FFmpegError as error:
            raise EncodeError(
                f"{self.path.name}: the {self.encoder} encoder failed: try again, or use another encoder or quality.",
                detail=str(error),
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Failures of the disk or the muxer inside the block are told in one sentence."""
        import av

        try:
            yield
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise output_error(self.path, error) from error
            raise EncodeError(
                f"{self.path.name}: the MP4 could not be put together: try again.", detail=str(error)
            ) from error


def _open_container(path: Path, options: Mp4Options) -> "OutputContainer":
    import av

    rate = options.frame_rate
    clock = str(rate.numerator * (TICKS_PER_FRAME if rate.denominator == 1 else 1))
    container = av.open(
        str(path),
        "w",
        format="mp4",
        container_options={
            "movflags": "+faststart+write_colr",
            "video_track_timescale": clock,
            # The movie's own clock is 1 ms by default, which cannot state the duration of most frame counts.
            "movie_timescale": clock,
        },
    )
    created = options.creation_time or datetime.now(UTC)
    container.metadata["creation_time"] = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if options.title:
        container.metadata["title"] = options.title
    return container
