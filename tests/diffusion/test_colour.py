import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.diffusion.colour import matched, statistics


def picture(seed: int, low: int = 60, high: int = 190) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(low, high, (6, 8, 3))
    return np.kron(coarse, np.ones((16, 16, 1))).astype(np.uint8)


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(0.8, 1.25), st.floats(-25, 25), st.floats(-15, 15))
def test_a_drift_of_mean_and_contrast_is_taken_back(seed: int, gain: float, offset: float, tint: float) -> None:
    photo = picture(seed)
    drifted = (photo.astype(np.float32) - 128) * gain + 128 + offset
    drifted[..., 0] += tint
    back = matched(np.clip(np.rint(drifted), 0, 255).astype(np.uint8), statistics(photo))
    mean, deviation = statistics(photo)
    own_mean, own = statistics(back)
    # Measured: 0.2 code values and 1 %, from what was cut off at black and white.
    assert np.abs(own_mean - mean).max() <= 1.0
    assert np.abs(own / deviation - 1).max() <= 0.05


def test_the_photo_itself_stays_as_it_is() -> None:
    photo = picture(5)
    assert np.abs(matched(photo, statistics(photo)).astype(int) - photo).max() <= 1


def test_what_moved_stays_moved() -> None:
    photo = picture(7)
    moved = np.roll(photo, 24, axis=1)
    drifted = np.clip(moved.astype(int) + 20, 0, 255).astype(np.uint8)
    assert np.abs(matched(drifted, statistics(photo)).astype(int) - moved).max() <= 2


def test_a_grey_photo_gets_no_colours() -> None:
    photo = picture(9).mean(2, keepdims=True).repeat(3, 2).astype(np.uint8)
    tinted = np.clip(photo.astype(int) + np.array([12, 0, -8]), 0, 255).astype(np.uint8)
    back = matched(tinted, statistics(photo)).astype(int)
    assert np.abs(back - back.mean(2, keepdims=True)).max() <= 2


def test_another_contrast_is_matched_only_so_far() -> None:
    photo = picture(3, 20, 235)
    flat = picture(4, 120, 136)
    _, own = statistics(matched(flat, statistics(photo)))
    _, before = statistics(flat)
    assert own[0] <= 1.55 * before[0]
