"""Every script as a picture that somebody has looked at."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.text.golden_texts import GOLDEN, make, read
from tests.tolerances import GOLDEN_TEXT_FAR, GOLDEN_TEXT_MEAN


@pytest.mark.parametrize("name", GOLDEN)
def test_a_text_looks_as_it_did(name: str, pack_font: Callable[[str, str], Path], tmp_path: Path) -> None:
    made, golden = make(GOLDEN[name], pack_font, tmp_path), read(name)
    assert made.shape == golden.shape
    difference = np.abs(made.astype(int) - golden)
    assert difference.mean() <= GOLDEN_TEXT_MEAN
    assert (difference > 32).mean() <= GOLDEN_TEXT_FAR


def test_the_tolerance_sees_a_shift_of_half_a_pixel() -> None:
    golden = read("latin").astype(float)
    moved = (golden[:, 1:] + golden[:, :-1]) / 2
    assert np.abs(moved - golden[:, 1:]).mean() > GOLDEN_TEXT_MEAN
