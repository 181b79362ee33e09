import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import WHOLE_PHOTO, Subject
from pipelines.diffusion.framing import (
    MOST_PADDED,
    Framing,
    Rect,
    cut_out,
    frame_photo,
    place_for,
    put_back,
    shown_in_made,
)

SIZES = ((1024, 576), (576, 1024), (768, 768))

sides = st.integers(64, 6000)
ratios = st.sampled_from([16 / 9, 9 / 16, 1.0, 4 / 5, 4 / 3, 21 / 9])
places = st.floats(0, 1)


def area(rect: Rect) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


def inside(inner: Rect, outer: Rect, slack: float = 1e-6) -> bool:
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


@given(sides, sides, ratios, places, places)
def test_the_model_gets_its_own_shape_and_the_clip_shows_the_asked_one(
    width: int, height: int, ratio: float, x: float, y: float
) -> None:
    framing = frame_photo((width, height), ratio, SIZES, Subject(x, y))
    photo = (0.0, 0.0, float(width), float(height))
    assert inside(framing.shown, photo, 1e-3)
    made, shown = framing.made, framing.shown
    assert (made[2] - made[0]) / (made[3] - made[1]) == pytest.approx(framing.size[0] / framing.size[1])
    assert (shown[2] - shown[0]) / (shown[3] - shown[1]) == pytest.approx(ratio)
    if framing.put_back:
        assert inside(made, shown, 1e-3)
    else:
        assert inside(shown, made, 1e-3)
        overlap = (min(made[2], width) - max(made[0], 0)) * (min(made[3], height) - max(made[1], 0))
        assert 1 - overlap / area(made) <= MOST_PADDED + 1e-6


@given(ratios, places, places)
def test_the_subject_is_in_what_moves(ratio: float, x: float, y: float) -> None:
    framing = frame_photo((3000, 2000), ratio, SIZES, Subject(x, y))
    left, top, right, bottom = framing.made
    assert left <= x * 3000 <= right
    assert top <= y * 2000 <= bottom


def test_a_wide_crop_takes_the_photo_around_it_along_and_no_padding() -> None:
    framing = frame_photo((3000, 2000), 21 / 9, SIZES, WHOLE_PHOTO)
    assert not framing.put_back
    assert inside(framing.made, (0, 0, 3000, 2000))
    left, top, right, bottom = shown_in_made(framing)
    assert (left, right) == (0, 1024)
    assert (right - left) / (bottom - top) == pytest.approx(21 / 9, abs=0.01)


def test_a_panorama_moves_around_its_subject_only() -> None:
    framing = frame_photo((6000, 1000), 6.0, SIZES, Subject(0.8, 0.5))
    assert framing.put_back
    assert framing.made[0] < 0.8 * 6000 < framing.made[2]


def test_what_is_cut_out_stands_where_it_stood() -> None:
    ramp = np.zeros((200, 400, 3), np.uint8)
    ramp[..., 0] = np.linspace(0, 255, 400)[None, :]
    ramp[..., 1] = np.linspace(0, 255, 200)[:, None]
    part = cut_out(ramp, (800, 400), (200.0, 100.0, 600.0, 300.0), (100, 50))
    whole = ramp[50:150, 100:300].reshape(50, 2, 100, 2, 3).mean((1, 3))
    assert np.abs(part - whole).max() <= 1


def test_beyond_the_border_the_photo_is_mirrored() -> None:
    photo = np.arange(100, dtype=np.uint8)[None, :, None].repeat(10, 0).repeat(3, 2)
    part = cut_out(photo, (100, 10), (-4.0, 0.0, 6.0, 10.0), (10, 10))
    assert part[0, :, 0].tolist() == [3, 2, 1, 0, 0, 1, 2, 3, 4, 5]


def test_put_back_leaves_no_seam_and_changes_nothing_outside() -> None:
    photo = np.full((100, 600, 3), 90, np.uint8)
    framing = Framing((0.0, 0.0, 600.0, 100.0), (200.0, 0.0, 378.0, 100.0), (1024, 576), put_back=True)
    place = place_for(framing, photo, (600, 100), (1200, 200))
    moving = np.full((place.height, place.width, 3), 150, np.uint8)
    whole = put_back(place, moving).astype(int)
    assert (place.left, place.top, place.width, place.height) == (400, 0, 356, 200)
    assert (whole[:, :400] == 90).all()
    assert (whole[:, 756:] == 90).all()
    assert (whole[:, 500:650] == 150).all()
    # 60 code values over a border of 24 pixels: no step is larger than a smoothstep's steepest.
    assert np.abs(np.diff(whole[..., 0], axis=1)).max() <= 1.5 * 60 / 24 + 1
    # Where the moving part reaches the picture's border nothing fades.
    assert (whole[0, 500:650] == 150).all()


def test_the_photo_put_back_into_itself_is_the_photo() -> None:
    rng = np.random.default_rng(3)
    photo = rng.integers(0, 255, (96, 640, 3), np.uint8)
    framing = Framing((0.0, 0.0, 640.0, 96.0), (64.0, 0.0, 234.0, 96.0), (1024, 576), put_back=True)
    place = place_for(framing, photo, (640, 96), (640, 96))
    part = photo[:, place.left : place.left + place.width]
    assert (put_back(place, part) == photo).all()
