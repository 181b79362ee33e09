"""A camera's way in front of a scene: never beyond the photo, smooth, closed where it loops, still at its pivot."""

from itertools import combinations, pairwise
from math import isclose

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.core.camera import Camera
from engine.core.errors import OptionError
from engine.core.view import View
from engine.motion import EASES, FITS, MOVES, SPEEDS, Motion, Subject
from engine.motion.space_path import Depths, SpacePath, lens_motion, plan_space
from engine.motion.travel import AXES, Balance, in_space
from tests.motion.strategies import AMOUNTS, durations, frame_sizes, photo_sizes, subjects

PHOTO, FRAME = (4000, 3000), (1920, 1080)
FLOWER = Subject(0.3, 0.34, (0.14, 0.1, 0.46, 0.58), 0.8)
SCENE = Depths(1.0, 0.1, 0.7, 0.09)
SAMPLES = 24


def possible(moves: tuple[str, ...]) -> bool:
    try:
        Motion(moves)
    except OptionError:
        return False
    return True


ALONE = [(name,) for name in MOVES]
PAIRS = [pair for pair in combinations(MOVES, 2) if possible(pair)]


@st.composite
def motions(draw: st.DrawFn) -> Motion:
    """Any move alone or with any other that it goes with, any amounts, speed and easing."""
    moves = draw(
        st.one_of(st.sampled_from(ALONE), st.sampled_from(PAIRS), st.sampled_from(PAIRS).map(lambda p: p[::-1]))
    )
    amounts = []
    for move in moves:
        unit = MOVES[move].unit
        given_one = unit is not None and draw(st.booleans())
        amounts.append(draw(AMOUNTS.get(move, AMOUNTS.get(str(unit), st.floats(0, 1)))) if given_one else None)
    return Motion(
        moves,
        tuple(amounts) if any(amount is not None for amount in amounts) else None,
        draw(st.sampled_from([None, *SPEEDS])),
        draw(st.one_of(st.none(), st.sampled_from(["subject"]), st.tuples(st.floats(0, 1), st.floats(0, 1)))),
        draw(st.sampled_from(EASES)),
    )


@st.composite
def depths(draw: st.DrawFn) -> Depths:
    """Of any scene: what is nearest and farthest, how far it may be travelled, where it uncovers most."""
    far, subject, near = sorted(draw(st.tuples(*[st.floats(0, 1)] * 3)))
    balance = Balance(*draw(st.tuples(*[st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))] * 3)))
    return Depths(near, far, subject, draw(st.floats(0, 0.16)), balance)


@settings(max_examples=250, deadline=None)
@given(
    motions(), photo_sizes(), frame_sizes, durations, subjects(), depths(), st.integers(0, 2**63),
    st.sampled_from(FITS), st.floats(0, 1),
)  # fmt: skip
@example(Motion(("pedestal_up",), 1.0), (8000, 400), FRAME, 5.0, Subject(), Depths(1, 0, 0.5, 0.12), 0, "auto", 0.5)
@example(Motion(("sway",), 1.0, "fast"), PHOTO, FRAME, 768.0, Subject(), Depths(1, 0, 0.5, 0.12), 0, "auto", 0.003)
@example(Motion(("sway", "dolly_in")), (16, 1), FRAME, 5.0, Subject(), Depths(1, 0, 0.5, 0.12), 0, "auto", 0.3)
def test_nothing_beyond_the_photo_is_ever_seen(
    motion: Motion,
    photo: tuple[int, int],
    frame: tuple[int, int],
    duration: float,
    subject: Subject,
    scene: Depths,
    seed: int,
    fit: str,
    extra: float,
) -> None:
    path = plan_space(motion, photo, frame, duration, subject, scene, seed, fit)
    low, high = path.scale_range()
    for share in (*(index / SAMPLES for index in range(SAMPLES + 1)), extra):
        camera = path.at(share * duration)
        assert camera.inside(frame, photo, scene.nearest, scene.farthest)
        for disparity in (scene.nearest, scene.farthest):
            scale = camera.view.scale * (1 - disparity * camera.z)
            assert low * (1 - 1e-3) <= scale <= high * (1 + 1e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([("sway",), ("drift",), ("sway", "drift")]), st.sampled_from(EASES),
    st.sampled_from([None, *SPEEDS]), durations, depths(), st.integers(0, 2**63),
)  # fmt: skip
def test_subtle_motion_ends_exactly_where_it_began(
    moves: tuple[str, ...], ease: str, speed: str | None, duration: float, scene: Depths, seed: int
) -> None:
    path = plan_space(Motion(moves, ease=ease, speed=speed), PHOTO, FRAME, duration, FLOWER, scene, seed)
    assert path.at(0) == path.at(duration)
    if scene.reach > 0.01:
        assert any(path.at(duration * share) != path.at(0) for share in (0.31, 0.37))


def plan(*moves: str, scene: Depths = SCENE, duration: float = 6.0, **more: object) -> SpacePath:
    return plan_space(Motion(moves, **more), PHOTO, FRAME, duration, FLOWER, scene, seed=5)


def places(path: SpacePath, point: tuple[float, float], disparity: float) -> np.ndarray:
    """Where in the frame a photo point is seen over time."""
    seen = []
    for time in np.linspace(0, path.flat.duration, 41):
        camera = path.at(float(time))
        x, y = camera.to_lens(point, disparity, PHOTO)
        seen.append(((x - camera.view.x) / camera.view.scale, (y - camera.view.y) / camera.view.scale))
    return np.array(seen)


@pytest.mark.parametrize("move", ["orbit_left", "orbit_right"])
def test_an_orbit_keeps_its_subject_in_place_and_moves_what_is_behind_and_before_it(move: str) -> None:
    path = plan(move)
    assert np.ptp(places(path, (1200, 1000), SCENE.subject), axis=0).max() < 1e-6
    before, behind = (places(path, (1200, 1000), q)[:, 0] for q in (1.0, 0.1))
    right = move == "orbit_right"
    assert (np.diff(before)[1:-1] < 0).all() == right
    assert (np.diff(behind)[1:-1] > 0).all() == right


@pytest.mark.parametrize("move", ["truck_left", "truck_right", "pedestal_up", "pedestal_down"])
def test_a_truck_keeps_the_farthest_in_place_and_moves_the_near_against_its_way(move: str) -> None:
    path = plan(move)
    assert np.ptp(places(path, (1200, 1000), SCENE.farthest), axis=0).max() < 1e-6
    axis, sign = AXES[move]
    near = places(path, (1200, 1000), 1.0)
    assert (sign * np.diff(near[:, axis])[1:-1] < 0).all()
    assert np.ptp(near[:, 1 - axis]) < 1e-6


def test_a_dolly_zoom_keeps_the_size_of_the_subject_while_the_background_grows() -> None:
    path = plan("dolly_zoom")
    width = {
        q: places(path, (1400, 1000), q)[:, 0] - places(path, (1200, 1000), q)[:, 0] for q in (SCENE.subject, 0.1, 1.0)
    }
    assert np.ptp(width[SCENE.subject]) < 1e-6
    assert (np.diff(width[0.1])[1:-1] < 0).all()
    assert (np.diff(width[1.0])[1:-1] > 0).all()


def test_a_dolly_in_brings_the_near_closer_than_the_far() -> None:
    path = plan("dolly_in")
    grown = []
    for q in (0.1, 0.5, 1.0):
        across = places(path, (1400, 1000), q)[:, 0] - places(path, (1200, 1000), q)[:, 0]
        assert (np.diff(across)[1:-1] > 0).all()
        grown.append(across[-1] / across[0])
    assert grown == sorted(grown)
    assert plan("dolly_out").at(0).z > plan("dolly_out").at(6).z


@pytest.mark.parametrize("move", [*AXES, "sway"])
def test_a_larger_amount_goes_farther_and_none_stays(move: str) -> None:
    spans = []
    for amount in (0.0, 0.1, 0.3, 0.6, 1.0):
        path = plan(move, amount=amount)
        stands = np.array([(c.x, c.y, c.z) for c in (path.at(time) for time in np.linspace(0, 6, 25))])
        spans.append(float(np.ptp(stands, axis=0).max()))
    assert spans[0] == 0
    assert all(b > a for a, b in pairwise(spans))


def test_a_way_lies_where_it_uncovers_least() -> None:
    for move in ("truck_right", "truck_left"):
        # All that travel to the right uncovers nothing: the camera keeps to the right of the photo's viewpoint.
        xs = [plan(move, amount=0.5, scene=Depths(1, 0.1, 0.7, 0.09, Balance(x=0.0))).at(t).x for t in (0, 6)]
        assert min(xs) == pytest.approx(0)
        assert max(xs) > 0
        xs = [plan(move, amount=0.5, scene=Depths(1, 0.1, 0.7, 0.09, Balance(x=1.0))).at(t).x for t in (0, 6)]
        assert max(xs) == pytest.approx(0)
        assert min(xs) < 0


@settings(max_examples=60, deadline=None)
@given(motions(), st.floats(0, 1), st.floats(0, 0.12), st.floats(0, 1))
def test_a_photo_of_one_depth_is_seen_as_a_flat_photo(motion: Motion, q: float, reach: float, share: float) -> None:
    path = plan_space(motion, PHOTO, FRAME, 5.0, FLOWER, Depths(q, q, q, reach), 3)
    camera = path.at(5 * share)
    flat = flat_view(camera, q, PHOTO)
    for corner, lens in zip(flat.corners(*FRAME), camera.view.corners(*FRAME), strict=True):
        assert corner == pytest.approx(camera.to_photo(lens, q, PHOTO), abs=1e-6)
    assert all(
        -1e-2 <= v <= side + 1e-2 for corner in flat.corners(*FRAME) for v, side in zip(corner, PHOTO, strict=True)
    )


def flat_view(camera: Camera, q: float, size: tuple[int, int]) -> View:
    """The Ken Burns view that shows a flat photo of disparity q as the camera does."""
    x, y = camera.to_photo((camera.view.x, camera.view.y), q, size)
    return View(x, y, camera.view.scale * (1 - q * camera.z), camera.view.angle)


@pytest.mark.parametrize(
    "moves",
    [
        ("dolly_in",),
        ("dolly_zoom", "orbit_left"),
        ("truck_right", "zoom_in"),
        ("sway",),
        ("drift", "dolly_out"),
        ("pan_up",),
    ],
)
def test_the_way_is_twice_continuously_differentiable(moves: tuple[str, ...]) -> None:
    """A jump in the second derivative does not shrink with the step; a continuous one shrinks in proportion."""
    path = plan(*moves, duration=8.0)

    def curve(times: np.ndarray) -> np.ndarray:
        cameras = [path.at(float(time)) for time in times]
        return np.array([(c.x, c.y, c.z, c.view.x / 4000, c.view.y / 4000, np.log(c.view.scale)) for c in cameras])

    def largest_jump(step: float) -> tuple[np.ndarray, np.ndarray]:
        second = np.diff(curve(np.arange(0, 8 + step / 2, step)), 2, axis=0) / step**2
        return np.abs(np.diff(second, axis=0)).max(axis=0), np.abs(second).max(axis=0)

    coarse, size = largest_jump(1 / 100)
    fine, _ = largest_jump(1 / 800)
    moving = size > 1e-5
    assert moving.any()
    assert (fine[moving] < 0.2 * coarse[moving] + 1e-7).all()


@settings(max_examples=40, deadline=None)
@given(motions(), st.integers(0, 2**63))
def test_a_camera_is_a_function_of_the_plan_and_the_time_alone(motion: Motion, seed: int) -> None:
    first, second = (plan_space(motion, PHOTO, FRAME, 5, FLOWER, SCENE, seed) for _ in range(2))
    times = [index / 7 for index in range(36)]
    assert [first.at(time) for time in times] == [second.at(time) for time in reversed(times)][::-1]
    assert first.at(-1) == first.at(0)
    assert first.at(9) == first.at(5)


@pytest.mark.parametrize("pair", [("pan_left", "orbit_right"), ("orbit_right", "pan_left"), ("zoom_out", "dolly_zoom")])
def test_what_was_asked_for_in_space_is_not_turned_round_by_a_companion(pair: tuple[str, ...]) -> None:
    (move,) = (name for name in pair if name in AXES)
    axis, sign = AXES[move]
    path = plan(*pair)
    stands = [(c.x, c.y, c.z)[axis] for c in (path.at(0), path.at(6))]
    assert sign * (stands[1] - stands[0]) > 0


def test_notes_speak_of_the_whole_photo() -> None:
    path = plan_space(Motion(("truck_left", "zoom_in"), (1.0, 2.0)), (800, 600), FRAME, 5, FLOWER, SCENE)
    soft = [note for note in path.notes if "will look soft" in note]
    assert all("800 x 600" in note for note in soft)
    assert len(soft) == 1


def travels(motion: Motion) -> bool:
    return any(name in AXES or name == "sway" for name in in_space(motion).moves)


def test_what_stays_flat_and_what_travels() -> None:
    assert travels(Motion(("zoom_in",)))
    assert travels(Motion(("orbit_left",)))
    assert travels(Motion(("drift",)))
    assert not travels(Motion(("hold",)))
    assert not travels(Motion(("rotate_cw", "handheld"), None))
    assert lens_motion(Motion(("drift", "sway"))).moves == ("hold",)
    assert lens_motion(Motion(("dolly_in", "rotate_cw"), (None, 3.0))).amount == (3.0,)
    path = plan("hold")
    assert {path.at(time) for time in (0, 3, 6)} == {path.at(0)}
    assert isclose(path.at(0).view.scale, 4000 / 1920)


def test_a_still_camera_keeps_the_whole_photo_that_fits() -> None:
    for scene in (SCENE, Depths(1, 0, 0.5, 0.12)):
        path = plan("hold", scene=scene)
        assert path.corner == (0, 0)
    nowhere = plan("truck_left", scene=Depths(1, 0, 0.5, 0.0))
    assert nowhere.at(0) == nowhere.at(3)
