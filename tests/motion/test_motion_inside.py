"""No black edges: whatever the photo, the frame and the motion, the camera never leaves the photo."""

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.motion import FITS, Motion, Subject, plan_camera, required_scale
from tests.motion.strategies import durations, frame_sizes, motions, photo_sizes, subjects

OVERSAMPLE = 1.25
"""Decoded pixels per frame pixel, as the sampler asks for."""

TOLERANCE = 1e-6  # of the photo's side
SAMPLES = 24


@settings(max_examples=400, deadline=None)
@given(
    motions(),
    photo_sizes(),
    frame_sizes,
    durations,
    subjects(),
    st.integers(0, 2**63),
    st.sampled_from(FITS),
    st.data(),
)
@example(Motion(("rotate_cw",), 45.0), (4000, 200), (1920, 1080), 5.0, Subject(), 0, "auto", None)
@example(Motion(("zoom_in", "rotate_ccw"), (1e6, 720.0)), (200, 4000), (1920, 1080), 5.0, Subject(), 0, "crop", None)
@example(
    Motion(("pan_left", "pan_up", "handheld"), (1.0, 1.0, 0.2)),
    (30000, 1500),
    (16, 4096),
    5.0,
    Subject(),
    3,
    "auto",
    None,
)
def test_every_corner_of_every_view_lies_in_the_photo(motion, photo, frame, duration, subject, seed, fit, data):
    path = plan_camera(motion, photo, frame, duration, subject, seed, fit)
    smallest, largest = path.scale_range()
    needed = required_scale(motion, photo, frame, duration, OVERSAMPLE)
    assert 0 < needed <= 1
    extra = 0.5 if data is None else data.draw(st.floats(0, 1))
    for share in (*(index / SAMPLES for index in range(SAMPLES + 1)), extra):
        view = path.at(share * duration)
        for x, y in view.corners(*frame):
            assert -TOLERANCE * photo[0] <= x <= (1 + TOLERANCE) * photo[0]
            assert -TOLERANCE * photo[1] <= y <= (1 + TOLERANCE) * photo[1]
        assert smallest * (1 - 1e-12) <= view.scale <= largest * (1 + 1e-12)
        # What was decoded has the oversampling that was promised (or is the full photo).
        assert needed == 1 or needed * view.scale >= OVERSAMPLE * (1 - 1e-9)


@settings(max_examples=100, deadline=None)
@given(photo_sizes(), frame_sizes, subjects(), st.floats(0.5, 60))
def test_a_still_camera_shows_the_largest_crop_of_the_frames_shape(photo, frame, subject, duration):
    view = plan_camera(Motion(("hold",)), photo, frame, duration, subject).at(duration / 2)
    assert abs(view.scale / min(photo[0] / frame[0], photo[1] / frame[1]) - 1) < 1e-12


@settings(max_examples=100, deadline=None)
@given(motions(), photo_sizes(), frame_sizes, durations, subjects())
def test_the_ends_of_the_scale_range_are_reached(motion, photo, frame, duration, subject):
    path = plan_camera(motion, photo, frame, duration, subject)
    scales = sorted((path.at(0).scale, path.at(duration).scale))
    assume(not motion.has("drift"))  # its breathing is a bound, not a range
    assert abs(scales[0] / path.scale_range()[0] - 1) < 1e-12
    assert abs(scales[1] / path.scale_range()[1] - 1) < 1e-12
