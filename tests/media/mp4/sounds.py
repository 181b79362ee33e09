"""Sounds for the tests: AAC files with clicks, and where the clicks are after decoding."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48000
CLICK = np.sin(2 * np.pi * 3000 * np.arange(RATE // 200) / RATE)
"""5 ms of 3 kHz."""


def write_m4a(path: Path, seconds: float, clicks: Sequence[float] = (), codec: str = "aac") -> Path:
    """Stereo at 48 kHz: silence with clicks that begin at the given seconds."""
    samples = np.zeros((2, round(RATE * seconds)), np.float32)
    for click in clicks:
        start = round(RATE * click)
        samples[:, start : start + len(CLICK)] = 0.8 * CLICK[: samples.shape[1] - start]
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream(codec, rate=RATE)
        stream.bit_rate = 192_000
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        if codec != "aac":
            frame = av.AudioResampler(format=stream.format, layout="stereo", rate=RATE).resample(frame)[0]
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read_sound(path: Path) -> tuple[Fraction, NDArray[np.float32]]:
    """When the first decoded sample is heard, in seconds, and the left channel; fails if there is a gap."""
    begin, parts, position = None, [], None
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            if begin is None:
                begin = frame.pts * frame.time_base
                position = frame.pts
            assert frame.pts == position
            position += frame.samples
            parts.append(frame.to_ndarray()[0])
    return begin, np.concatenate(parts)


def click_times(path: Path) -> list[float]:
    """When the clicks of :func:`write_m4a` are heard, in seconds, to a sample."""
    begin, sound = read_sound(path)
    likeness = np.abs(np.convolve(sound, CLICK[::-1], "valid"))
    loud = np.flatnonzero(likeness > 0.5 * likeness.max())
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > RATE // 20) + 1)
    peaks = [group[np.argmax(likeness[group])] for group in groups]
    return [float(begin) + int(peak) / RATE for peak in peaks]
