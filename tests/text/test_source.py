"""Texts over time: poses, smoothness, order, and that any text at any time gives patches inside the canvas."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.frames import Patch, YuvFrame
from engine.text.library import FontLibrary
from engine.text.paint import Ink, paint
from engine.text.patch_cache import PatchCache
from engine.text.raster import Window
from engine.text.source import TextSource, open_text
from engine.timeline.text_style import ANCHORS, ROLES, TEXT_ANIMATIONS, Box, Shadow, TextStyle
from tests.text.view import alpha_of, box_of, middle_of
from tests.tolerances import TEXT_JITTER

SIZE = (640, 360)
RATE = 30
COMPLETE = Fraction(2)


def opened(
    library: FontLibrary, text: str = "Urban Dreams", duration: Fraction = Fraction(4), **style: Any
) -> TextSource:
    return open_text(text, TextStyle(**style), SIZE, duration, library)


def frames(source: TextSource, start: Fraction, end: Fraction) -> list[list[tuple[Patch, float]]]:
    return [source.patches(Fraction(n, RATE)) for n in range(int(start * RATE), int(end * RATE))]


styles = st.builds(
    TextStyle,
    role=st.sampled_from(ROLES),
    anchor=st.sampled_from((None, *ANCHORS)),
    x=st.sampled_from([None, -0.2, 0.3, 1.4]),
    size=st.sampled_from([None, 0.005, 0.05, 0.5]),
    weight=st.sampled_from([None, 1, 400, 1000]),
    italic=st.booleans(),
    outline=st.booleans(),
    shadow=st.sampled_from([None, False, Shadow(dx=-1, blur=0.5)]),
    box=st.booleans(),
    enter=st.sampled_from(TEXT_ANIMATIONS),
    leave=st.sampled_from(TEXT_ANIMATIONS),
    by_line=st.booleans(),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=120), styles, st.sampled_from([SIZE, (180, 320), (2, 2)]), st.fractions(0, 3))
def test_any_text_in_any_style_gives_patches_inside_the_canvas(
    squares: FontLibrary, text: str, style: TextStyle, size: tuple[int, int], time: Fraction
) -> None:
    source = open_text(text, style, size, Fraction(5, 2), squares)
    for patch, opacity in source.patches(time):
        assert 0 < opacity <= 1
        assert patch.x % 2 == patch.y % 2 == 0
        assert patch.x >= 0
        assert patch.y >= 0
        assert patch.x + patch.frame.width <= size[0]
        assert patch.y + patch.frame.height <= size[1]
        assert patch.alpha is not None


def test_two_thousand_characters_of_everything_are_no_reason_to_fail(squares: FontLibrary) -> None:
    text = "".join(chr(code) for code in range(1, 0x10FFFF, 557))[:2000]
    source = opened(squares, text, role="caption", enter="typewriter")
    assert source.patches(COMPLETE)
    assert source.notes


@pytest.mark.parametrize("kind", [kind for kind in TEXT_ANIMATIONS if kind not in ("none", "typewriter")])
def test_a_text_comes_and_goes_without_flicker(library: FontLibrary, kind: str) -> None:
    source = opened(library, enter=kind, leave=kind)
    opacities = [sum(opacity for _, opacity in frame) for frame in frames(source, Fraction(0), Fraction(4))]
    peak = opacities.index(1.0)
    assert opacities[0] < 0.05
    assert all(a <= b for a, b in pairwise(opacities[: peak + 1]))
    last = len(opacities) - 1 - opacities[::-1].index(1.0)
    assert opacities[peak : last + 1] == [1.0] * (last + 1 - peak)
    assert all(a >= b for a, b in pairwise(opacities[last:]))
    assert opacities[-1] < 0.2


def test_without_an_animation_it_is_there_from_the_first_to_the_last_frame(library: FontLibrary) -> None:
    source = opened(library, enter="none", leave="none")
    first = source.patches(Fraction(0))
    assert [opacity for _, opacity in first] == [1.0]
    assert source.patches(Fraction(119, 30))[0][0] is first[0][0], "painted once"
    assert source.patches(Fraction(4)) == []
    assert source.patches(Fraction(-1, 30)) == []


@pytest.mark.parametrize(("kind", "most"), [("none", 1), ("fade", 1), ("typewriter", 1 + len("Urban Dreams"))])
def test_a_state_is_painted_once_however_long_it_lasts(
    library: FontLibrary, monkeypatch: pytest.MonkeyPatch, kind: str, most: int
) -> None:
    painted: list[Ink] = []

    def counted(ink: Ink, bounds: Window) -> Patch | None:
        painted.append(ink)
        return paint(ink, bounds)

    monkeypatch.setattr("engine.text.source.paint", counted)
    source = opened(library, enter=kind, leave=kind, shadow=True)
    for _ in range(2):
        frames(source, Fraction(0), Fraction(4))
    assert 1 <= len(painted) <= most


@pytest.mark.parametrize(("kind", "axis"), [("slide", 0), ("rise", 1)])
def test_movement_is_smooth_to_a_fraction_of_a_pixel(library: FontLibrary, kind: str, axis: int) -> None:
    source = opened(library, enter=kind, leave="none", enter_time=Fraction(1), shadow=False)
    places = []
    for n in range(8, 30):
        (patch, _opacity), *_ = source.patches(Fraction(n, RATE))
        places.append(middle_of(alpha_of([(patch, 1.0)], SIZE))[axis])
    rest = middle_of(alpha_of(source.patches(COMPLETE), SIZE))[axis]
    way = source.moves.slide if kind == "slide" else source.moves.rise
    ideal = [rest + way * (1 - n / RATE) ** 3 for n in range(8, 30)]
    assert np.abs(np.subtract(places, ideal)).max() <= TEXT_JITTER


def test_a_slide_comes_from_the_nearer_side(library: FontLibrary, squares: FontLibrary) -> None:
    def first_step(library: FontLibrary, text: str, **style: Any) -> float:
        source = opened(library, text, enter="slide", **style)
        early, late = source.patches(Fraction(1, 10)), source.patches(COMPLETE)
        return middle_of(alpha_of(late, SIZE))[0] - middle_of(alpha_of(early, SIZE))[0]

    assert first_step(library, "abc", anchor="bottom_left") > 0
    assert first_step(library, "abc", anchor="top_right") < 0
    assert first_step(library, "abc") > 0
    assert first_step(squares, "אבג") < 0


def test_a_pop_shoots_over_and_settles(library: FontLibrary) -> None:
    source = opened(library, enter="pop", leave="none", enter_time=Fraction(1), shadow=False)
    widths = []
    for n in range(1, 40):
        patches = source.patches(Fraction(n, RATE))
        coverage = alpha_of([(patch, 1.0) for patch, _ in patches], SIZE)
        left, _, right, _ = box_of(coverage > 0.5)
        widths.append(right - left)
        assert middle_of(coverage)[0] == pytest.approx(320, abs=4)
    assert widths[0] < 0.8 * widths[-1]
    assert 1.02 * widths[-1] < max(widths) < 1.15 * widths[-1]


@pytest.mark.parametrize("text", ["abc de", "אבג דה"])
def test_a_typewriter_adds_clusters_in_reading_order(squares: FontLibrary, text: str) -> None:
    source = opened(squares, text, enter="typewriter", enter_time=Fraction(3, 2), leave="none", shadow=False)
    seen = [alpha_of(frame, SIZE) > 0.5 for frame in frames(source, Fraction(0), Fraction(2))]
    for before, after in pairwise(seen):
        assert not (before & ~after).any(), "what is there stays, in its place"
    counts = [int(mask.sum()) for mask in seen]
    assert counts[0] == 0
    assert len(set(counts)) == 6, "five letters, each in one step; the space shows nothing"
    first = box_of(seen[next(n for n, count in enumerate(counts) if count)])
    whole = box_of(seen[-1])
    assert first[0] == whole[0] if text[0] == "a" else first[2] == whole[2]


def test_a_typewriters_box_is_there_while_it_types(library: FontLibrary) -> None:
    source = opened(library, enter="typewriter", enter_time=Fraction(2), box=Box(opacity=1.0))
    early = alpha_of(source.patches(Fraction(1)), SIZE)
    late = alpha_of(source.patches(Fraction(5, 2)), SIZE)
    assert box_of(early > 0.9) == box_of(late > 0.9)


def test_lines_come_one_after_the_other(library: FontLibrary) -> None:
    source = opened(library, "one\ntwo\nthree", enter="fade", by_line=True, shadow=False, enter_time=Fraction(1))
    patches = source.patches(Fraction(1, 2))
    opacities = [opacity for patch, opacity in sorted(patches, key=lambda item: item[0].y)]
    assert len(opacities) >= 2
    assert opacities == sorted(opacities, reverse=True)
    assert opacities[0] > opacities[-1]
    (_, whole), *more = source.patches(Fraction(2))
    assert (whole, more) == (1.0, [])


def test_lines_that_move_apart_end_where_they_stand(library: FontLibrary) -> None:
    source = opened(library, "one\ntwo", enter="fade", by_line=True, box=True, enter_time=Fraction(1))
    late = alpha_of(source.patches(Fraction(999, 1000)), SIZE)
    rest = alpha_of(source.patches(Fraction(1)), SIZE)
    assert np.abs(late - rest).max() < 0.03


@pytest.mark.parametrize("kind", TEXT_ANIMATIONS)
@pytest.mark.parametrize("duration", [Fraction(1, 30), Fraction(1, 5), Fraction(1)])
def test_animations_shrink_into_a_short_segment(library: FontLibrary, kind: str, duration: Fraction) -> None:
    source = opened(library, duration=duration, enter=kind, leave=kind, enter_time=Fraction(5), leave_time=Fraction(3))
    assert source.moves.enter_time + source.moves.leave_time <= duration
    middle = source.patches(duration * Fraction(5, 8))
    assert sum(opacity for _, opacity in middle) >= 0.99


def test_a_time_gives_the_same_pixels_in_any_order_and_from_any_thread(library: FontLibrary) -> None:
    times = [Fraction(n, RATE) for n in range(24)]
    one, two = (opened(library, "Pop 1\nPop 2", enter="pop", by_line=True) for _ in range(2))
    forward = [one.patches(time) for time in times]
    with ThreadPoolExecutor(4) as pool:
        backward = list(pool.map(two.patches, reversed(times)))[::-1]
    for a, b in zip(forward, backward, strict=True):
        assert len(a) == len(b)
        for (left, p), (right, q) in zip(a, b, strict=True):
            assert (left.x, left.y, p) == (right.x, right.y, q)
            assert (left.frame.y == right.frame.y).all()
            assert (left.alpha == right.alpha).all()


def test_the_cache_stays_within_its_limit_and_forgets_closed_texts(library: FontLibrary) -> None:
    (patch, _), *_ = opened(library).patches(COMPLETE)
    size = patch.frame.y.nbytes * 5 // 2 + 512
    cache = PatchCache(3 * size)
    for n in range(5):
        cache.put((n % 2, n), patch)
    assert cache.held <= cache.limit
    assert [cache.get((n % 2, n))[0] for n in range(5)] == [False, False, True, True, True]
    frame = YuvFrame(*(np.zeros((side, side), np.uint8) for side in (400, 200, 200)))
    cache.put((0, 9), Patch(0, 0, frame, np.zeros((400, 400), np.uint8)))
    assert frame.y.nbytes > cache.limit
    assert [cache.get((n % 2, n))[0] for n in range(5)] == [False, False, True, True, True], "too large to be kept"
    cache.drop(0)
    assert [cache.get((n % 2, n))[0] for n in range(5)] == [False, False, False, True, False]
    cache.drop(1)
    assert cache.held == 0
