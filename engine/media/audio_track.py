"""The sound of an MP4: the AAC packets of an .m4a, carried over as they are."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import CorruptMedia, UnreadableMedia, UnsupportedMedia
from engine.media.demuxers import open_local

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

HANDLER_NAME = "Multiplane audio"
"""The name of the audio track, as editors show it."""


class AudioTrack:
    """The packets of a sound file, in order, up to a time.

    An AAC encoder needs a running start: its first packets (the priming) decode to nothing, and the .m4a's edit list
    says so. libavformat gives them times below zero, and the edit list that it writes again puts sample 0 at time 0.

    Args:
        path: an .m4a with one AAC track, as :mod:`engine.audio` makes it.

    Raises:
        UnreadableMedia, CorruptMedia: it cannot be opened.
        UnsupportedMedia: it holds no AAC.
    """

    def __init__(self, path: Path) -> None:
        import av

        self.path = path
        try:
            self._container = open_local(path, demuxer="mp4")
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise UnreadableMedia(path, "it cannot be read: make the sound again.", detail=str(error)) from error
            raise CorruptMedia(path, "it is no sound file: make the sound again.", detail=str(error)) from error
        streams = self._container.streams.audio
        if len(streams) != 1 or streams[0].codec_context.name != "aac":
            self.close()
            raise UnsupportedMedia(path, "it does not hold one track of AAC sound: make the sound again.")
        self._source: AudioStream = streams[0]
        self._packets = self._read()
        self._next: Packet[AudioStream] | None = None

    def add_to(self, container: "OutputContainer") -> None:
        """Add the track to an MP4 whose header is not written yet."""
        self._stream = container.add_stream_from_template(self._source)
        self._stream.metadata["handler_name"] = HANDLER_NAME

    def packets(self, until: Fraction, *, cut: bool = False) -> Iterator["Packet[AudioStream]"]:
        """The packets not given so far that begin before a time, ready to be muxed.

        Args:
            until: seconds.
            cut: whether the last one shall end at that time at the latest.

        Raises:
            CorruptMedia: the file ends in the middle of a packet.
        """
        while True:
            packet = self._next or next(self._packets, None)
            self._next = packet
            if packet is None or packet.pts is None:
                return
            begin = packet.pts * packet.time_base
            if begin >= until:
                return
            if cut and packet.duration:
                packet.duration = min(packet.duration, round((until - begin) / packet.time_base))
            packet.stream = self._stream
            self._next = None
            yield packet

    def close(self) -> None:
        """Close the sound file."""
        self._container.close()

    def _read(self) -> Iterator["Packet[AudioStream]"]:
        import av

        try:
            yield from (packet for packet in self._container.demux(self._source) if packet.size)
        except av.FFmpegError as error:
            raise CorruptMedia(self.path, "its sound is damaged: make it again.", detail=str(error)) from error
