"""The music is down before the voice begins, stays down through pauses, and comes back."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio import SoundClip
from engine.audio.ducking import ATTACK, DEPTH, HOP, RELEASE, Ducking, VoiceLevel, heard
from engine.audio.samples import SAMPLE_RATE
from engine.timeline.playback import Sound
from tests.audio.sounds import level, noise, tone, write_sound

RATE = SAMPLE_RATE / HOP


def speech(bursts: list[tuple[float, float]], seconds: float, loud: float = 0.2, floor: float = 0.0005) -> np.ndarray:
    """Noise that comes in syllables of 200 ms, over a floor of room noise."""
    out = noise(seconds, floor, seed=5)
    t = np.arange(len(out)) / SAMPLE_RATE
    for begin, end in bursts:
        inside = (t >= begin) & (t < end)
        syllables = 0.55 - 0.45 * np.cos(2 * np.pi * 5 * (t - begin))
        out += (noise(seconds, loud, seed=6) * (inside * syllables)[:, None]).astype(np.float32)
    return out


def stretches(samples: np.ndarray) -> list[tuple[float, float]]:
    meter = VoiceLevel()
    for first in range(0, len(samples), 10_000):
        meter.add(samples[first : first + 10_000])
    return [(first / RATE, last / RATE) for first, last in heard(meter.levels())]


def test_a_voice_is_found_where_it_is_and_short_pauses_are_bridged() -> None:
    found = stretches(speech([(1, 2), (2.6, 3.5), (6, 7)], 9))
    assert len(found) == 2
    assert found[0] == pytest.approx((1, 3.5), abs=0.12)
    assert found[1] == pytest.approx((6, 7), abs=0.12)


@pytest.mark.parametrize("decibels", [-30, -20, -10, 0, 10])
def test_how_loud_the_voice_was_recorded_does_not_matter(decibels: float) -> None:
    quieter = speech([(1, 2)], 4) * np.float32(10 ** (decibels / 20))
    assert stretches(quieter) == [pytest.approx((1, 2), abs=0.12)]


def test_a_click_and_silence_are_no_voice() -> None:
    click = np.zeros((96_000, 2), np.float32)
    click[48_000:48_100] = 0.9
    assert stretches(click) == []
    assert stretches(np.zeros((96_000, 2), np.float32)) == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(6, 200)), max_size=5))
def test_the_envelope_is_smooth_and_bounded(parts: list[tuple[int, int]]) -> None:
    ordered = sorted((first, min(first + length, 1000)) for first, length in parts)
    envelope = Ducking(ordered, 1000).decibels
    assert np.all(envelope <= 0)
    assert np.all(envelope >= -DEPTH - 1e-4)
    steepest = np.pi / 2 * DEPTH / (min(ATTACK, RELEASE) * RATE)
    assert np.abs(np.diff(envelope)).max(initial=0) <= steepest * 1.01
    for first, last in ordered:
        assert np.all(envelope[first:last] <= -DEPTH + 1e-3)


def test_music_gives_way_before_the_voice_and_returns_after_it(mixed, tmp_path: Path) -> None:
    # The music is a high tone, the voice has none of it: a narrow band around the tone shows the music alone.
    music = write_sound(tmp_path / "music.wav", tone(14.0, 10_000.0, 0.2))
    low = speech([(4, 8)], 14)
    smooth = np.apply_along_axis(lambda wave: np.convolve(wave, np.ones(24) / 24, "same"), 0, low).astype(np.float32)
    voice = write_sound(tmp_path / "voice.wav", smooth)
    clips = [
        SoundClip(music, Fraction(0), Fraction(14), sound=Sound(duck=True), role="music"),
        SoundClip(voice, Fraction(0), Fraction(14)),
    ]
    _, out = mixed(clips, 14)
    t = np.arange(len(out)) / SAMPLE_RATE
    carrier = out[:, 0] * np.exp(-2j * np.pi * 10_000 * t)
    envelope = np.abs(np.convolve(carrier, np.ones(2400) / 2400, "same"))[::2400]
    decibels = 20 * np.log10(envelope + 1e-9)
    at = lambda seconds: decibels[round(seconds * 20)]  # noqa: E731
    assert at(2.0) - at(6.0) == pytest.approx(DEPTH, abs=1)
    assert at(3.95) < at(2.0) - DEPTH + 2  # already down when the voice begins
    assert at(3.4) == pytest.approx(at(2.0), abs=0.7)
    assert np.ptp(decibels[82:158]) < 1.5  # no pumping between the syllables
    assert at(12.0) == pytest.approx(at(2.0), abs=0.5)


def test_what_does_not_duck_stays(mixed, tmp_path: Path) -> None:
    music = write_sound(tmp_path / "music.wav", tone(6.0, 500.0, 0.2))
    voice = write_sound(tmp_path / "voice.wav", speech([(2, 4)], 6, loud=0.01))
    clips = [
        SoundClip(music, Fraction(0), Fraction(6), role="music"),
        SoundClip(voice, Fraction(0), Fraction(6)),
    ]
    _, out = mixed(clips, 6)
    assert level(out[48_000:72_000]) == pytest.approx(level(out[120_000:168_000]), abs=0.3)
