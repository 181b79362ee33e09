"""The effects of a segment: colours against float64 arithmetic, what moves against time, seed, size and lens."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.effects import EffectChain
from engine.raster.effects.step import LOOP
from engine.timeline import Effect
from engine.timeline.effects import EFFECTS, OVERLAYS, SIGNED_LOOKS
from tests.conftest import ROOT
from tests.raster.pictures import copy, difference, from_rgb, noise, padded, planes, scene, uniform
from tests.tolerances import LOOK_DIFFERS

SIZE = (320, 180)
LUMA = np.array([0.2126, 0.7152, 0.0722])
CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{0.1 + 0.8 * r} {g} {0.9 * b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "look.cube").write_text(CUBE)
    return tmp_path


def effect(name: str, amount: float | None = None, seed: int | None = None) -> Effect:
    return Effect(name, amount, "look.cube" if name == "lut" else None, seed)


def shown(
    effects: list[Effect],
    frame: YuvFrame,
    folder: Path,
    time: Fraction = Fraction(7, 3),
    seed: int = 5,
    size: tuple[int, int] | None = None,
    lens: View | None = None,
) -> YuvFrame:
    result = copy(frame)
    EffectChain(effects, size or (frame.width, frame.height), seed, folder).apply(result, time, lens)
    return result


@pytest.mark.parametrize("name", EFFECTS)
def test_an_amount_of_zero_changes_nothing_and_costs_nothing(name: str, folder: Path) -> None:
    chain = EffectChain([effect(name, 0.0)], SIZE, 1, folder)
    assert not chain
    picture = noise(*SIZE)
    assert difference(shown([effect(name, 0.0)], picture, folder), picture) == 0
    assert difference(shown([], picture, folder), picture) == 0


@pytest.mark.parametrize("name", EFFECTS)
def test_every_effect_does_something_by_default(name: str, folder: Path) -> None:
    picture = scene(640, 360)
    picture.y[100:140, 200:260] = 200
    assert difference(shown([effect(name)], picture, folder), picture) >= 4
    assert EffectChain([effect(name)], SIZE, 1, folder).moves == (name in OVERLAYS)


@pytest.mark.parametrize("name", EFFECTS)
def test_a_small_amount_is_a_small_change(name: str, folder: Path) -> None:
    picture = scene(320, 180)
    little, more = (shown([effect(name, amount)], picture, folder) for amount in (0.05, 0.8))
    change = [np.abs(frame.y.astype(float) - picture.y).mean() for frame in (little, more)]
    colour = [np.abs(frame.u.astype(float) - picture.u).mean() for frame in (little, more)]
    assert sum((change[0], colour[0])) < 0.5 * sum((change[1], colour[1]))


def reference(name: str, amount: float, rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """The looks of colour, of R'G'B' 0..1, without cutting off."""
    luma = (rgb @ LUMA)[..., None]
    if name == "brightness":
        return rgb * 2 ** (0.6 * amount) + 0.06 * amount
    if name == "contrast":
        return 0.5 + (rgb - 0.5) * 2**amount
    if name == "saturation":
        return luma + (1 + amount) * (rgb - luma)
    if name == "grayscale":
        return luma + (1 - amount) * (rgb - luma)
    if name == "temperature":
        gains = np.array([1 + 0.16 * amount, 1 + 0.01 * amount, 1 - 0.24 * amount])
        return rgb * gains / (gains @ LUMA)
    tone = np.array([1.12, 0.99, 0.75])
    return rgb + amount * (luma * tone / (tone @ LUMA) - rgb)


@settings(max_examples=60, deadline=None)
@given(
    looks=st.lists(
        st.sampled_from([*SIGNED_LOOKS, "grayscale", "sepia"]).flatmap(
            lambda name: st.tuples(st.just(name), st.floats(-0.4 if name in SIGNED_LOOKS else 0.05, 0.4))
        ),
        min_size=1,
        max_size=4,
    ),
    color=st.tuples(*[st.integers(70, 180)] * 3),
)
def test_a_run_of_looks_is_what_they_do_one_by_one(looks: list[tuple[str, float]], color: tuple[int, int, int]) -> None:
    rgb = np.broadcast_to(np.array(color) / 255, (4, 8, 3))
    result = shown([Effect(name, amount) for name, amount in looks], from_rgb(255 * rgb), Path())
    for name, amount in looks:
        rgb = reference(name, amount, rgb)
    if rgb.min() >= 0 and rgb.max() <= 1:
        # The picture's own rounding is multiplied by up to 2**0.4 for each gain.
        assert difference(result, from_rgb(255 * rgb)) <= LOOK_DIFFERS


def test_the_order_of_looks_counts() -> None:
    picture = uniform(8, 4, (180, 120, 60))
    one = shown([Effect("contrast", 0.8), Effect("brightness", -0.6)], picture, Path())
    other = shown([Effect("brightness", -0.6), Effect("contrast", 0.8)], picture, Path())
    assert difference(one, other) > 10


def test_black_and_white_is_grey_with_the_luma_it_had() -> None:
    picture = scene(*SIZE)
    grey = shown([Effect("grayscale")], picture, Path())
    assert (grey.y == picture.y).all()
    assert (grey.u == 128).all()
    assert (grey.v == 128).all()


@pytest.mark.parametrize("name", ["sepia", "temperature"])
def test_a_tint_leaves_the_luma_of_grey_alone(name: str) -> None:
    picture = from_rgb(np.repeat(np.linspace(0, 215, 64)[None, :, None], 4, 0) * np.ones(3))
    tinted = shown([Effect(name, 1.0)], picture, Path())
    assert np.abs(tinted.y.astype(int) - picture.y).max() <= 1
    assert tinted.v[0, -1] > 140  # red gains
    assert tinted.u[0, -1] < 116  # blue loses
    if name == "temperature":
        cold = shown([Effect(name, -1.0)], picture, Path())
        assert cold.v[0, -1] < 122
        assert cold.u[0, -1] > 134


def test_a_table_among_matrices_is_applied_in_its_place(folder: Path) -> None:
    picture = from_rgb(60 + 0.55 * np.random.default_rng(3).integers(0, 2, (6, 8, 3)).repeat(2, 0).repeat(2, 1) * 255)
    rgb = np.random.default_rng(3).integers(0, 2, (6, 8, 3)).repeat(2, 0).repeat(2, 1) * 0.55 + 60 / 255
    for order in (["contrast", "lut"], ["lut", "contrast"], ["lut", "grayscale"]):
        wanted = rgb
        for name in order:
            wanted = (
                np.clip(wanted, 0, 1) * np.array([0.8, 1, 0.9]) + np.array([0.1, 0, 0])
                if name == "lut"
                else reference(name, 0.3, wanted)
            )
        result = shown([effect(name, 1.0 if name == "lut" else 0.3) for name in order], picture, folder)
        assert difference(result, from_rgb(255 * np.clip(wanted, 0, 1))) <= LOOK_DIFFERS


def test_a_table_of_identity_changes_nothing(folder: Path) -> None:
    (folder / "look.cube").write_text(
        "LUT_3D_SIZE 3\n" + "".join(f"{r / 2} {g / 2} {b / 2}\n" for b in range(3) for g in range(3) for r in range(3))
    )
    picture = scene(*SIZE)
    assert difference(shown([effect("lut", 1.0)], picture, folder), picture) <= 1


def test_vintage_lifts_black_and_warms_white(folder: Path) -> None:
    dark, bright = (shown([Effect("vintage", 1.0)], uniform(4, 4, (v, v, v)), folder) for v in (0, 255))
    assert 22 <= dark.y[0, 0] <= 45
    assert 215 <= bright.y[0, 0] < 235
    assert bright.u[0, 0] < 122
    assert dark.u[0, 0] > 128


def test_a_vignette_keeps_the_middle_and_darkens_the_corners_alike() -> None:
    picture = uniform(320, 180, (200, 150, 100))
    result = shown([Effect("vignette", 0.8)], picture, Path())
    assert (result.y[80:100, 150:170] == picture.y[0, 0]).all()
    corners = [int(result.y[row, column]) for row in (0, -1) for column in (0, -1)]
    assert max(corners) - min(corners) <= 1
    assert corners[0] == pytest.approx(16 + (int(picture.y[0, 0]) - 16) * (1 - 0.75 * 0.8), abs=2)
    falling = result.y[90, 160:].astype(int)
    assert (np.diff(falling) <= 0).all()
    # The colour fades with the light.
    ratio = (result.v[0, 0] - 128.0) / (picture.v[0, 0] - 128.0)
    assert ratio == pytest.approx(1 - 0.75 * 0.8, abs=0.05)


@pytest.mark.parametrize("name", ["vignette", "snow", "rain", "dust", "bokeh", "light_leak"])
def test_a_lens_shows_its_part_of_the_layer(name: str) -> None:
    picture = uniform(640, 360, (90, 90, 90))
    whole = shown([Effect(name, 0.7)], picture, Path())
    part = uniform(200, 100, (90, 90, 90))
    lens = View(120 + 100, 60 + 50, 1.0)
    result = shown([Effect(name, 0.7)], part, Path(), size=(640, 360), lens=lens)
    for got, wanted in (
        (result.y, whole.y[60:160, 120:320]),
        (result.u, whole.u[30:80, 60:160]),
        (result.v, whole.v[30:80, 60:160]),
    ):
        # Each sprite is rounded by noise of the frame: where several lie over each other, so does that.
        assert np.abs(got.astype(int) - wanted).max() <= 4
        assert np.abs(got.astype(int) - wanted).mean() < 0.7
        assert abs(np.mean(got.astype(float) - wanted)) < 0.1
    assert (result.y != part.y).any()


@pytest.mark.parametrize("name", ["vignette", "snow", "bokeh", "light_leak"])
def test_a_lens_may_turn(name: str) -> None:
    # Upside down, the picture is the same read backwards; luma pixels fall on luma pixels.
    picture = uniform(320, 180, (90, 90, 90))
    whole = shown([Effect(name, 0.7)], picture, Path())
    turned = shown([Effect(name, 0.7)], picture, Path(), lens=View(160, 90, 1.0, np.pi))
    error = turned.y[::-1, ::-1].astype(float) - whole.y
    assert np.abs(error).max() <= 4
    assert abs(error.mean()) < 0.1


@pytest.mark.parametrize("name", [name for name in OVERLAYS if name != "grain"])
def test_every_resolution_shows_the_same_weather(name: str) -> None:
    large = shown([Effect(name, 0.8)], uniform(1280, 720, (60, 60, 60)), Path())
    small = shown([Effect(name, 0.8)], uniform(640, 360, (60, 60, 60)), Path())
    shrunk = large.y.reshape(360, 2, 640, 2).mean((1, 3))
    added, wanted = small.y - float(small.y.min()), shrunk - float(large.y.min())
    assert wanted.max() > 8
    assert np.abs(added - wanted).mean() < 0.25 * np.abs(wanted).mean() + 0.05


@pytest.mark.parametrize("name", ["snow", "rain", "dust", "bokeh"])
def test_every_shape_of_canvas_has_as_much_of_it(name: str) -> None:
    touched = []
    for size in ((640, 360), (360, 640), (480, 480)):
        picture = uniform(*size, (60, 60, 60))
        weather = [shown([Effect(name, 1.0)], picture, Path(), Fraction(n), n) for n in range(4)]
        touched.append(np.mean([frame.y != picture.y for frame in weather]))
    assert min(touched) > 0.7 * max(touched)


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_loop_later_everything_is_as_before(name: str) -> None:
    picture = scene(*SIZE)
    for time in (Fraction(0), Fraction(7, 3), Fraction(1001, 24000)):
        now = shown([Effect(name)], picture, Path(), time)
        assert difference(shown([Effect(name)], picture, Path(), time + LOOP), now) == 0
        assert difference(shown([Effect(name)], picture, Path(), time + 5 * LOOP), now) == 0
        assert difference(shown([Effect(name)], picture, Path(), time + LOOP / 3), now) > 0


@pytest.mark.parametrize("name", ["dust", "snow", "bokeh", "light_leak"])
def test_it_moves_without_a_jump(name: str) -> None:
    picture = uniform(320, 180, (60, 60, 60))
    chain = EffectChain([Effect(name, 0.8)], (320, 180), 5, Path())
    frames = []
    for step in range(-20, 20):  # across the end of a loop
        frame = copy(picture)
        chain.apply(frame, LOOP + Fraction(step, 120))
        frames.append(frame.y.astype(float))
    changes = [np.abs(a - b).mean() for a, b in pairwise(frames)]
    amount = np.abs(frames[0] - picture.y).mean()
    assert max(changes) < 2.5 * np.mean(changes) + 0.01
    assert max(changes) < 0.6 * amount


@pytest.mark.parametrize("name", OVERLAYS)
def test_seed_and_time_alone_say_what_is_seen(name: str) -> None:
    picture = scene(*SIZE)
    first = shown([Effect(name)], picture, Path(), seed=1)
    assert difference(shown([Effect(name)], picture, Path(), seed=1), first) == 0
    assert difference(shown([Effect(name)], picture, Path(), seed=2), first) > 0
    assert difference(shown([effect(name, seed=1)], picture, Path(), seed=2), first) == 0
    # The same twice is not the same flakes twice, which would only be brighter.
    both = shown([Effect(name), Effect(name)], picture, Path(), seed=1)
    assert np.count_nonzero(both.y != picture.y) > np.count_nonzero(first.y != picture.y)


def test_snow_writes_only_where_flakes_are() -> None:
    picture = noise(640, 360)
    result = shown([Effect("snow")], picture, Path())
    assert 0 < np.count_nonzero(result.y != picture.y) < 0.08 * picture.y.size


@pytest.mark.parametrize("name", OVERLAYS)
def test_overlays_are_subtle_by_default(name: str) -> None:
    picture = scene(640, 360)
    result = shown([Effect(name)], picture, Path())
    assert np.abs(result.y.astype(float) - picture.y).mean() < 12


def test_grain_is_new_in_every_frame_and_does_not_change_the_mean() -> None:
    picture = uniform(320, 180, (110, 110, 110))
    grains = [
        shown([Effect("grain", 0.5)], picture, Path(), Fraction(n, 30)).y.astype(float) - picture.y for n in range(4)
    ]
    for one, other in pairwise(grains):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.05
    assert abs(np.mean(grains)) < 0.15
    assert 1 < np.std(grains) < 6


def test_grain_leaves_black_and_white_clean() -> None:
    deviations = []
    for level in (0, 20, 90, 200, 255):
        picture = uniform(320, 180, (level,) * 3)
        deviations.append(float(shown([Effect("grain", 1.0)], picture, Path()).y.std()))
    black, dark, middle, light, white = deviations
    assert black < 0.1
    assert white < 0.1
    assert middle > dark
    assert middle > 1.5 * light


def test_padded_rows_stay_inside_and_look_the_same(folder: Path) -> None:
    picture = scene(*SIZE)
    wide = padded(picture)
    chain = EffectChain([effect(name) for name in EFFECTS], SIZE, 3, folder)
    plain = copy(picture)
    chain.apply(plain, Fraction(1))
    chain.apply(wide, Fraction(1))
    assert difference(plain, wide) == 0
    for plane in planes(wide):
        assert (plane.base[:, plane.shape[1] :] == 77).all()


def test_threads_share_a_chain(folder: Path) -> None:
    picture = scene(*SIZE)
    chain = EffectChain([effect(name) for name in EFFECTS], SIZE, 3, folder)

    def at(n: int) -> YuvFrame:
        frame = copy(picture)
        chain.apply(frame, Fraction(n, 30))
        return frame

    alone = [at(n) for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        assert all(difference(a, b) == 0 for a, b in zip(alone, pool.map(at, range(12)), strict=True))


CHILD = """
from fractions import Fraction
from pathlib import Path
from zlib import crc32
from engine.raster.effects import EffectChain
from engine.timeline import Effect
from engine.timeline.effects import OVERLAYS
from tests.raster.pictures import scene
frame = scene(320, 180)
EffectChain([Effect(name) for name in OVERLAYS], (320, 180), 11, Path()).apply(frame, Fraction(100, 30))
print(crc32(frame.y.tobytes() + frame.u.tobytes() + frame.v.tobytes()))
"""


def test_another_process_makes_the_same_frame() -> None:
    done = subprocess.run([sys.executable, "-c", CHILD], cwd=ROOT, capture_output=True, text=True, check=True)
    frame = scene(320, 180)
    EffectChain([Effect(name) for name in OVERLAYS], (320, 180), 11, Path()).apply(frame, Fraction(100, 30))
    assert int(done.stdout) == crc32(frame.y.tobytes() + frame.u.tobytes() + frame.v.tobytes())


@pytest.mark.parametrize("size", [(2, 2), (6, 90), (130, 34)])
def test_any_even_size_works(size: tuple[int, int], folder: Path) -> None:
    picture = noise(*size)
    result = shown([effect(name, 1.0) for name in EFFECTS], picture, folder)
    assert result.y.shape == picture.y.shape


def test_no_effect_leaves_the_limited_range(folder: Path) -> None:
    picture = scene(*SIZE)
    for name in EFFECTS:
        result = shown([effect(name, 1.0)], picture, folder)
        assert result.y.min() >= 16
        assert result.y.max() <= 235
        assert min(result.u.min(), result.v.min()) >= 16
        assert max(result.u.max(), result.v.max()) <= 240
