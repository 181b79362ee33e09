"""No peak passes, nothing else is touched, and the gain is smooth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio.limiter import LOOK_AHEAD, LimiterGain


def gains(peaks: np.ndarray, gain: float, ceiling: float, cuts: tuple[int, ...] = ()) -> tuple[np.ndarray, float]:
    limiter = LimiterGain(gain, ceiling)
    padded = np.concatenate([peaks, np.zeros(LOOK_AHEAD)]).astype(np.float32)
    made = np.concatenate([limiter.push(part) for part in np.split(padded, sorted(cuts))])
    return made[LOOK_AHEAD:], limiter.least


@settings(deadline=None)  # the first example compiles
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10), st.floats(0.1, 1), st.lists(st.integers(0, 3000), max_size=3))
def test_no_peak_passes_the_ceiling(seed: int, gain: float, ceiling: float, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    peaks = (rng.random(3000) ** 8 * 2).astype(np.float32)
    made, least = gains(peaks, gain, ceiling, tuple(cuts))
    assert np.all(made * peaks <= ceiling * (1 + 1e-6))
    assert np.all(made <= gain * (1 + 1e-9))
    assert 0 < least <= 1


def test_what_stays_below_is_only_raised() -> None:
    made, least = gains(np.full(2000, 0.4, np.float32), 2.0, 0.9)
    assert least == 1.0
    assert np.allclose(made, 2.0)


def test_the_gain_comes_down_ahead_of_a_peak_and_has_no_corner() -> None:
    peaks = np.full(48_000, 0.1, np.float32)
    peaks[20_000] = 2.0
    made, least = gains(peaks, 1.0, 0.5)
    assert least == pytest.approx(0.25)
    assert made[20_000] <= 0.25 + 1e-9
    assert made[20_000 - LOOK_AHEAD - 1] > 0.999
    assert np.abs(np.diff(made)).max() < 2 * 0.75 / (LOOK_AHEAD / 2)
    assert made[-1] > 0.99


def test_long_streams_do_not_drift() -> None:
    rng = np.random.default_rng(1)
    peaks = np.concatenate([rng.random(480_000) * 2, np.full(96_000, 0.1)]).astype(np.float32)
    made, _ = gains(peaks, 1.0, 0.5)
    assert made[-1] > 0.999
    assert np.all(made * peaks <= 0.5 * (1 + 1e-6))
