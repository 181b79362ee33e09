"""The one form in which sound is worked on: float32 stereo at 48 kHz, and a file of it that leaves no trace."""

import os
import tempfile
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import EngineError

SAMPLE_RATE = 48_000
"""Hz. A millisecond is 48 samples, so every time of a draft falls on a sample."""

Samples = NDArray[np.float32]
"""Stereo sound, shape (N, 2), channels left, right, float32, full scale -1..1 (values beyond are kept)."""

Curve = NDArray[np.float64]
"""A gain per sample, shape (N,), float64."""

BLOCK = SAMPLE_RATE
"""Samples that are worked on at a time: one second, 384 kB."""

_FRAME_BYTES = 8  # two float32


def sample_at(seconds: Fraction) -> int:
    """Seconds to samples at :data:`SAMPLE_RATE`, rounded to nearest."""
    return round(seconds * SAMPLE_RATE)


class SampleFile:
    """Samples on disk, in a file without a name: whatever ends the process, nothing is left.

    Only what is read or written passes through memory, so a mix of any length costs the same.

    Args:
        folder: where the file lies; None is the system's folder for temporary files.

    Attributes:
        length: samples written so far.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.length = 0
        try:
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise _disk_error(error) from error

    def append(self, samples: Samples) -> None:
        """Write at the end.

        Raises:
            EngineError: the disk is full.
        """
        data = np.ascontiguousarray(samples, np.float32).reshape(-1).view(np.uint8).data
        offset = self.length * _FRAME_BYTES
        try:
            while data:
                written = os.pwrite(self._file.fileno(), data, offset)
                offset += written
                data = data[written:]
        except OSError as error:
            raise _disk_error(error) from error
        self.length += len(samples)

    def read(self, start: int, count: int) -> Samples:
        """Samples ``start`` to ``start + count``; silence where the file has none, before its start as well.

        Returns:
            Shape (count, 2), float32, memory of its own.
        """
        out = np.zeros((count, 2), np.float32)
        first, last = max(start, 0), min(start + count, self.length)
        if first < last:
            view = out[first - start : last - start].reshape(-1).view(np.uint8).data
            offset = first * _FRAME_BYTES
            while view:
                got = os.preadv(self._file.fileno(), [view], offset)
                offset += got
                view = view[got:]
        return out

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _disk_error(error: OSError) -> EngineError:
    return EngineError(
        "The sound could not be kept on disk while it was mixed: free some space, or set TMPDIR to another disk.",
        detail=str(error),
    )
