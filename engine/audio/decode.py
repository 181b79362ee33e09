"""Sound files of any kind to float32 stereo at 48 kHz, exact to the sample.

libavformat honours what hides an encoder's priming (edit lists of MP4, the LAME header of MP3, the pre-skip of Opus);
what it leaves at the end of an MP4 is cut here. Rates are converted by libswresample, whose own delay is compensated
and whose tail is flushed. Channels are mixed by :mod:`engine.audio.downmix`.

Time 0 is the first sample. In a file with moving pictures it is the start of the pictures, and every sample stands
where its time stamp puts it: gaps are silence, so that picture and sound stay together.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.audio.container import begin_of, moving_picture, open_sound, stated_length
from engine.audio.convert import StereoConverter
from engine.audio.samples import BLOCK, SAMPLE_RATE, Samples
from engine.core.errors import CorruptMedia, UnsupportedMedia

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

GAP_TOLERANCE = Fraction(1, 25)
"""Seconds that time stamps in a file with pictures may stray from the sound before silence is put in or sound left out.
Containers round their time stamps, some to milliseconds; what is less is rounding."""

SEEK_FROM = 10 * SAMPLE_RATE
"""Samples: nearer to the start, decoding from the start is as quick as seeking."""

PREROLL = SAMPLE_RATE
"""Samples that are decoded and dropped after a seek: overlapping transforms and filters settle in a fraction of it."""

EXACT_SEEKS = frozenset({"mov", "wav", "flac", "w64", "aiff"})
"""libavformat's containers whose time stamps count samples: a seek lands exactly. Others are read from the start."""

PADDING = 8 * 2048
"""Samples at the end that may be an encoder's padding: two frames of 2048 at 12 kHz and everything shorter."""

SHORTER = Fraction(1, 2)
"""Seconds by which a file may fall short of its own duration before it is called damaged."""


def decode_sound(path: Path, start: int = 0, notes: list[str] | None = None) -> Iterator[Samples]:
    """Decode from sample ``start`` to the end, in blocks of about a second; empty ones on the way to the start.

    Args:
        path: the file.
        start: the first sample that is wanted, at 48 kHz.
        notes: gets a sentence when the file turns out to be damaged; what can be decoded is given.

    Yields:
        Shape (n, 2), float32, without gaps between one block and the next.

    Raises:
        UnreadableMedia: the file is missing, empty or may not be read.
        UnsupportedMedia: it has no sound.
        CorruptMedia: nothing of its sound can be decoded.
    """
    with open_sound(path) as container:
        if not container.streams.audio:
            raise UnsupportedMedia(path, "has no sound: give a sound file, or a video that has sound.")
        yield from _Reader(path, container, start, notes if notes is not None else []).blocks()


class _Reader:
    """One decoding of one file: positions in samples at 48 kHz from time 0."""

    def __init__(self, path: Path, container: "InputContainer", start: int, notes: list[str]) -> None:
        self.path, self.container, self.start, self.notes = path, container, start, notes
        self.stream: AudioStream = container.streams.audio[0]
        picture = moving_picture(container)
        self.timed = picture is not None
        self.origin = begin_of(picture if picture is not None else self.stream)
        self.length = stated_length(container, self.stream)
        self.position = 0  # of the next sample that comes out of the converter
        self.errors = 0
        self._graph: StereoConverter | None = None
        self._placed = False  # whether the first frame's place is known
        self._seeked = False
        self._detail = ""

    def blocks(self) -> Iterator[Samples]:
        self._seek()
        held: list[Samples] = []
        held_count = passed = 0
        ended = False
        try:
            for block in self._converted():
                skip = max(0, self.start - (self.position - len(block)))
                if skip >= len(block):
                    passed += len(block)
                    if passed >= BLOCK:  # a sign of life for callers that may want to stop
                        passed = 0
                        yield block[:0]
                    continue
                held.append(block[skip:])
                held_count += len(block) - skip
                if held_count >= BLOCK + PADDING:
                    ready = np.concatenate(held)
                    held, held_count = [ready[-PADDING:]], PADDING
                    yield ready[:-PADDING]
            ended = True
            if not self._placed and not self._seeked:
                raise CorruptMedia(
                    self.path, "its sound cannot be decoded: the file is damaged; export it again.", detail=self._detail
                )
            yield from self._without_padding(held, held_count)
        finally:
            self._judge(ended)  # also when the caller has heard enough and closes us

    def _seek(self) -> None:
        """Go near the start where that is exact; the first frame then says where we are."""
        names = set(self.container.format.name.split(","))
        if self.start < SEEK_FROM or not names & EXACT_SEEKS or self.stream.time_base is None:
            return
        at = self.origin + Fraction(self.start - PREROLL, SAMPLE_RATE)
        import av

        try:
            self.container.seek(int(at / self.stream.time_base), stream=self.stream)
        except av.FFmpegError:
            return  # it is read from the start instead: the container has not moved
        self._seeked = True

    def _converted(self) -> Iterator[Samples]:
        """Stereo blocks; ``self.position`` is where each ends."""
        for frame in self._frames():
            if isinstance(frame, Fraction):
                yield from self._silence(round(frame * SAMPLE_RATE))
                continue
            yield from self._place(frame)
            if self._graph is None or not self._graph.fits(frame):
                yield from self._flush()
                self._graph = StereoConverter(frame)
            yield from self._counted(self._graph, self._graph.push(frame))
        yield from self._flush()

    def _place(self, frame: "AudioFrame") -> Iterator[Samples]:
        """Compare the frame's time stamp with where the sound is by now."""
        if frame.pts is None or frame.time_base is None:
            self._placed = True
            return
        stamp = frame.pts * frame.time_base - self.origin
        if not self._placed:
            self._placed = True
            if self._seeked or (self.timed and stamp < 0):
                self.position = round(stamp * SAMPLE_RATE)
                return
            if self.timed:
                yield from self._silence(round(stamp * SAMPLE_RATE))
            return
        if not self.timed:
            return
        pending = self._graph.pending if self._graph is not None else 0
        gap = stamp - Fraction(self.position + pending, SAMPLE_RATE)
        if gap > GAP_TOLERANCE:
            yield from self._flush()
            yield from self._silence(round(stamp * SAMPLE_RATE) - self.position)

    def _silence(self, count: int) -> Iterator[Samples]:
        while count > 0:
            step = min(count, SAMPLE_RATE)
            self.position += step
            count -= step
            yield np.zeros((step, 2), np.float32)

    def _flush(self) -> Iterator[Samples]:
        if self._graph is not None:
            yield from self._counted(self._graph, self._graph.flush())
            self._graph = None

    def _counted(self, converter: StereoConverter, blocks: Iterator[Samples]) -> Iterator[Samples]:
        for block in blocks:
            self.position += len(block)
            yield block
        self.errors += converter.strange
        converter.strange = 0

    def _frames(self) -> "Iterator[AudioFrame | Fraction]":
        """Frames, or the seconds of a packet that could not be decoded."""
        import av

        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError as error:
                self.errors += 1
                self._detail = str(error)
                return
            try:
                frames: list[Any] = list(packet.decode())
            except av.FFmpegError as error:
                self.errors += 1
                self._detail = str(error)
                if self._placed and packet.duration and packet.time_base:
                    yield packet.duration * packet.time_base
                continue
            yield from frames

    def _judge(self, ended: bool) -> None:
        """Say it when the file holds less than it promises."""
        if not self._placed:
            return
        name = self.path.name
        got = Fraction(self.position, SAMPLE_RATE)
        if ended and self.length is not None and got + SHORTER < self.length:
            self.notes.append(
                f"{name}: the file is damaged: it promises {float(self.length):.1f} s of sound and holds "
                f"{float(got):.1f} s; the rest is silent."
            )
        elif self.errors:
            self.notes.append(f"{name}: the file is damaged: what could not be decoded is silent.")

    def _without_padding(self, held: list[Samples], count: int) -> Iterator[Samples]:
        excess = 0 if self.length is None else self.position - round(self.length * SAMPLE_RATE)
        keep = count - excess if 0 < excess < PADDING else count
        for block in held:
            if keep <= 0:
                return
            yield block[:keep]
            keep -= len(block)
