"""The gate: brightness stays on the line between the neighbours, cuts stay cuts, nonsense gives way."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from models.interpolation import FlowInterpolator, gated
from models.interpolation.luma_gate import LUMA_TOLERANCE, mean_luma
from models.interpolation.pairs import blend
from tests.models.moving import Picture, opened, psnr, view

TIMES = (0.2, 0.5, 0.8)


class Changed:
    """Optical flow, and a change to what it makes."""

    name = "changed"

    def __init__(self, change: Callable[[Picture, float], Picture]) -> None:
        self._change = change

    def between(self, first: Picture, second: Picture, times: Sequence[float]) -> list[Picture]:
        made = FlowInterpolator().between(first, second, times)
        return [self._change(picture, time) for picture, time in zip(made, times, strict=True)]


def brighter(picture: Picture, gain: float) -> Picture:
    return np.rint(picture * gain).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def photo(dandelion: Path) -> Picture:
    return opened(dandelion)


@pytest.fixture(scope="module")
def pair(photo: Picture) -> tuple[Picture, Picture]:
    """A view that moves, and brightens by a tenth."""
    return view(photo, -4), brighter(view(photo, 4), 1.1)


def off_the_line(made: Picture, pair: tuple[Picture, Picture], time: float) -> float:
    return mean_luma(made) - mean_luma(pair[0]) * (1 - time) - mean_luma(pair[1]) * time


def test_flicker_is_taken_out(pair: tuple[Picture, Picture]) -> None:
    flickers = Changed(lambda picture, time: brighter(picture, 0.94 if time == 0.5 else 1.07))
    raw, held = flickers.between(*pair, TIMES), gated(flickers).between(*pair, TIMES)
    steady = FlowInterpolator().between(*pair, TIMES)
    for time, before, after, true in zip(TIMES, raw, held, steady, strict=True):
        assert abs(off_the_line(before, pair, time)) > 3
        assert abs(off_the_line(after, pair, time)) < LUMA_TOLERANCE + 0.1  # rounding to whole code values
        assert psnr(after, true) > 42  # measured: 47.7 and more; a blend has 28 and less


def test_flicker_of_light_pictures_is_taken_out_though_white_clips(photo: Picture) -> None:
    light = tuple(brighter(view(photo, side), 2.2) for side in (-2, 2))
    assert (light[0] == 255).mean() > 0.05
    flickers = Changed(lambda picture, time: brighter(picture, 0.95))
    (held,) = gated(flickers).between(light[0], light[1], [0.5])
    assert abs(off_the_line(held, light, 0.5)) < LUMA_TOLERANCE + 0.3


def test_what_is_right_passes_untouched(photo: Picture) -> None:
    moved = view(photo, -4), view(photo, 4)
    made, passed = (maker.between(*moved, TIMES) for maker in (FlowInterpolator(), gated(FlowInterpolator())))
    assert all(map(np.array_equal, made, passed))


@pytest.mark.parametrize(
    "change",
    [
        lambda picture, time: brighter(picture, 0.5),
        lambda picture, time: np.random.default_rng(1).integers(0, 256, picture.shape, dtype=np.uint8),
        lambda picture, time: np.ascontiguousarray(picture[::-1]),
        lambda picture, time: np.roll(picture, 90, 1) if time == 0.8 else picture,
    ],
    ids=["half as bright", "noise", "upside down", "one of three moved away"],
)
def test_a_pair_that_failed_is_blended_as_a_whole(
    pair: tuple[Picture, Picture], change: Callable[[Picture, float], Picture]
) -> None:
    made = gated(Changed(change)).between(*pair, TIMES)
    for time, picture in zip(TIMES, made, strict=True):
        assert np.array_equal(picture, blend(*pair, time))


def test_a_cut_stays_a_cut(photo: Picture, shared_photo: Callable[[str], Path]) -> None:
    for name in ("fig.jpg", "room.jpg", "mountains.jpg"):
        first, second = view(photo), view(opened(shared_photo(name)))
        made = gated(FlowInterpolator()).between(first, second, [0.1, 0.4, 0.6, 0.9])
        assert [np.array_equal(picture, first) for picture in made] == [True, True, False, False]
        assert [np.array_equal(picture, second) for picture in made] == [False, False, True, True]


@pytest.mark.parametrize("value", [0, 1, 255])
def test_flat_pictures_fade(value: int) -> None:
    first, second = np.full((40, 60, 3), value, np.uint8), np.full((40, 60, 3), 100, np.uint8)
    for time, made in zip(TIMES, gated(FlowInterpolator()).between(first, second, TIMES), strict=True):
        assert made.mean() == pytest.approx(value * (1 - time) + 100 * time, abs=1)


def test_the_ends_are_the_pictures_whatever_the_interpolator_does(pair: tuple[Picture, Picture]) -> None:
    made = gated(Changed(lambda picture, time: brighter(picture, 0.5))).between(*pair, [0, 1])
    assert all(map(np.array_equal, made, pair))


def test_its_name_tells_what_is_behind_it() -> None:
    assert gated(FlowInterpolator()).name == f"{FlowInterpolator().name}+luma-gate-1"
