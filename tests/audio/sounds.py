"""Sounds that the tests make themselves, and a way to write them in any format."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine.audio.samples import SAMPLE_RATE, Samples


def tone(seconds: float, hertz: float = 440.0, level: float = 0.25, rate: int = SAMPLE_RATE) -> Samples:
    """A sine in both channels: (N, 2)."""
    t = np.arange(round(seconds * rate)) / rate
    return np.repeat((level * np.sin(2 * np.pi * hertz * t))[:, None], 2, axis=1).astype(np.float32)


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> Samples:
    """White noise, the channels independent: (N, 2)."""
    made = np.random.default_rng(seed).standard_normal((round(seconds * SAMPLE_RATE), 2)) * level
    return made.astype(np.float32)


def music(seconds: float, bpm: float = 120.0, seed: int = 0) -> Samples:
    """Four chords in turn, one a bar, with a beat on every quarter: (N, 2)."""
    count = round(seconds * SAMPLE_RATE)
    t = np.arange(count) / SAMPLE_RATE
    beat = 60 / bpm
    bar = (t / (4 * beat)).astype(int) % 4
    out = np.zeros(count)
    for index, chord in enumerate(((220, 277, 330), (196, 247, 294), (174, 220, 262), (165, 208, 247))):
        pad = sum(np.sin(2 * np.pi * hertz * t) for hertz in chord)
        out += np.where(bar == index, 0.08 * pad, 0)
    since = t % beat
    hits = np.random.default_rng(seed).standard_normal(round(beat * SAMPLE_RATE) + 1)
    out += 0.3 * hits[(since * SAMPLE_RATE).astype(int)] * np.exp(-since / 0.03)
    return np.repeat(out[:, None], 2, axis=1).astype(np.float32)


def write_sound(
    path: Path,
    samples: np.ndarray,
    codec: str = "pcm_s16le",
    layout: str = "stereo",
    rate: int = SAMPLE_RATE,
    container_format: str | None = None,
) -> Path:
    """Encode (N, C) samples; the container follows from the name."""
    with av.open(
        str(path),
        "w",
        format=container_format,
        container_options={"movie_timescale": "48000"} if path.suffix in {".m4a", ".mp4"} else {},
    ) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if codec not in {"pcm_s16le", "flac"}:
            stream.bit_rate = 192_000
        convert = av.AudioResampler(format=stream.format.name, layout=layout, rate=rate)
        for first in range(0, len(samples), 4800):
            block = np.ascontiguousarray(samples[first : first + 4800].reshape(1, -1).astype(np.float32))
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
            for ready in convert.resample(frame):
                container.mux(stream.encode(ready))
        for ready in convert.resample(None):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return path


def level(samples: np.ndarray) -> float:
    """RMS in dBFS."""
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-20))


def pitch(samples: Samples) -> float:
    """Hz of the strongest partial, between the bins."""
    wave = samples[:, 0] * np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(wave, 8 * len(wave)))
    return float(spectrum.argmax() * SAMPLE_RATE / (8 * len(wave)))
