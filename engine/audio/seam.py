"""Where a piece of music can jump back so that nobody hears it.

Two spots are compared by what is heard around them: 20 bands of log energy, 50 times a second, over two seconds. Where
both look alike, the beat, the chord and the level agree. The jump is then moved by up to 25 ms to where the waves
themselves agree best (normalised cross-correlation), and cross-faded there. The method is that of video textures
(A. Schödl et al., SIGGRAPH 2000: jump between similar frames) on features of sound.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.audio.samples import SAMPLE_RATE, Samples

FRAME = SAMPLE_RATE // 50
"""Samples of a feature: 20 ms."""

_FFT = 2048
_BANDS = 20
_LOWEST, _HIGHEST = 60.0, 12_000.0  # Hz: the bands' range
_FLOOR = 60.0  # dB below the loudest band: what is softer is not compared

CONTEXT = 100
"""Frames that are compared around a spot: two seconds."""

REGION = 40 * SAMPLE_RATE
"""Samples at the start and at the end of a piece that are searched, at most 45 % of it each."""

SHORTEST = 6 * SAMPLE_RATE
"""Samples: a shorter piece has no room to choose and is repeated as it is."""

FINE = SAMPLE_RATE * 25 // 1000
"""Samples that the jump may move to align the waves."""

ALIKE = 0.6
"""Correlation of the waves from which on a short crossfade is enough."""

SHORT_FADE, LONG_FADE = SAMPLE_RATE * 150 // 1000, SAMPLE_RATE
"""Samples of the crossfade where the waves agree, and where they do not."""

_LOST_WEIGHT = 20.0
"""dB² for giving up the whole piece: of two spots alike, the one that keeps more of the piece is better."""

_QUIET_WEIGHT = 4.0
"""dB² for each dB that a spot is more than 3 dB softer than the piece: endings are no place for a seam."""


@dataclass(frozen=True, slots=True)
class Seam:
    """A jump from one spot of a piece to an earlier one.

    Attributes:
        leave: sample in the middle of the crossfade on the way out.
        enter: sample in the middle of the crossfade on the way in; a round lasts leave - enter samples.
        fade: samples of the crossfade, even.
        correlation: of the two waves over the crossfade, -1..1.
        levels: RMS amplitude of the two waves there, out and in.
    """

    leave: int
    enter: int
    fade: int
    correlation: float
    levels: tuple[float, float]


def find_seam(read: Callable[[int, int], Samples], length: int) -> Seam | None:
    """The best seam of a piece; None where it is shorter than :data:`SHORTEST`.

    Args:
        read: gives samples [0, length): read(start, count).
        length: samples of the piece.
    """
    if length < SHORTEST:
        return None
    region = min(REGION, length * 45 // 100)
    tail_start = length - region
    head = _features(read(0, region))
    tail = _features(read(tail_start, region))
    context = min(CONTEXT, len(head) // 2)
    i, j = _most_alike(head, tail, context, length)
    enter = (i + context // 2) * FRAME
    leave = tail_start + (j + context // 2) * FRAME
    half = context * FRAME // 2 - FINE
    leave = _align(read, enter, leave, min(half, SAMPLE_RATE // 2))
    for fade in (SHORT_FADE, min(LONG_FADE, 2 * half)):
        seam = _measured(read, enter, leave, fade)
        if seam.correlation >= ALIKE:
            break
    return seam


def seam_gains(seam: Seam) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gains of the crossfade, out and in, (fade,) each.

    Equal power, corrected for the waves' correlation and levels, so that the level goes evenly from one to the other.
    """
    way = (np.arange(seam.fade) + 0.5) / seam.fade
    out, into = np.cos(way * np.pi / 2), np.sin(way * np.pi / 2)
    before, after = max(seam.levels[0], 1e-6), max(seam.levels[1], 1e-6)
    power = (out * before) ** 2 + (into * after) ** 2 + 2 * seam.correlation * out * into * before * after
    wanted = before ** (2 * (1 - way)) * after ** (2 * way)
    correct = np.sqrt(wanted / np.maximum(power, 0.1 * wanted))
    return out * correct, into * correct


def _features(samples: Samples) -> NDArray[np.float32]:
    """dB in each band, shape (frames, bands), relative to the loudest, not below :data:`_FLOOR`."""
    mono = samples.mean(axis=1)
    edges = np.geomspace(_LOWEST, _HIGHEST, _BANDS + 1) * _FFT / SAMPLE_RATE
    bins = np.maximum(np.round(edges).astype(int), 1)
    bins = np.maximum(bins, bins[0] + np.arange(len(bins)))  # at least one bin a band
    window = np.hanning(_FFT).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(mono, (_FFT // 2, _FFT // 2)), _FFT)[:-1:FRAME]
    rows = []
    for first in range(0, len(frames), 256):
        spectrum = np.abs(np.fft.rfft(frames[first : first + 256] * window, axis=1)) ** 2
        rows.append(np.add.reduceat(spectrum[:, : bins[-1]], bins[:-1], axis=1))
    power = np.concatenate(rows)
    level = 10 * np.log10(power + 1e-12)
    return np.asarray(np.maximum(level, level.max() - _FLOOR), np.float32)


def _most_alike(head: NDArray[np.float32], tail: NDArray[np.float32], context: int, length: int) -> tuple[int, int]:
    """Where a context of the head and one of the tail differ least: their first frames."""
    tail_level, head_level = (_smooth(part.max(axis=1), context) for part in (tail, head))
    usual = float(np.median(np.concatenate([tail_level, head_level])))
    quiet_head = _QUIET_WEIGHT * np.maximum(0, usual - 3 - head_level)
    quiet_tail = _QUIET_WEIGHT * np.maximum(0, usual - 3 - tail_level)
    best, found = np.inf, (0, len(tail) - context)
    frames = length / FRAME
    for shift in range(-(len(head) - context), len(tail) - context + 1):
        # The diagonal of pairs (i, i + shift).
        first, last = max(0, -shift), min(len(head), len(tail) - shift)
        if last - first < context:
            continue
        difference = ((head[first:last] - tail[first + shift : last + shift]) ** 2).mean(axis=1)
        cost = _smooth(difference, context)
        i = np.arange(first, first + len(cost))
        lost = i + (len(tail) - context - (i + shift))
        cost = cost + quiet_head[i] + quiet_tail[i + shift] + _LOST_WEIGHT * lost / frames
        at = int(cost.argmin())
        if cost[at] < best:
            best, found = float(cost[at]), (int(i[at]), int(i[at]) + shift)
    return found


def _smooth(values: NDArray[np.float32], width: int) -> NDArray[np.float64]:
    """Means over every ``width`` neighbours."""
    total = np.concatenate([np.zeros(1), np.cumsum(values, dtype=np.float64)])
    return np.asarray((total[width:] - total[:-width]) / width)


def _align(read: Callable[[int, int], Samples], enter: int, leave: int, half: int) -> int:
    """Move ``leave`` by up to :data:`FINE` samples to where the waves agree best."""
    wave = read(enter - half, 2 * half).sum(axis=1).astype(np.float64)
    field = read(leave - half - FINE, 2 * half + 2 * FINE).sum(axis=1).astype(np.float64)
    size = 1 << (len(field) + len(wave)).bit_length()
    product = np.fft.irfft(np.fft.rfft(field, size) * np.conj(np.fft.rfft(wave, size)), size)[: 2 * FINE + 1]
    energy = _smooth((field**2).astype(np.float32), len(wave))
    return leave - FINE + int((product / np.sqrt(energy + 1e-12)).argmax())


def _measured(read: Callable[[int, int], Samples], enter: int, leave: int, fade: int) -> Seam:
    fade -= fade % 2
    before = read(leave - fade // 2, fade).astype(np.float64)
    after = read(enter - fade // 2, fade).astype(np.float64)
    levels = tuple(float(np.sqrt((part**2).mean())) for part in (before, after))
    scale = levels[0] * levels[1]
    correlation = float((before * after).mean() / scale) if scale > 1e-12 else 0.0
    return Seam(leave, enter, fade, correlation, (levels[0], levels[1]))
