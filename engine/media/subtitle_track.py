"""Subtitles that a player shows on request: timed text as 3GPP TS 26.245 (``tx3g``), which MP4 players read."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.core.errors import OptionError
from engine.core.time import milliseconds
from engine.media.language_codes import iso_639_2

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet
    from av.stream import Stream

TICKS_PER_MILLISECOND = 90
"""The clock of a subtitle track runs at 90 kHz, so that every millisecond is exact.

It must not run slower than that of any other track: libavformat compares the times of tracks by their ticks alone when
it decides whether a subtitle has ended, and would put an empty one of no duration between two that abut."""

MAX_TEXT_BYTES = 0xFFFF
"""Of one sample, in UTF-8: its length is written in 16 bits (TS 26.245, 5.17.1)."""

HANDLER_NAME = "Multiplane subtitles"
"""The name of a subtitle track that has none of its own."""

_CLOCK = Fraction(1, 1000 * TICKS_PER_MILLISECOND)

# libavcodec makes the sample description (font, colour, place at the bottom) from the style of an ASS header.
_STYLE = (
    b"[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\n\n[V4+ Styles]\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    b"Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
    b"MarginV, Encoding\n"
    b"Style: Default,Sans-Serif,16,&Hffffff,&Hffffff,&H0,&Hff000000,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\n\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)

Cue = tuple[Fraction, Fraction, str]
"""From when to when, in seconds from the start of the video, and the text; lines are parted by ``\\n``."""


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """One language of subtitles.

    Attributes:
        language: BCP 47 (``en``, ``zh-Hans``) or ISO 639-2 (``eng``); MP4 keeps the language alone.
        cues: (start, end, text), in any order; where some overlap, all their lines are shown, earlier ones above.
        default: whether players show it without being asked.
        name: as editors and some players show the track; empty for none.

    Raises:
        OptionError: the language is unknown; a cue ends before it starts, starts before 0, holds a zero byte or is too
            long.
    """

    language: str
    cues: Sequence[Cue]
    default: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        iso_639_2(self.language)
        for start, end, text in self.cues:
            if not 0 <= start <= end:
                raise OptionError(
                    f"A subtitle from {float(start):g} to {float(end):g} s is not possible: {_beginning(text)}"
                )
            if "\0" in text:
                raise OptionError(f"A subtitle holds a zero byte, remove it: {_beginning(text)}")
        for _, _, text in samples(self.cues):
            if len(text.encode()) > MAX_TEXT_BYTES:
                raise OptionError(f"A subtitle is longer than {MAX_TEXT_BYTES} bytes, split it: {_beginning(text)}")


def samples(cues: Sequence[Cue]) -> list[tuple[int, int, str]]:
    """Cues as a track can hold them: (start, end, text) in milliseconds, in order, none overlapping, none empty."""
    timed = [(milliseconds(start), milliseconds(end), text) for start, end, text in cues if text.strip()]
    timed.sort(key=lambda cue: cue[:2])
    result: list[tuple[int, int, str]] = []
    edges = sorted({edge for start, end, _ in timed for edge in (start, end)})
    up: list[tuple[int, int, str]] = []
    begun = 0
    for begin, finish in pairwise(edges):
        while begun < len(timed) and timed[begun][0] <= begin:
            up.append(timed[begun])
            begun += 1
        up = [cue for cue in up if cue[1] > begin]
        if up:
            result.append((begin, finish, "\n".join(text for _, _, text in up)))
    return result


class SubtitleSamples:
    """The samples of one track on their way into an MP4.

    Args:
        track: what to show.
        container: an MP4 whose header is not written yet; the track is added to it.
        height: of the video, pixels: the text is set for it.
    """

    def __init__(self, track: SubtitleTrack, container: "OutputContainer", height: int) -> None:
        from av.subtitles.stream import SubtitleStream

        stream = container.add_stream("mov_text", options={"height": str(height)})
        assert isinstance(stream, SubtitleStream)
        stream.codec_context.subtitle_header = _STYLE
        stream.time_base = _CLOCK
        stream.metadata["language"] = iso_639_2(track.language)
        stream.metadata["handler_name"] = track.name or HANDLER_NAME
        self._stream: SubtitleStream = stream
        self._samples = iter(samples(track.cues))
        self._next: tuple[int, int, str] | None = next(self._samples, None)

    def packets(self, until: Fraction, *, cut: bool = False) -> Iterator["Packet[Stream]"]:
        """The packets not given so far that end by a time, ready to be muxed.

        Args:
            until: seconds.
            cut: whether one that is shown at that time shall be given too, ending there.
        """
        import av

        limit = int(until * 1000)
        while self._next is not None:
            start, end, text = self._next
            if end > limit and not (cut and start < limit):
                return
            data = text.encode()
            packet = av.Packet(struct.pack(">H", len(data)) + data)
            packet.pts = packet.dts = start * TICKS_PER_MILLISECOND
            packet.duration = (min(end, limit) - start) * TICKS_PER_MILLISECOND
            packet.time_base = _CLOCK
            packet.is_keyframe = True
            packet.stream = self._stream
            self._next = next(self._samples, None)
            yield packet


def _beginning(text: str) -> str:
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”."
