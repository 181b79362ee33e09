"""What each move, amount, speed word, focus and fit does to the picture."""

from math import degrees, log

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.core.errors import OptionError
from engine.motion import SPEEDS, Motion, Subject, plan_camera, required_scale
from tests.motion.strategies import frame_sizes, photo_sizes, subjects

HD, PORTRAIT = (1920, 1080), (1080, 1920)
PHOTO, PANORAMA, TOWER = (4000, 3000), (9000, 2000), (1500, 9000)
MIDDLE = Subject()


def ends(motion, photo=PHOTO, frame=HD, duration=10.0, subject=MIDDLE, **more):
    path = plan_camera(motion, photo, frame, duration, subject, **more)
    return path, path.at(0), path.at(duration)


def seen(view, frame):
    """What the frame shows: x0, y0, x1, y1 in photo pixels (without rotation)."""
    half_w, half_h = view.scale * frame[0] / 2, view.scale * frame[1] / 2
    return view.x - half_w, view.y - half_h, view.x + half_w, view.y + half_h


def shows(view, frame, photo, box):
    x0, y0, x1, y1 = seen(view, frame)
    slack = 1e-6 * max(photo)
    return (
        x0 <= box[0] * photo[0] + slack
        and y0 <= box[1] * photo[1] + slack
        and x1 >= box[2] * photo[0] - slack
        and y1 >= box[3] * photo[1] - slack
    )


@pytest.mark.parametrize(
    ("move", "axis", "sign"),
    [("pan_left", "x", -1), ("pan_right", "x", 1), ("pan_up", "y", -1), ("pan_down", "y", 1)],
)
@pytest.mark.parametrize("photo", [PHOTO, (1920, 1080), (3840, 2160), (2000, 5000)])
@pytest.mark.parametrize("duration", [1.0, 10.0, 60.0])
def test_a_pan_always_moves_visibly_and_in_its_direction(move, axis, sign, photo, duration):
    for amount in (None, 1.0):
        _, start, end = ends(Motion((move,), amount), photo, duration=duration, fit="crop")
        way = (getattr(end, axis) - getattr(start, axis)) / start.scale / (HD[0] if axis == "x" else HD[1])
        assert sign * way > 0.049
        other = "y" if axis == "x" else "x"
        assert getattr(end, other) == getattr(start, other)


def test_a_pan_of_one_uses_all_the_room_and_of_a_half_half_of_it():
    _, start, end = ends(Motion(("pan_right",), 1.0), (6000, 2000))
    assert seen(start, HD)[0] == pytest.approx(0, abs=1e-6)
    assert seen(end, HD)[2] == pytest.approx(6000)
    _, begin, stop = ends(Motion(("pan_right",), 0.5), (6000, 2000))
    assert stop.x - begin.x == pytest.approx((end.x - start.x) / 2)
    _, still, same = ends(Motion(("pan_right",), 0.0), (6000, 2000))
    assert still == same


def test_a_diagonal_goes_both_ways():
    _, start, end = ends(Motion(("pan_left", "pan_up"), 1.0))
    assert seen(end, HD)[:2] == pytest.approx((0, 0), abs=1e-6)
    assert seen(start, HD)[2:] == pytest.approx(PHOTO)


def test_a_pan_in_a_photo_of_the_frames_shape_comes_closer_and_says_so():
    path, start, _ = ends(Motion(("pan_left",), 1.0), (3840, 2160))
    assert start.scale == pytest.approx(2 / 1.2)
    assert any("closer" in note for note in path.notes)
    path, start, _ = ends(Motion(("pan_left",), 1.0), (6000, 2160))
    assert start.scale == pytest.approx(2)
    assert not path.notes


@pytest.mark.parametrize(("move", "sign"), [("rotate_cw", 1), ("rotate_ccw", -1)])
def test_a_rotation_starts_level_and_turns_by_its_degrees(move, sign):
    _, start, end = ends(Motion((move,), 6.0))
    assert start.angle == 0
    assert degrees(end.angle) == pytest.approx(sign * 6)
    assert end.scale == start.scale < 4000 / 1920


def test_no_view_turns_by_more_than_45_degrees():
    path, _, _ = ends(Motion(("rotate_cw", "handheld", "drift"), 400.0))
    angles = [degrees(path.at(second / 20).angle) for second in range(201)]
    assert 40 < max(angles) <= 45
    assert "The camera turns by 45 degrees at most, not by 400." in path.notes


def test_a_zoom_goes_from_the_whole_crop_to_its_amount_and_back():
    _, start, end = ends(Motion(("zoom_in",), 1.25))
    assert start.scale == pytest.approx(4000 / 1920)
    assert start.scale / end.scale == pytest.approx(1.25)
    _, begin, stop = ends(Motion(("zoom_out",), 1.25))
    assert (begin, stop) == (end, start)


def test_an_absurd_zoom_is_limited_and_said():
    path, start, end = ends(Motion(("zoom_in",), 1000.0))
    assert start.scale / end.scale == pytest.approx(20)
    assert path.notes[0] == "The camera zooms by 20 times at most, not by 1000."


def test_zoom_and_pan_combine():
    _, start, end = ends(Motion(("zoom_in", "pan_right"), (1.3, 1.0)), (3840, 2160))
    assert start.scale / end.scale == pytest.approx(1.3)
    assert seen(start, HD)[0] == pytest.approx(0, abs=1e-6)
    assert seen(end, HD)[2] == pytest.approx(3840)


def test_ten_seconds_of_slow_zoom_are_about_a_fifth():
    _, start, end = ends(Motion(("zoom_in",), speed="slow"))
    assert 1.15 <= start.scale / end.scale <= 1.2


@pytest.mark.parametrize("move", ["zoom_in", "zoom_out", "pan_right", "rotate_cw"])
def test_faster_words_go_further_in_the_same_time(move):
    def size(speed):
        _, start, end = ends(Motion((move,), speed=speed), (8000, 2000), (2000, 1000))
        return abs(log(end.scale / start.scale)) + abs(end.x - start.x) / 2000 + abs(end.angle)

    assert size("slow") * 1.2 < size("normal") < size("fast") / 1.2
    assert size(None) == size("normal")


@pytest.mark.parametrize(("speed", "most"), [("slow", 1.4), ("normal", 1.6), ("fast", 2.5)])
def test_a_speed_word_stays_sensible_in_very_short_and_very_long_clips(speed, most):
    for duration in (0.1, 0.5, 2, 60, 3600):
        _, start, end = ends(Motion(("zoom_in",), speed=speed), duration=duration)
        assert 1.029 < start.scale / end.scale <= most + 1e-9


def test_amount_and_speed_together_say_how_far_and_how_quickly():
    path, start, end = ends(Motion(("zoom_in",), 1.2, "fast"))
    arrived = log(1.2) / 0.06
    assert path.at(arrived) == path.at(9) == end
    assert path.at(arrived - 0.5) != end
    assert start.scale / end.scale == pytest.approx(1.2)
    for amount in (1.05, 3.0):  # a little or a lot, slowly: the clip is about that, to its end
        slow = plan_camera(Motion(("zoom_in",), amount, "slow"), PHOTO, HD, 10, MIDDLE)
        assert slow.at(9.5) != slow.at(10)
        assert slow.at(0).scale / slow.at(10).scale == pytest.approx(amount)


@settings(max_examples=150, deadline=None)
@given(photo_sizes(), frame_sizes, subjects())
def test_the_crop_keeps_the_subject_whole_wherever_it_fits(photo, frame, subject):
    view = plan_camera(Motion(("hold",)), photo, frame, 5, subject, fit="crop").at(0)
    width, height = view.scale * frame[0], view.scale * frame[1]
    x0, y0, x1, y1 = subject.box
    fits = (x1 - x0) * photo[0] <= width and (y1 - y0) * photo[1] <= height
    assume(fits)
    assert shows(view, frame, photo, subject.box)


def test_the_crop_is_around_the_subject_and_not_the_centre():
    left = Subject(0.2, 0.5, (0.1, 0.3, 0.3, 0.7), 0.9)
    _, view, _ = ends(Motion(("hold",)), (4000, 3000), PORTRAIT, subject=left)
    assert seen(view, PORTRAIT)[0] == pytest.approx(0, abs=1e-6)
    assert shows(view, PORTRAIT, (4000, 3000), left.box)
    right = Subject(0.7, 0.5, (0.6, 0.3, 0.8, 0.7), 0.9)
    _, view, _ = ends(Motion(("hold",)), (4000, 3000), PORTRAIT, subject=right)
    assert view.x == pytest.approx(2800)


@pytest.mark.parametrize("move", ["zoom_in", "zoom_out"])
@settings(max_examples=100, deadline=None)
@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0.02, 0.1), st.sampled_from([*SPEEDS, 1.3, 1.8]))
def test_pushing_in_on_a_subject_composes_it_and_never_cuts_it(move, x, y, half, how):
    subject = Subject(x, y, (x - half, y - half, x + half, y + half), 0.9)
    motion = (
        Motion((move,), speed=how, focus="subject") if isinstance(how, str) else Motion((move,), how, focus="subject")
    )
    path = plan_camera(motion, PHOTO, HD, 10, subject)
    for second in range(11):
        assert shows(path.at(second), HD, PHOTO, subject.box)
    close = path.at(10 if move == "zoom_in" else 0)
    x0, y0, x1, y1 = seen(close, HD)
    for place, low, high, length in (
        ((x * PHOTO[0] - x0) / (x1 - x0), x0, x1, PHOTO[0]),
        ((y * PHOTO[1] - y0) / (y1 - y0), y0, y1, PHOTO[1]),
    ):
        composed = any(abs(place - third) < 1e-6 for third in (1 / 3, 1 / 2, 2 / 3))
        at_the_edge = low < 1e-6 * length or high > length * (1 - 1e-6)
        held_whole = half * max(PHOTO) * 2 > 0.25 * (high - low)  # a large subject decides by its edges
        assert composed or at_the_edge or held_whole


def test_a_large_subject_limits_a_push_without_an_amount_and_is_said_with_one():
    large = Subject(0.5, 0.5, (0.08, 0.12, 0.92, 0.88), 0.9)
    path, start, end = ends(Motion(("zoom_in",), speed="fast", focus="subject"), subject=large)
    assert 1.029 < start.scale / end.scale < 1.2
    path, start, end = ends(Motion(("zoom_in",), 2.0, focus="subject"), subject=large)
    assert start.scale / end.scale == pytest.approx(2)
    assert any("subject is cut" in note for note in path.notes)


def test_a_subject_larger_than_the_crop_gets_a_gentle_push():
    tall = Subject(0.5, 0.5, (0.3, 0.05, 0.7, 0.95), 0.9)
    _, start, end = ends(Motion(("zoom_in",), speed="fast", focus="subject"), subject=tall)
    assert 1.15 < start.scale / end.scale < 1.25
    assert end.x == pytest.approx(2000)
    assert end.y == pytest.approx(1500)


def test_a_plain_zoom_does_not_cut_the_subject():
    edge = Subject(0.1, 0.5, (0.0, 0.4, 0.35, 0.6), 0.9)
    path, _, _ = ends(Motion(("zoom_in",), 1.6), subject=edge)
    for second in range(11):
        assert shows(path.at(second), HD, PHOTO, edge.box)


def test_a_pan_arrives_at_its_focus():
    _, start, end = ends(Motion(("pan_right",), focus=(0.7, 0.5)), (9000, 2000))
    assert end.x == pytest.approx(6300)
    assert start.x < end.x


def test_a_panorama_in_a_portrait_frame_is_panned_across_towards_the_subject():
    for x, sign in ((0.8, 1), (0.2, -1), (0.5, 1)):
        subject = Subject(x, 0.5, (x - 0.05, 0.3, x + 0.05, 0.7), 0.9)
        path, start, end = ends(Motion(("zoom_in",), 1.2), PANORAMA, PORTRAIT, subject=subject)
        assert path.notes[0] == "The camera pans across, because only 12 % of the photo fits into this frame at once."
        assert start.scale / end.scale == pytest.approx(1.2)
        widths = sign * (end.x - start.x) / (0.5 * (start.scale + end.scale)) / PORTRAIT[0]
        assert widths == pytest.approx(10 / 7)  # seven seconds for a frame width
        assert shows(end, PORTRAIT, PANORAMA, subject.box)


def test_a_tower_in_a_landscape_frame_is_panned_upwards():
    path, start, end = ends(Motion(), TOWER)
    assert end.y < start.y
    assert "pans across" in path.notes[0]


def test_a_pan_across_goes_the_way_that_was_asked():
    _, start, end = ends(Motion(("pan_left",)), PANORAMA, PORTRAIT, subject=Subject(0.8, 0.5, (0.7, 0, 0.9, 1), 0.9))
    assert end.x < start.x


def test_fit_crop_and_hold_do_not_pan_across():
    path, start, end = ends(Motion(), PANORAMA, PORTRAIT, fit="crop")
    assert start.x == end.x
    assert not path.notes
    path, start, end = ends(Motion(("hold",)), PANORAMA, PORTRAIT)
    assert start == end
    assert "use fit blur or color" in path.notes[0]


def test_an_ordinary_landscape_in_a_portrait_frame_is_cropped():
    for photo in ((1920, 1080), (4000, 3000), (6000, 4000)):
        path, start, end = ends(Motion(("zoom_in",), 1.2), photo, PORTRAIT)
        assert start.x == pytest.approx(end.x)
        assert not any("across" in note for note in path.notes)


def test_a_small_photo_is_enlarged_and_said_to_be_soft():
    path, _, _ = ends(Motion(("zoom_in",), 1.5), (800, 600))
    assert path.notes == ("The photo has 800 x 600 pixels: the closest view enlarges it 3.6 times and will look soft.",)


def test_a_face_focus_falls_back_to_the_subject_and_says_so():
    subject = Subject(0.3, 0.4, (0.2, 0.3, 0.4, 0.5), 0.9)
    face, *views = ends(Motion(focus="face"), subject=subject)
    _, *same = ends(Motion(focus="subject"), subject=subject)
    assert views == same
    assert face.notes == ("Faces cannot be found yet, so the camera looks at the subject of the photo.",)


def test_what_has_to_be_decoded_follows_the_closest_view():
    motion = Motion(("zoom_in",), 1.25)
    assert required_scale(motion, (9600, 5400), HD, 10, oversample=1.25) == pytest.approx(1.25 * 1.25 / 5)
    assert required_scale(motion, (9600, 5400), HD, 10, oversample=1.0) == pytest.approx(0.25)
    assert required_scale(motion, (1920, 1080), HD, 10, oversample=1.25) == 1


@pytest.mark.parametrize("duration", [0, -1, float("nan"), float("inf")])
def test_a_clip_without_a_duration_is_refused(duration):
    with pytest.raises(OptionError, match="duration above 0"):
        plan_camera(Motion(), PHOTO, HD, duration, MIDDLE)
    with pytest.raises(OptionError, match="duration above 0"):
        required_scale(Motion(), PHOTO, HD, duration, oversample=1.25)


def test_a_fit_that_is_not_the_cameras_is_refused():
    with pytest.raises(OptionError, match="'blur' is not a fit of the camera"):
        plan_camera(Motion(), PHOTO, HD, 5, MIDDLE, fit="blur")
