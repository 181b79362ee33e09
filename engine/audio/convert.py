"""Decoded frames of any rate, format and layout to stereo float at 48 kHz."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.audio.downmix import downmix_matrix
from engine.audio.samples import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.filter import Graph


_MISCOUNTED = 8
"""Channels from which on PyAV 18 counts the planes of a planar frame wrongly."""


LARGEST = 2.0**31
"""Largest magnitude that a sample may have: 32-bit whole numbers that were written as floats reach it. What is beyond,
or is no number at all, is damage: one such sample would silence everything beside it, or end the mix."""


class StereoConverter:
    """Frames of one format to stereo float at 48 kHz.

    Attributes:
        strange: samples that were no numbers, or beyond :data:`LARGEST`; they were silenced. Only floats are such.
    """

    def __init__(self, frame: "AudioFrame") -> None:
        self._key = _format(frame)
        self._matrix = downmix_matrix([channel.name for channel in frame.layout.channels])
        self._rate = frame.sample_rate
        self._in = self._out = 0
        self.strange = 0
        self._graph: Graph | None = None if self._is_ready(frame) else _graph(frame)

    @property
    def pending(self) -> int:
        """Samples at 48 kHz that went in and have not come out."""
        return round(Fraction(self._in * SAMPLE_RATE, self._rate)) - self._out

    def fits(self, frame: "AudioFrame") -> bool:
        """Whether a frame has the format that this converter takes."""
        return _format(frame) == self._key

    def push(self, frame: "AudioFrame") -> Iterator[Samples]:
        """Convert a frame; blocks of shape (n, 2)."""
        if self._graph is None:
            self._in += frame.samples
            self._out += frame.samples
            planes: Any = frame.to_ndarray()
            yield np.ascontiguousarray(self._mixed(planes.T))
            return
        frame.pts = self._in
        frame.time_base = Fraction(1, self._rate)
        self._in += frame.samples
        self._graph.push(frame)
        yield from self._pull()

    def flush(self) -> Iterator[Samples]:
        """What is left in the filters; nothing can be pushed after it."""
        if self._graph is None:
            return
        self._graph.push(None)
        wanted = round(Fraction(self._in * SAMPLE_RATE, self._rate))
        for block in self._pull():
            # The converter's tail is the filter's: what lies beyond the last sample that went in is cut.
            excess = max(0, self._out - wanted)
            if excess < len(block):
                yield block[: len(block) - excess]

    def _is_ready(self, frame: "AudioFrame") -> bool:
        """Whether there is nothing to convert, as with AAC, MP3 and Opus at 48 kHz."""
        return self._rate == SAMPLE_RATE and frame.format.name == "fltp" and len(self._matrix) < _MISCOUNTED

    def _pull(self) -> Iterator[Samples]:
        import av

        assert self._graph is not None
        while True:
            try:
                frame: Any = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            self._out += frame.samples
            yield self._mixed(frame.to_ndarray().reshape(-1, len(self._matrix)))

    def _mixed(self, samples: Samples) -> Samples:
        """Samples of shape (N, C) to stereo."""
        strange = ~np.asarray((np.abs(samples) <= LARGEST).all(axis=1))
        if strange.any():
            self.strange += int(strange.sum())
            samples = np.where(strange[:, None], np.float32(0), samples)
        return samples @ self._matrix


def _graph(frame: "AudioFrame") -> "Graph":
    """abuffer, libswresample, abuffersink: interleaved float at 48 kHz, channels as they are."""
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=frame.layout.name,
        channels=len(frame.layout.channels),
        time_base=Fraction(1, frame.sample_rate),
    )
    # Interleaved, because of :data:`_MISCOUNTED`. A longer filter than the
    # default 32 taps: flat to 0.97 of the lower rate's Nyquist frequency.
    convert = graph.add("aresample", f"{SAMPLE_RATE}:osf=flt:filter_size=64:cutoff=0.97")
    sink = graph.add("abuffersink")
    source.link_to(convert)
    convert.link_to(sink)
    graph.configure()
    return graph


def _format(frame: "AudioFrame") -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name
