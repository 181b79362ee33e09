"""Transitions: exact ends, the right light, the right direction, sub-pixel movement, alpha."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from math import erf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.frames import Patch, YuvFrame
from engine.raster.gaussian import blur
from engine.raster.transfer import to_code, to_light
from engine.raster.transitions import mix
from engine.raster.transitions.progress import smooth, smoother
from engine.timeline import TRANSITIONS
from tests.raster.pictures import copy, difference, from_rgb, noise, padded, planes, scene, uniform
from tests.tolerances import BLUR_DIFFERS, LIGHT_DIFFERS

KINDS = [kind for kind in TRANSITIONS if kind != "cut"]
DIPS = ("dip_black", "dip_white")
MOMENTS = (0.03, 0.2, 0.4, 0.5, 0.6, 0.85, 0.98)


def mixed(
    kind: str,
    a: YuvFrame,
    b: YuvFrame,
    progress: float,
    alphas: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None,
) -> Patch:
    out = YuvFrame.empty(a.width, a.height)
    for plane in planes(out):
        plane[:] = 201  # what nobody writes shows
    if alphas is None:
        result = Patch(0, 0, out)
        mix(kind, Patch(0, 0, a), Patch(0, 0, b), progress, result)
    else:
        result = Patch(0, 0, out, np.full(a.y.shape, 201, np.uint8))
        mix(kind, Patch(0, 0, a, alphas[0]), Patch(0, 0, b, alphas[1]), progress, result)
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_the_ends_are_the_pictures_bit_for_bit(kind: str) -> None:
    a, b = padded(noise(96, 64)), padded(noise(96, 64, 1))
    alphas = noise(96, 64, 2).y, noise(96, 64, 3).y
    for progress, wanted, alpha in (
        (0.0, a, alphas[0]),
        (1.0, b, alphas[1]),
        (-0.1, a, alphas[0]),
        (1.5, b, alphas[1]),
    ):
        assert difference(mixed(kind, a, b, progress).frame, wanted) == 0
        masked = mixed(kind, a, b, progress, alphas)
        assert difference(masked.frame, wanted) == 0
        assert masked.alpha is not None
        assert (masked.alpha == alpha).all()


@pytest.mark.parametrize("kind", KINDS)
def test_it_sets_out_from_one_picture_and_arrives_at_the_other_without_a_jump(kind: str) -> None:
    a, b = scene(192, 108), scene(192, 108, 1)
    steps = [0.0, *(i / 60 for i in range(1, 60)), 1.0]
    moments = [mixed(kind, a, b, progress).frame for progress in steps]
    changes = [np.abs(p.y.astype(int) - q.y).mean() for p, q in pairwise(moments)]
    assert max(changes) < 8 * np.mean(changes)
    assert changes[0] < 2 * np.mean(changes)
    assert changes[-1] < 2 * np.mean(changes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("progress", MOMENTS)
def test_nothing_is_left_unfilled(kind: str, progress: float) -> None:
    # Between two grey cards every pixel is one of them or between them; a dip also goes to its colour.
    a, b = uniform(160, 90, (100, 100, 100)), uniform(160, 90, (140, 140, 140))
    frame = mixed(kind, a, b, progress).frame
    low = 16 if kind == "dip_black" else int(a.y[0, 0])
    high = 235 if kind == "dip_white" else int(b.y[0, 0])
    assert frame.y.min() >= low
    assert frame.y.max() <= high
    assert (frame.u == 128).all()
    assert (frame.v == 128).all()


@pytest.mark.parametrize("kind", ["cross_dissolve", "wipe_left", "wipe_right", "slide_left", "slide_right"])
@pytest.mark.parametrize("progress", [0.01, 0.3, 0.5, 0.77])
def test_a_picture_that_gives_way_to_itself_does_not_change(kind: str, progress: float) -> None:
    picture = noise(96, 64, 4)
    still = mixed(kind, picture, picture, progress).frame
    if kind.startswith("slide"):
        # The incoming one is on its way, the outgoing one stands.
        edge = int(96 * (1 - smoother(progress)))
        part = np.s_[:, : edge - 1] if kind == "slide_left" else np.s_[:, 97 - edge :]
        part = part if kind == "slide_left" else np.s_[:, 98 - edge :]
        assert (still.y[part] == picture.y[part]).all()
    else:
        assert difference(still, picture) <= 1


def test_half_white_over_half_black_is_the_grey_of_half_the_light() -> None:
    frame = mixed("cross_dissolve", uniform(32, 16, (255, 255, 255)), uniform(32, 16, (0, 0, 0)), 0.5).frame
    code = (frame.y.astype(float) - 16) * 255 / 219
    assert np.abs(code - 188).max() <= 1
    assert (frame.u == 128).all()


@settings(max_examples=80, deadline=None)
@given(
    a=st.tuples(*[st.integers(0, 255)] * 3),
    b=st.tuples(*[st.integers(0, 255)] * 3),
    weight=st.floats(0.001, 0.999),
    masked=st.booleans(),
)
def test_a_dissolve_mixes_light(a: tuple[int, int, int], b: tuple[int, int, int], weight: float, masked: bool) -> None:
    solid = np.full((4, 8), 255, np.uint8)
    alphas = (solid, solid) if masked else None
    frame = mixed("cross_dissolve", uniform(8, 4, a), uniform(8, 4, b), weight, alphas).frame
    share = smooth(weight)
    light = (1 - share) * to_light(np.array(a) / 255) + share * to_light(np.array(b) / 255)
    wanted = from_rgb(np.broadcast_to(255 * to_code(light), (4, 8, 3)))
    assert difference(frame, wanted) <= LIGHT_DIFFERS


@pytest.mark.parametrize(("kind", "level"), [("dip_black", 16), ("dip_white", 235)])
def test_a_dip_reaches_its_colour_half_way_and_changes_evenly(kind: str, level: int) -> None:
    a, b = noise(64, 32), noise(64, 32, 1)
    middle = mixed(kind, a, b, 0.5).frame
    assert (middle.y == level).all()
    assert (middle.u == 128).all()
    quarter = mixed(kind, a, b, 0.25).frame
    assert np.abs(quarter.y - (a.y.astype(float) + level) / 2).max() <= 0.51
    assert np.abs(mixed(kind, a, b, 0.9).frame.v - (128 + 0.8 * (b.v.astype(float) - 128))).max() <= 0.51


def edge_of(frame: YuvFrame) -> float:
    """How many columns of black there are, in pixels, in a picture of black and white parts."""
    return float((235 - frame.y.astype(float)).sum() / 219 / frame.height)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.split("_")[0] in ("slide", "push", "wipe")])
def test_an_edge_moves_by_fractions_of_pixels_and_one_way(kind: str) -> None:
    black, white = uniform(320, 16, (0, 0, 0)), uniform(320, 16, (255, 255, 255))
    steps = np.linspace(0.02, 0.98, 97)
    frames = [mixed(kind, black, white, float(step)).frame for step in steps]
    edges = np.array([edge_of(frame) for frame in frames])
    assert (np.diff(edges) <= 0).all()
    assert (np.diff(edges[20:-20]) < 0).all()
    if not kind.startswith("wipe"):
        wanted = np.array([320 * (1 - smoother(float(step))) for step in steps])
        assert np.abs(edges - wanted).max() < 0.01
    middle = mixed(kind, black, white, 0.5).frame
    black_side = middle.y[:, 40] if kind.endswith("left") else middle.y[:, -40]
    assert (black_side == 16).all()


@pytest.mark.parametrize("kind", ["push_left", "push_right", "slide_left", "slide_right"])
def test_what_travels_is_the_picture_at_its_true_place(kind: str) -> None:
    # A slow wave in luma and one in chroma, so that interpolation is exact to a rounding.
    width, progress = 320, 0.43
    at = np.arange(width) + 0.5

    def wave(place: NDArray[np.float64], chroma: float) -> NDArray[np.float64]:
        return 120 + chroma * np.sin(place / 11.3)

    def card(shift: float) -> YuvFrame:
        frame = YuvFrame.empty(width, 16)
        frame.y[:] = np.rint(wave(at - shift, 80))
        frame.u[:] = np.rint(wave(at[::2] - shift, 50))
        frame.v[:] = np.rint(wave(at[::2] - shift, -50))
        return frame

    distance = width * smoother(progress)
    frame = mixed(kind, uniform(width, 16, (0, 0, 0)), card(0), progress).frame
    left = kind.endswith("left")
    wanted = card(width - distance if left else distance - width)
    inside = np.s_[:, int(width - distance) + 8 : -8] if left else np.s_[:, 8 : int(distance) - 8]
    half = np.s_[:, int(width - distance) // 2 + 5 : -5] if left else np.s_[:, 5 : int(distance) // 2 - 5]
    assert np.abs(frame.y[inside].astype(int) - wanted.y[inside]).max() <= 1
    assert np.abs(frame.u[half].astype(int) - wanted.u[half]).max() <= 1
    assert np.abs(frame.v[half].astype(int) - wanted.v[half]).max() <= 1


def test_a_pushed_picture_moves_away_with_the_edge() -> None:
    a, b = scene(320, 16), uniform(320, 16, (0, 0, 0))
    # Progress 0.5 is 160 pixels: a whole number, so the picture is there bit for bit; one chroma sample sees both.
    assert (mixed("push_left", a, b, 0.5).frame.y[:, :160] == a.y[:, 160:]).all()
    assert (mixed("push_right", a, b, 0.5).frame.u[:, 81:] == a.u[:, 1:80]).all()


def test_a_zoom_keeps_the_middle_and_the_colour_at_its_place() -> None:
    # Colour that grows linearly shows where every sample looked: linear functions are resampled exactly.
    x, y = np.meshgrid(np.arange(200) + 0.5, np.arange(120) + 0.5)
    frame = YuvFrame(
        np.rint(30 + 0.97 * x).astype(np.uint8),
        np.rint(30 + 0.97 * x[::2, ::2]).astype(np.uint8),
        np.rint(40 + 1.37 * (y[::2, ::2] + 0.5)).astype(np.uint8),
    )
    zoomed = mixed("zoom", frame, frame, 0.5).frame  # both are equally large half-way
    scale = 1.6**0.5
    seen_x, seen_y = 100 + (x - 100) / scale, 60 + (y - 60) / scale
    assert np.abs(zoomed.y - (30 + 0.97 * seen_x)).max() <= 1.2
    # A sample off by half a luma pixel before the zoom would be 0.1 and 0.14 away in the mean.
    assert abs(np.mean(zoomed.y - (30 + 0.97 * seen_x))) < 0.03
    assert abs(np.mean(zoomed.u - (30 + 0.97 * seen_x[::2, ::2]))) < 0.03
    assert abs(np.mean(zoomed.v - (40 + 1.37 * (seen_y[::2] + seen_y[1::2])[:, ::2] / 2))) < 0.03


@pytest.mark.parametrize("sigma", [2.2, 3.1, 6.0, 9.9, 20.0])
def test_a_blur_is_a_gaussian_of_light(sigma: float) -> None:
    frame = from_rgb(np.where(np.arange(256)[None, :, None] < 128, 0.0, 255.0) * np.ones((64, 1, 3)))
    blur(frame, sigma)
    light = np.array([0.5 * (1 + erf((x + 0.5 - 128) / (sigma * sqrt(2)))) for x in range(256)])
    wanted = 16 + 219 * to_code(light)
    assert np.abs(frame.y - wanted).max() <= BLUR_DIFFERS
    assert np.abs(frame.u.astype(int) - 128).max() <= 1


def test_a_blur_keeps_colour_where_it_was() -> None:
    frame = scene(256, 144, 3)
    before = copy(frame)
    blur(frame, 1.0)
    assert difference(frame, before) <= 2
    for plane, sharp in zip(planes(frame), planes(before), strict=True):
        assert abs(plane.astype(float).mean() - sharp.mean()) < 0.2


def test_a_blur_grows_without_a_jump_where_its_grid_changes() -> None:
    picture = scene(640, 360, 3)
    picture.y[40:100, 100:160] = 235

    def blurred(sigma: float) -> YuvFrame:
        frame = copy(picture)
        blur(frame, sigma)
        return frame

    for sigma in (2.2, 12.0):
        below, above = blurred(sigma - 1e-3), blurred(sigma + 1e-3)
        assert np.abs(below.y.astype(int) - above.y).max() <= BLUR_DIFFERS
        assert np.abs(below.y.astype(float) - above.y).mean() <= 0.6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("progress", [0.2, 0.5, 0.7])
def test_opaque_pictures_look_the_same_with_an_alpha(kind: str, progress: float) -> None:
    a, b = scene(128, 72), scene(128, 72, 1)
    solid = np.full((72, 128), 255, np.uint8)
    plain = mixed(kind, a, b, progress)
    masked = mixed(kind, a, b, progress, (solid, solid))
    assert masked.alpha is not None
    assert (masked.alpha >= 254).all()
    for one, other in zip(planes(plain.frame), planes(masked.frame), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 0.5
    assert np.abs(plain.frame.y.astype(int) - masked.frame.y).max() <= 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in DIPS])
@pytest.mark.parametrize("progress", [0.3, 0.5, 0.7])
def test_the_colour_of_clear_pixels_is_never_seen(kind: str, progress: float) -> None:
    # Both pictures show the same grey in their middle and a loud colour where they are clear.
    grey, alpha = uniform(128, 72, (120, 120, 120)), np.zeros((72, 128), np.uint8)
    alpha[20:52, 40:88] = 255
    loud = uniform(128, 72, (255, 0, 255))
    loud.y[20:52, 40:88] = grey.y[0, 0]
    loud.u[10:26, 20:44] = 128
    loud.v[10:26, 20:44] = 128
    result = mixed(kind, loud, loud, progress, (alpha, alpha))
    assert result.alpha is not None
    # Kernels of a few taps reach two pixels into what is clear.
    solid = result.alpha >= 250
    for axis in (0, 1):
        for step in (-1, 1, -2, 2, -3, 3):
            solid = solid & (np.roll(result.alpha, step, axis) >= 250)
    assert solid.sum() > 200
    assert np.abs(result.frame.y[solid].astype(int) - int(grey.y[0, 0])).max() <= 2


@pytest.mark.parametrize("kind", KINDS)
def test_an_alpha_changes_without_a_jump(kind: str) -> None:
    a, b = scene(128, 72), scene(128, 72, 1)
    alphas = np.zeros((72, 128), np.uint8), np.zeros((72, 128), np.uint8)
    alphas[0][10:40, 10:60] = 255
    alphas[1][30:60, 60:120] = 255
    steps = [i / 60 for i in range(61)]
    shown = [mixed(kind, a, b, step, alphas).alpha for step in steps]
    changes = [np.abs(p.astype(int) - q).mean() for p, q in pairwise(shown)]
    assert max(changes) < 8 * np.mean(changes)


def test_many_threads_make_the_same_pictures() -> None:
    a, b = scene(192, 108), scene(192, 108, 1)
    jobs = [(kind, progress) for kind in KINDS for progress in (0.3, 0.5, 0.8)] * 2
    alone = [mixed(kind, a, b, progress).frame for kind, progress in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: mixed(job[0], a, b, job[1]).frame, jobs))
    assert all(difference(one, other) == 0 for one, other in zip(alone, together, strict=True))


def test_what_is_not_possible_is_refused() -> None:
    picture, small = Patch(0, 0, noise(64, 32)), Patch(0, 0, noise(32, 32))
    out = Patch(0, 0, YuvFrame.empty(64, 32))
    with pytest.raises(ValueError, match="not a transition"):
        mix("cut", picture, picture, 0.5, out)
    with pytest.raises(ValueError, match="one size"):
        mix("zoom", picture, small, 0.5, out)
    with pytest.raises(ValueError, match="alpha"):
        mix("zoom", Patch(0, 0, picture.frame, picture.frame.y), picture, 0.5, out)
