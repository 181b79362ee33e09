"""Frames in, one finished MP4 out.

The container (ISO/IEC 14496-12 and -14): ``moov`` before ``mdat`` (faststart), a ``colr`` box of type ``nclx`` (BT.709,
limited range), clocks that count the frame rate exactly, and the index as libavformat writes it for reordered frames:
one edit that starts the movie at the first picture.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from engine.core.errors import EncodeError
from engine.core.frames import YuvFrame
from engine.media.encoders import Encoder, choose_encoder, open_stream
from engine.media.mp4_options import Mp4Options
from engine.media.pending_file import PendingFile, output_error
from engine.media.picture_pool import PicturePool, picture_behind

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.frame import VideoFrame

TICKS_PER_FRAME = 1000
"""Clock ticks of a frame at a whole frame rate; 1001 at the NTSC rates, whose clock runs at 24000 or 30000."""

HANDLER_NAME = "Multiplane video"
"""The name of the video track, as editors show it."""


class Mp4Writer:
    """Encodes frames and puts the MP4 in its place when all of them are in.

    ::

        with Mp4Writer(Path("clip.mp4"), Mp4Options(1920, 1080)) as writer:
            for _ in range(300):
                frame = writer.new_frame()   # from any thread
                ...                          # fill frame.y, frame.u, frame.v
                writer.write(frame)          # from one thread at a time, in the order of presentation

    Leaving the block finishes the file and gives it its name; leaving it by an exception, an interrupt included,
    leaves nothing behind and an older file untouched. The constructor does all the refusing, before any work is spent.

    Args:
        path: the target. A symbolic link is followed.
        options: size, rate, quality, encoder, metadata.
        overwrite: whether a file that is there may be replaced.

    Attributes:
        encoder: the encoder that was chosen.

    Raises:
        OutputError: the target cannot be written, or exists and ``overwrite`` is False.
        DeviceUnavailable: the asked encoder does not open on this machine.
        EncodeError: the encoder refused the settings.
    """

    def __init__(self, path: Path, options: Mp4Options, *, overwrite: bool = False) -> None:
        self.path = path
        self.options = options
        self._written = 0
        self._closed = False
        self._pool = PicturePool(options.width, options.height)
        self._file = PendingFile(path, overwrite=overwrite)
        try:
            self.encoder: Encoder = choose_encoder(options)
            with self._writing():
                self._container = _open_container(self._file.path, options)
            with self._encoding():
                self._stream = open_stream(self._container, self.encoder, options)
            self._stream.metadata["handler_name"] = HANDLER_NAME
            with self._writing():
                self._container.start_encoding()
        except BaseException:
            self._file.discard()
            raise

    @property
    def frames_written(self) -> int:
        """How many frames :meth:`write` has taken."""
        return self._written

    def new_frame(self) -> YuvFrame:
        """A frame whose planes are the encoder's own input memory, uninitialised; safe to call from any thread.

        The memory is yours as long as you hold a plane or any view of one, beyond the life of the writer too; see
        :mod:`engine.media.picture_pool`.
        """
        return self._pool.new_frame()

    def write(self, frame: YuvFrame) -> None:
        """Encode one frame; the n-th call is picture n, shown from n / rate to (n + 1) / rate.

        Not copied if it comes from :meth:`new_frame`; frames of any other memory are. The planes are free to be
        written again when the call returns.

        Raises:
            EncodeError: the encoder failed.
            OutputError: the disk is full, or the file could not be written for another reason.
            ValueError: the frame has another size than the video, or the writer is closed.
        """
        if self._closed:
            raise ValueError("this writer is closed")
        if (frame.width, frame.height) != (self.options.width, self.options.height):
            raise ValueError(
                f"the frame is {frame.width}x{frame.height}, the video {self.options.width}x{self.options.height}"
            )
        picture = picture_behind(frame)
        if picture is None:
            own = self._pool.new_frame()
            own.y[:], own.u[:], own.v[:] = frame.y, frame.u, frame.v
            picture = own.owner.picture
        picture.pts = self._written
        picture.time_base = 1 / self.options.frame_rate
        self._encode(picture)
        self._written += 1

    def close(self) -> None:
        """Finish the file and give it its name. Does nothing the second time.

        Raises:
            EncodeError: the encoder failed, or no frame was written.
            OutputError: the file could not be written, or another one took its name meanwhile.
        """
        if self._closed:
            return
        try:
            if not self._written:
                raise EncodeError(f"{self.path.name}: not one frame was made, so there is no video to write.")
            self._encode(None)
            with self._writing():
                self._container.close()
            self._file.commit()
        finally:
            self.abort()

    def abort(self) -> None:
        """Give the video up; no file is left. Does nothing after :meth:`close`."""
        import av

        if self._closed:
            return
        self._closed = True
        # Closing the container lets libavformat move the whole file once more (faststart): leave it nothing to move.
        self._file.truncate()
        with suppress(av.FFmpegError):
            self._container.close()
        # The encoder holds tens of frames: let go of it now, not when the writer is collected.
        del self._stream, self._container
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _encode(self, picture: "VideoFrame | None") -> None:
        with self._encoding():
            packets = self._stream.encode(picture)
        with self._writing():
            for packet in packets:
                packet.duration = 1  # frame: the clock of the encoder counts frames
                self._container.mux(packet)

    @contextmanager
    def _encoding(self) -> Iterator[None]:
        import av

        try:
            yield
        except av.FFmpegError as error:
            raise EncodeError(
                f"{self.path.name}: the {self.encoder} encoder failed: try again, or use another encoder or quality.",
                detail=str(error),
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
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
