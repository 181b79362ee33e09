"""Another speed: exact in length, true in time, the pitch as it was."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.samples import SAMPLE_RATE, Samples
from engine.audio.stretch import SEARCH, WINDOW, stretch
from tests.audio.sounds import level, noise, pitch, tone

SPEEDS = [Fraction(1, 4), Fraction(1, 2), Fraction(9, 10), Fraction(3, 2), Fraction(4)]


def stretched(samples: Samples, speed: Fraction, first: int, count: int) -> Samples:
    def read(start: int, wanted: int) -> Samples:
        out = np.zeros((wanted, 2), np.float32)
        low, high = max(start, 0), min(start + wanted, len(samples))
        if low < high:
            out[low - start : high - start] = samples[low:high]
        return out

    return np.concatenate([np.zeros((0, 2), np.float32), *stretch(read, first, count, speed)])


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(SPEEDS), st.integers(-3000, 3000), st.integers(0, 30_000))
def test_it_gives_as_many_samples_as_were_asked_for(speed: Fraction, first: int, count: int) -> None:
    assert stretched(noise(0.5), speed, first, count).shape == (count, 2)


@pytest.mark.parametrize("speed", SPEEDS)
def test_nothing_drifts_from_its_time(speed: Fraction) -> None:
    bursts = np.zeros((8 * SAMPLE_RATE, 2), np.float32)
    times = np.arange(1, 8) * SAMPLE_RATE
    for at in times:
        bursts[at - 2400 : at + 2400] = noise(0.1, 0.3, seed=int(at))
    out = stretched(bursts, speed, 0, round(len(bursts) / speed))
    for at in times:
        centre = round(at / speed)
        half = round(2400 / speed)
        reach = round((2400 + WINDOW // 2 + SEARCH) / speed) + WINDOW // 2
        assert level(out[centre - half // 2 : centre + half // 2]) > -20
        assert np.abs(out[centre + reach : centre + reach + 1200]).max() == 0
        assert np.abs(out[centre - reach - 1200 : centre - reach]).max() == 0


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_pitch_and_the_level_stay(speed: Fraction) -> None:
    out = stretched(tone(6.0, 431.0), speed, 0, round(6 * SAMPLE_RATE / speed))[4800:-4800]
    assert pitch(out) == pytest.approx(431, abs=1.5)
    levels = [level(out[at : at + 4800]) for at in range(0, len(out) - 4800, 4800)]
    assert np.ptp(levels) < 0.3


def test_silence_stays_silence() -> None:
    assert np.abs(stretched(np.zeros((48_000, 2), np.float32), Fraction(3, 2), 0, 32_000)).max() == 0
