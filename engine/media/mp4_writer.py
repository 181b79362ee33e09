"""Frames in, one finished MP4 out, by one encoder; see :mod:`engine.media.mp4_container` for the file."""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from engine.core.errors import EncodeError
from engine.core.frames import YuvFrame
from engine.media.encoders import Encoder
from engine.media.mp4_container import Mp4Container
from engine.media.mp4_options import Mp4Options
from engine.media.picture_pool import PicturePool, leased_frame

if TYPE_CHECKING:
    from av.video.frame import VideoFrame


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
        self._mp4 = Mp4Container(path, options, overwrite=overwrite)
        self.encoder: Encoder = self._mp4.encoder
        try:
            self._mp4.start()
        except BaseException:
            self._mp4.release()
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
        leased = leased_frame(frame, self._pool)
        picture = leased.owner.picture
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
            self._mp4.finish()
            self._mp4.file.commit()
        finally:
            self.abort()

    def abort(self) -> None:
        """Give the video up; no file is left. Does nothing after :meth:`close`."""
        self._closed = True
        self._mp4.release()

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
        with self._mp4.encoding():
            packets = self._mp4.video.encode(picture)
        with self._mp4.writing():
            for packet in packets:
                packet.duration = 1  # frame: the clock of the encoder counts frames
                self._mp4.av.mux(packet)
