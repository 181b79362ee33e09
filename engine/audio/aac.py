"""AAC-LC in an .m4a, sample for sample where it was.

The encoder begins with 1024 samples of priming; the file's edit list hides them and cuts the padding of the last
frame, so that a player hears exactly what went in. The movie's clock runs at 48 kHz: the usual one of 1 ms could not
state the length.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from engine.audio.samples import SAMPLE_RATE, Samples
from engine.core.errors import EncodeError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

BIT_RATE = 192_000
"""bits a second, both channels together."""

FRAME = 1024
"""Samples of an AAC frame."""

ENCODER_OPTIONS = {
    # Perceptual noise substitution replaces bands by noise. Measured on clicks in noise: it swallowed one of 119, and
    # at this bit rate it saves nothing.
    "aac_pns": "0",
}


class AacWriter:
    """Encodes stereo samples into an .m4a.

    Args:
        path: where to write; an older file is replaced.
        name: of the file that the user asked for, for messages.
    """

    def __init__(self, path: Path, name: str) -> None:
        import av

        self._name = name
        self._written = 0
        self._rest: Samples = np.zeros((0, 2), np.float32)
        try:
            self._container: OutputContainer = av.open(
                str(path), "w", format="ipod", container_options={"movie_timescale": str(SAMPLE_RATE)}
            )
            stream: Any = self._container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options=ENCODER_OPTIONS)
            self._stream: AudioStream = stream
            self._stream.bit_rate = BIT_RATE
            self._stream.time_base = Fraction(1, SAMPLE_RATE)
            self._stream.metadata["handler_name"] = "Multiplane sound"
            self._container.start_encoding()
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def add(self, samples: Samples) -> None:
        """Encode the next samples, shape (n, 2); beyond full scale is fine until the decoder clips it."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // FRAME * FRAME
        for first in range(0, whole, FRAME):
            self._encode(samples[first : first + FRAME])
        self._rest = samples[whole:]

    def close(self) -> None:
        """Finish the file."""
        import av

        if len(self._rest):
            self._encode(self._rest)
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def abort(self) -> None:
        """Close without finishing."""
        import contextlib

        import av

        with contextlib.suppress(av.FFmpegError):
            self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _encode(self, samples: Samples) -> None:
        import av
        from av.audio.frame import AudioFrame

        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._written
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._written += len(samples)
        try:
            self._container.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> EncodeError:
        return EncodeError(
            f"{self._name}: the sound could not be encoded: check the disk's free space and try again.",
            detail=str(error),
        )


def decoded(path: Path, name: str) -> Iterator[Samples]:
    """What a player will hear of an .m4a of ours."""
    from engine.audio.decode import decode_sound
    from engine.core.errors import MediaError

    try:
        yield from decode_sound(path)
    except MediaError as error:
        raise EncodeError(f"{name}: the encoded sound cannot be read back: try again.", detail=error.message) from error
