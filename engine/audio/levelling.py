"""Bring a mix to its loudness without passing the peak limit, as it will be heard after AAC."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.audio.aac import AacWriter, decoded
from engine.audio.clip import MixReport
from engine.audio.limiter import LOOK_AHEAD, LimiterGain
from engine.audio.loudness import LoudnessMeter, PeakMeter
from engine.audio.samples import BLOCK, SampleFile, Samples

TARGET_LOUDNESS = -14.0
"""LUFS, what the large video sites play at."""

LOUDNESS_TOLERANCE = 0.5
"""LU."""

TRUE_PEAK_LIMIT = -1.0
"""dBTP."""

MAX_GAIN = 20.0
"""dB that a mix is raised by at most: a recording of next to nothing stays one."""

MAX_LIMITING = 12.0
"""dB that a peak is lowered by at most to reach the loudness; a mix that would need more stays softer."""

HEAVY_LIMITING = 8.0
"""dB of limiting from which on the report says so."""

_CODEC_HEADROOM = 0.4
"""dB below the limit that the limiter aims at first: AAC moves peaks by about as much."""

_CLOSE = 0.1
"""LU: as near as the gain is searched."""

_MAX_PASSES, _MAX_ENCODINGS = 6, 4


@dataclass(slots=True)
class _Level:
    """One try: gain and ceiling, and what came of them before encoding."""

    gain: float  # dB
    ceiling: float  # dBTP
    loudness: float | None = None
    limiting: float = 0.0  # dB


@dataclass(frozen=True, slots=True)
class Mixed:
    """A mix on disk and what was measured while it was made: LUFS and dBTP, None for silence."""

    samples: SampleFile
    loudness: float | None
    true_peak: float | None


def write_levelled(
    mix: Mixed, path: Path, name: str, target: float, notes: list[str], pulse: Callable[[float], None]
) -> MixReport:
    """Encode the mix at ``target`` LUFS into an .m4a, and measure what a player will hear.

    The loudness and the peaks of the decoded file decide: while a peak is too high the limiter is lowered by as much,
    and the gain found anew.

    Args:
        mix: what to level.
        path: where to write.
        name: of the file that the user asked for.
        target: LUFS.
        notes: further sentences for the report.
        pulse: called often with the share that is done; may raise.
    """
    if mix.loudness is None or mix.true_peak is None:
        loudness, peak = _encode(mix.samples, _Level(0.0, 0.0), path, name, pulse)
        return MixReport(None, loudness, peak, 0.0, False, 0.0, True, tuple(notes))
    ceiling = TRUE_PEAK_LIMIT - _CODEC_HEADROOM
    offset = 0.0  # LU by which encoding changes the loudness
    for attempt in range(_MAX_ENCODINGS):
        level = _search(mix, ceiling, target - offset, pulse)
        loudness, peak = _encode(mix.samples, level, path, name, pulse)
        too_high = (peak if peak is not None else -120.0) - TRUE_PEAK_LIMIT
        moved = (loudness if loudness is not None else target) - (
            level.loudness if level.loudness is not None else target
        )
        if too_high <= 0 and abs(moved - offset) <= LOUDNESS_TOLERANCE - 2 * _CLOSE:
            break
        if attempt < _MAX_ENCODINGS - 1:
            offset = moved
            ceiling -= max(0.0, too_high) + (0.1 if too_high > 0 else 0.0)
    _say(mix, level, loudness, peak, target, notes)
    return MixReport(
        mix.loudness, loudness, peak, level.gain, level.limiting > 0.01, level.limiting, False, tuple(notes)
    )


def _search(mix: Mixed, ceiling: float, target: float, pulse: Callable[[float], None]) -> _Level:
    """The gain that brings the limited mix to ``target`` LUFS, as far as the bounds allow."""
    assert mix.loudness is not None
    assert mix.true_peak is not None
    most = min(MAX_GAIN, ceiling + MAX_LIMITING - mix.true_peak)
    level = _Level(min(target - mix.loudness, most), ceiling)
    if mix.true_peak + level.gain <= ceiling:
        level.loudness = mix.loudness + level.gain
        return level
    for _ in range(_MAX_PASSES):
        _measure(mix.samples, level, pulse)
        if level.loudness is None:
            return level
        missing = target - level.loudness
        gain = min(level.gain + missing * 1.15, most)  # the limiter takes a part of what is added
        if abs(missing) <= _CLOSE or abs(gain - level.gain) < 0.02:
            return level
        level = _Level(gain, ceiling)
    _measure(mix.samples, level, pulse)
    return level


def _measure(mix: SampleFile, level: _Level, pulse: Callable[[float], None]) -> None:
    meter = LoudnessMeter()
    for samples in _levelled(mix, level):
        pulse(0.0)
        meter.add(samples)
    level.loudness = meter.integrated()


def _levelled(mix: SampleFile, level: _Level) -> Iterator[Samples]:
    """The mix after gain and limiter, in blocks; ``level.limiting`` is known at the end."""
    peaks = PeakMeter()
    limiter = LimiterGain(10 ** (level.gain / 20), 10 ** (level.ceiling / 20))
    at = -LOOK_AHEAD  # the sample that the next gain belongs to
    for first in range(0, mix.length + BLOCK, BLOCK):
        if first < mix.length:
            found = peaks.add(mix.read(first, min(BLOCK, mix.length - first)))
        else:
            found = np.concatenate([peaks.finish(), np.zeros(LOOK_AHEAD, np.float32)])
        gains = limiter.push(found)
        skip = min(max(0, -at), len(gains))
        at += skip
        gains = gains[skip:]
        if len(gains):
            yield mix.read(at, len(gains)) * gains[:, None].astype(np.float32)
            at += len(gains)
    level.limiting = max(0.0, float(-20 * np.log10(limiter.least)))


def _encode(
    mix: SampleFile, level: _Level, path: Path, name: str, pulse: Callable[[float], None]
) -> tuple[float | None, float | None]:
    """Write the file, read it back: LUFS and dBTP of what a player will hear."""
    done = 0
    with AacWriter(path, name) as writer:
        for samples in _levelled(mix, level):
            writer.add(samples)
            done += len(samples)
            pulse(0.8 * done / mix.length)
    loudness, peaks = LoudnessMeter(), PeakMeter()
    for samples in decoded(path, name):
        loudness.add(samples)
        peaks.add(samples)
        pulse(0.8)
    peaks.finish()
    pulse(1.0)
    return loudness.integrated(), peaks.decibels


def _say(
    mix: Mixed, level: _Level, loudness: float | None, peak: float | None, target: float, notes: list[str]
) -> None:
    if loudness is None or abs(loudness - target) > LOUDNESS_TOLERANCE:
        reached = "below what can be measured" if loudness is None else f"at {loudness:.1f} LUFS"
        why = (
            f"it is so soft that it would have to be raised by more than {MAX_GAIN:g} dB"
            if level.gain >= MAX_GAIN - 0.05
            else f"its peaks would have to be lowered by more than {MAX_LIMITING:g} dB"
        )
        notes.append(f"The sound stays {reached} instead of {target:g} LUFS: {why}.")
    elif level.limiting > HEAVY_LIMITING:
        notes.append(
            f"The loudest peaks were lowered by {level.limiting:.0f} dB to reach {target:g} LUFS: "
            "the mix is very dynamic."
        )
    if peak is not None and peak > TRUE_PEAK_LIMIT:
        notes.append(f"The true peak is {peak:.1f} dBTP, above the limit of {TRUE_PEAK_LIMIT:g} dBTP.")
