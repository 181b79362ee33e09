"""Encoded groups of pictures in, one finished MP4 out, with sound and subtitles; nothing is encoded again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from engine.core.errors import EncodeError
from engine.media.audio_track import AudioTrack
from engine.media.gop_spool import GopSpool
from engine.media.mp4_container import Mp4Container
from engine.media.mp4_options import Mp4Options
from engine.media.packets import EncodedGop, problem_of
from engine.media.pending_file import output_error
from engine.media.subtitle_boxes import place_subtitles
from engine.media.subtitle_track import SubtitleSamples, SubtitleTrack

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream


class Mp4Muxer:
    """Puts groups of pictures one after another and gives the MP4 its name when all of them are in.

    ::

        with Mp4Muxer(Path("clip.mp4"), options) as muxer:
            muxer.set_audio(Path("mix.m4a"))
            for gop in gops:                 # of GopEncoder, with the same options, in the order of presentation
                muxer.write(gop)

    The file, its safety and what the constructor refuses are those of :class:`engine.media.Mp4Writer`. The tracks are
    interleaved by decoding time, packet by packet, so that a player reads the file from front to back.

    Args:
        target: where the complete file shall be. A symbolic link is followed.
        options: those that the groups were encoded with.
        overwrite: whether a file that is there may be replaced.
        audio: an .m4a with one AAC track; what it holds beyond the last picture is left out.
        audio_follows: whether :meth:`set_audio` will be called later; until then the groups wait beside the target, in
            a file without a name.
        subtitles: tracks of timed text, each cut at the end of the last picture. Players show those that are
            ``default``, the others when they are asked for.

    Raises:
        OutputError: the target cannot be written, or exists and ``overwrite`` is False.
        MediaError: the sound file cannot be used.
        DeviceUnavailable: the asked encoder does not open on this machine.
        EncodeError: the encoder refused the settings.
    """

    def __init__(
        self,
        target: Path,
        options: Mp4Options,
        *,
        overwrite: bool = False,
        audio: Path | None = None,
        audio_follows: bool = False,
        subtitles: Sequence[SubtitleTrack] = (),
    ) -> None:
        self.path = target
        self.options = options
        self._subtitles = tuple(subtitles)
        self._audio: AudioTrack | None = None
        self._texts: list[SubtitleSamples] = []
        self._started = self._closed = False
        self._frames = self._muxed = 0
        self._delay: int | None = None
        self._waiting: GopSpool | None = None
        # Its encoder encodes nothing here; it only tells the parameter sets.
        self._mp4 = Mp4Container(target, replace(options, threads=1), overwrite=overwrite)
        try:
            if audio is not None:
                self.set_audio(audio)
            elif audio_follows:
                self._waiting = self._open_spool()
        except BaseException:
            self.abort()
            raise

    @property
    def frames_written(self) -> int:
        """How many frames the groups so far hold."""
        return self._frames

    def set_audio(self, audio: Path) -> None:
        """Give the sound, once: before the first group, or at any time before :meth:`close` if ``audio_follows``.

        Raises:
            MediaError: the file cannot be used.
            OutputError: groups that waited for the sound could not be written.
            ValueError: there is a sound already, or the first group is written, or the muxer is closed.
        """
        if self._closed or self._started or self._audio is not None:
            raise ValueError("the sound can be set once, before the first group")
        self._audio = AudioTrack(audio)
        self._end_waiting()

    def write(self, gop: EncodedGop) -> None:
        """Put the next group after those before.

        Raises:
            EncodeError: the group was encoded with other options, or its packets do not follow those before.
            OutputError: the disk is full, or the file could not be written for another reason.
            MediaError: the sound file is damaged.
            ValueError: the muxer is closed.
        """
        if self._closed:
            raise ValueError("this muxer is closed")
        self._check(gop)
        self._frames += gop.frames
        if self._waiting is None:
            self._put(gop)
            return
        try:
            self._waiting.add(gop)
        except OSError as error:
            raise output_error(self.path, error) from error

    def close(self) -> None:
        """Finish the file and give it its name. Does nothing the second time.

        Raises:
            EncodeError: no group was written.
            OutputError: the file could not be written, or another one took its name meanwhile.
            MediaError: the sound file is damaged.
        """
        if self._closed:
            return
        try:
            if not self._frames:
                raise EncodeError(f"{self.path.name}: not one frame was made, so there is no video to write.")
            self._end_waiting()
            self._write_others(self._frames / self.options.frame_rate, cut=True)
            self._mp4.finish()
            self._finish_subtitles()
            self._mp4.file.commit()
        finally:
            self.abort()

    def abort(self) -> None:
        """Give the video up; no file is left. Does nothing after :meth:`close`."""
        self._closed = True
        self._texts.clear()
        self._mp4.release()
        if self._waiting is not None:
            self._waiting.close()
        if self._audio is not None:
            self._audio.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _open_spool(self) -> GopSpool:
        try:
            return GopSpool(self.path.resolve().parent)
        except OSError as error:
            raise output_error(self.path, error) from error

    def _start(self) -> None:
        if self._started:
            return
        with self._mp4.writing():
            if self._audio is not None:
                self._audio.add_to(self._mp4.av)
            self._texts = [SubtitleSamples(track, self._mp4.av, self.options.height) for track in self._subtitles]
        self._mp4.start()
        self._started = True

    def _end_waiting(self) -> None:
        if self._waiting is None:
            return
        waiting, self._waiting = self._waiting, None
        try:
            for gop in waiting.drain():
                self._put(gop)
        except OSError as error:
            raise output_error(self.path, error) from error
        finally:
            waiting.close()

    def _put(self, gop: EncodedGop) -> None:
        import av

        self._start()
        rate = self.options.frame_rate
        for number, coded in enumerate(gop.packets, self._muxed - (self._delay or 0)):
            packet = av.Packet(coded.data)
            packet.pts, packet.dts, packet.duration = self._muxed + coded.pts, number, 1
            packet.time_base = 1 / rate
            packet.is_keyframe = coded.keyframe
            packet.stream = self._mp4.video
            self._write_others(number / rate)
            self._mux([packet])
        self._muxed += gop.frames

    def _check(self, gop: EncodedGop) -> None:
        wrong = problem_of(gop)
        if not wrong and gop.extradata != self._mp4.video.codec_context.extradata:
            wrong = "its parameter sets are not those of this video"
        if not wrong:
            # x264 delays a group of one or two frames less than others; the last one can wait as long as they do.
            delay = -gop.packets[0].dts
            self._delay = delay if self._delay is None else self._delay
            if delay > self._delay:
                wrong = "the groups before it delay their pictures less"
        if wrong:
            raise EncodeError(
                f"{self.path.name}: the frames from {self._frames} on do not fit those before: render them again.",
                detail=wrong,
            )

    def _write_others(self, until: Fraction, *, cut: bool = False) -> None:
        for track in (*((self._audio,) if self._audio else ()), *self._texts):
            self._mux(track.packets(until, cut=cut))

    def _finish_subtitles(self) -> None:
        if not self._subtitles:
            return
        shown = [track.default for track in self._subtitles]
        try:
            place_subtitles(self._mp4.file.path, shown, self.options.width, self.options.height)
        except OSError as error:
            raise output_error(self.path, error) from error

    def _mux(self, packets: "Iterable[Packet[Stream]]") -> None:
        for packet in packets:
            with self._mp4.writing():
                self._mp4.av.mux_one(packet)
