"""Frames in, one closed group of pictures out, as packets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.core.errors import EncodeError
from engine.core.frames import YuvFrame
from engine.media.encoders import Encoder, choose_encoder, open_group
from engine.media.mp4_options import Mp4Options
from engine.media.packets import EncodedGop, EncodedPacket
from engine.media.picture_pool import PicturePool, leased_frame

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream
    from av.video.codeccontext import VideoCodecContext


class GopEncoder:
    """Encodes group after group, each by a fresh encoder with one thread.

    ::

        encoder = GopEncoder(options)
        for first in range(0, frames, gop_frames(options.frame_rate)):
            for number in range(first, ...):
                frame = encoder.new_frame()   # from any thread
                ...                           # fill frame.y, frame.u, frame.v
                encoder.encode(frame)         # from one thread at a time, in the order of presentation
            gop = encoder.finish()

    The packets depend on the frames of the group and the options alone: neither on the groups before nor on the number
    of threads, encoders or processes beside this one. So a video may be cut into runs of groups in any way, and
    :class:`engine.media.Mp4Muxer` puts the same file together.

    What it costs, against one frame-threaded encoder (240 frames of a slow zoom at 1080p30, ``standard``; two of these
    in two threads on 2 cores): 5 % less processor time, no more wall time, 10 % fewer bytes for 0.3 dB less PSNR of
    luma, the worst picture as good. Opening x264 again takes 1 ms and closing it up to 10; each encoder keeps 90 MB
    (``draft``), 120 (``standard``) or 320 (``high``).

    Args:
        options: size, rate, quality, encoder. ``threads`` counts for nothing here.

    Attributes:
        encoder: the encoder that was chosen. ``nvenc`` has the same interface, but has never run, and whether a card
            repeats its bits is for its maker to say.

    Raises:
        DeviceUnavailable: the asked encoder does not open on this machine.
    """

    def __init__(self, options: Mp4Options) -> None:
        self.options = options
        self.encoder: Encoder = choose_encoder(options)
        self._pool = PicturePool(options.width, options.height)
        self._context: VideoCodecContext | None = None
        self._packets: list[EncodedPacket] = []
        self._frames = 0

    def new_frame(self) -> YuvFrame:
        """A frame whose planes are the encoder's own input memory, uninitialised; safe to call from any thread.

        The memory is yours as long as you hold a plane or any view of one, beyond the life of the encoder too; see
        :mod:`engine.media.picture_pool`.
        """
        return self._pool.new_frame()

    def encode(self, frame: YuvFrame) -> None:
        """Encode the next frame of the group; the first one opens a fresh encoder.

        Not copied if it comes from :meth:`new_frame`; frames of any other memory are. The planes are free to be
        written again when the call returns.

        Raises:
            EncodeError: the encoder failed, or refused the settings; the group is given up.
            ValueError: the frame has another size than the video.
        """
        leased = leased_frame(frame, self._pool)
        picture = leased.owner.picture
        with self._encoding():
            if self._context is None:
                self._context = open_group(self.encoder, self.options)
            picture.pts = self._frames
            picture.time_base = 1 / self.options.frame_rate
            for packet in self._context.encode(picture):
                self._keep(packet)
        self._frames += 1

    def finish(self, check: Callable[[], None] | None = None) -> EncodedGop:
        """The group that ends here; the next frame begins another.

        The frames that the encoder still looks ahead by are coded now: 10 at ``standard`` (0.3 s at 1080p), 40 at
        ``high`` (5 s).

        Args:
            check: called after each of them; what it raises gives the group up. For cancelling.

        Raises:
            EncodeError: the encoder failed.
            ValueError: no frame was encoded.
        """
        if self._context is None:
            raise ValueError("not one frame was encoded: there is no group to finish")
        try:
            with self._encoding():
                for packet in self._context.encode_lazy(None):
                    self._keep(packet)
                    if check is not None:
                        check()
            return EncodedGop(tuple(self._packets), self._context.extradata or b"", self._frames)
        finally:
            self.abort()

    def abort(self) -> None:
        """Forget the frames since the last :meth:`finish`."""
        self._context = None
        self._packets = []
        self._frames = 0

    def _keep(self, packet: "Packet[Stream]") -> None:
        assert packet.pts is not None
        assert packet.dts is not None
        self._packets.append(EncodedPacket(bytes(packet), packet.pts, packet.dts, packet.is_keyframe))

    @contextmanager
    def _encoding(self) -> Iterator[None]:
        import av

        try:
            yield
        except av.FFmpegError as error:
            self.abort()
            raise EncodeError(
                f"The {self.encoder} encoder failed: try again, or use another encoder or quality.", detail=str(error)
            ) from error
