"""Pictures between pictures: real photographs that move by known amounts, and the weights' file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.core.errors import WeightsError
from engine.packs import installed
from models.interpolation import FlowInterpolator, Interpolator, Rife, interpolator_memory, open_interpolator
from models.interpolation.pairs import blend
from tests.models.moving import Picture, disc_over, opened, psnr, view

torch = pytest.importorskip("torch")

from models.interpolation.rife_network import MULTIPLE, RifeNetwork, fetched  # noqa: E402


@pytest.fixture(scope="module")
def rife() -> Rife:
    """The real weights; skips where their pack is not installed."""
    folder = installed("rife")
    if folder is None:
        pytest.skip("the pack rife is not installed: make packs")
    return Rife.open(folder)


@pytest.fixture(scope="module", params=["flow", "rife"])
def interpolator(request: pytest.FixtureRequest) -> Interpolator:
    return FlowInterpolator() if request.param == "flow" else request.getfixturevalue("rife")


@pytest.fixture(scope="module")
def photo(dandelion: Path) -> Picture:
    return opened(dandelion)


def test_at_the_ends_stand_the_two_pictures_themselves(interpolator: Interpolator, photo: Picture) -> None:
    first, second = view(photo, -3), view(photo, 3)
    made = interpolator.between(first, second, [0, 0.5, 1])
    assert np.array_equal(made[0], first)
    assert np.array_equal(made[2], second)
    assert not np.array_equal(made[1], first)


@pytest.mark.parametrize("size", [(97, 51), (64, 64), (20, 10), (1, 1), (9, 130)])
def test_pictures_of_any_size(interpolator: Interpolator, size: tuple[int, int]) -> None:
    width, height = size
    picture = np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)
    (made,) = interpolator.between(picture, picture[::-1], [0.3])
    assert (made.shape, made.dtype) == (picture.shape, np.uint8)


def test_what_stands_still_stays_still(interpolator: Interpolator, photo: Picture) -> None:
    still = view(photo)
    for made in interpolator.between(still, still.copy(), [0.2, 0.5, 0.9]):
        assert psnr(made, still) > 60  # measured: 67 and more for RIFE, no difference for flow


def test_the_same_pair_gives_the_same_pictures(interpolator: Interpolator, photo: Picture) -> None:
    pair = view(photo, -4, 1), view(photo, 4, -1)
    once, again = (interpolator.between(*pair, [0.25, 0.75]) for _ in range(2))
    assert all(map(np.array_equal, once, again))
    assert np.array_equal(interpolator.between(*pair, [0.75])[0], once[1])


@pytest.mark.parametrize("name", ["room.jpg", "friends.jpg", "fig.jpg", "mountains.jpg", "sunset.jpg"])
def test_a_camera_that_moves_over_a_real_photo(
    interpolator: Interpolator, shared_photo: Callable[[str], Path], name: str
) -> None:
    move = partial(view, opened(shared_photo(name)))
    for distance in (1.5, 10):
        first, second = move(-distance, -0.3 * distance), move(distance, 0.3 * distance)
        for time in (0.25, 0.5):
            true = move(distance * (2 * time - 1), 0.3 * distance * (2 * time - 1))
            (made,) = interpolator.between(first, second, [time])
            # Measured, at least: 3.4 dB at 3 pixels and 11 dB at 20 (RIFE), 7 dB and 17 dB (flow).
            assert psnr(made, true) > psnr(blend(first, second, time), true) + (2 if distance < 5 else 8)


def test_a_thing_that_moves_over_another_photo(rife: Rife, photo: Picture, shared_photo: Callable[[str], Path]) -> None:
    scene = partial(disc_over, opened(shared_photo("mountains.jpg")), opened(shared_photo("fig.jpg")))
    first, true, second = scene(-1), scene(0), scene(1)
    by_rife, by_flow = (maker.between(first, second, [0.5])[0] for maker in (rife, FlowInterpolator()))
    mixed = psnr(blend(first, second, 0.5), true)  # measured: 18.3, and 29.2 for flow, 32.6 for RIFE
    assert psnr(by_flow, true) > mixed + 6
    assert psnr(by_rife, true) > mixed + 8
    assert psnr(by_rife, true) > psnr(by_flow, true) + 1


def test_a_move_of_a_fifth_of_the_width_is_followed_by_rife(rife: Rife, photo: Picture) -> None:
    first, true, second = view(photo, -26), view(photo), view(photo, 26)
    assert psnr(rife.between(first, second, [0.5])[0], true) > psnr(blend(first, second, 0.5), true) + 8


def test_between_the_eyes_of_a_measured_stereo_pair(interpolator: Interpolator) -> None:
    """Middlebury's motorcycle: a pixel of the left picture stands half its measured disparity further left in
    between.
    """
    from skimage import data

    small = partial(cv2.resize, dsize=(370, 250), interpolation=cv2.INTER_AREA)
    left, right, disparity = data.stereo_motorcycle()
    left, right = small(left), small(right)
    disparity = cv2.resize(disparity.astype(np.float32), (370, 250), interpolation=cv2.INTER_NEAREST) / 2
    known = np.isfinite(disparity)
    x, y = np.meshgrid(np.arange(370, dtype=np.float32), np.arange(250, dtype=np.float32))
    moved = x - np.where(known, disparity, 0)
    match = cv2.remap(right, moved, y, cv2.INTER_LINEAR)
    seen_by_both = known & (moved > 0) & (np.abs(match.astype(float) - left).mean(2) < 12)
    assert seen_by_both.mean() > 0.7
    true = (left[seen_by_both].astype(float) + match[seen_by_both]) / 2

    def error(picture: Picture) -> float:
        placed = cv2.remap(picture, (x + moved) / 2, y, cv2.INTER_LINEAR)[seen_by_both]
        return float(10 * np.log10(255**2 / np.mean((placed - true) ** 2)))

    (made,) = interpolator.between(left, right, [0.5])
    assert error(made) > 26  # measured: 28.3 for RIFE, 28.9 for flow
    assert error(blend(left, right, 0.5)) < 20  # measured: 16.8


def test_flow_is_the_same_backwards(photo: Picture) -> None:
    flow, first, second = FlowInterpolator(), view(photo, -5), view(photo, 5, 2)
    (ahead,), (back,) = flow.between(first, second, [0.25]), flow.between(second, first, [0.75])
    assert np.abs(ahead.astype(int) - back).max() <= 1  # a half rounds either way


def test_flow_does_not_depend_on_the_number_of_threads(photo: Picture) -> None:
    flow, pair = FlowInterpolator(), (view(photo, -5), view(photo, 5, 2))
    before = cv2.getNumThreads()
    try:
        made = []
        for threads in (1, 2, 5):
            cv2.setNumThreads(threads)
            made.append(flow.between(*pair, [0.4])[0])
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(made[0], made[1])
    assert np.array_equal(made[0], made[2])


@pytest.mark.parametrize("time", [-0.1, 1.1, float("nan")])
def test_a_time_outside_is_refused(time: float) -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(ValueError, match=r"lies in 0\.\.1"):
        FlowInterpolator().between(picture, picture, [time])


def test_pictures_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="have one shape"):
        FlowInterpolator().between(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8), [0.5])


def test_without_the_pack_flow_is_taken_and_with_it_rife(rife: Rife) -> None:
    assert open_interpolator(None).name.startswith("flow-")
    assert open_interpolator(installed("rife")).name.startswith("rife-4.0-float32")
    assert interpolator_memory(installed("rife"), (1024, 576)) > rife.weights_size + interpolator_memory(None, (1, 1))


def test_a_picture_is_fetched_from_where_the_motion_points() -> None:
    picture = torch.arange(24.0).reshape(1, 1, 4, 6)
    flow = torch.zeros(1, 2, 4, 6)
    flow[:, 0], flow[:, 1] = 2, 1
    moved = fetched(picture, flow)
    assert torch.allclose(moved[..., :3, :4], picture[..., 1:, 2:], atol=1e-4)
    assert torch.allclose(moved[..., 0, 5], picture[..., 1, 5], atol=1e-4)  # beyond the border: the border


# The file of weights. Random ones have the names and shapes that are looked at here.


@pytest.fixture(scope="module")
def random_weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    return {f"module.{name}": item for name, item in RifeNetwork().state_dict().items()}


def saved(folder: Path, content: object) -> Path:
    torch.save(content, folder / "flownet.pkl")
    return folder


def test_half_floats_give_the_picture_of_whole_ones(rife: Rife, photo: Picture) -> None:
    """On a GPU the weights are half floats; positions must not be."""
    halves = RifeNetwork().half().eval()
    halves.load_state_dict({name: item.half() for name, item in rife._network.state_dict().items()})
    pair = [rife._padded(view(photo, side)[:MULTIPLE]) for side in (-3, 3)]
    with torch.inference_mode():
        assert (halves(*pair, 0.5) - rife._network(*pair, 0.5)).abs().mean() < 0.02 / 255  # measured: 0.002


def test_the_weights_of_training_are_passed_over(tmp_path: Path, random_weights: dict[str, torch.Tensor]) -> None:
    extra = {"module.unet.down0.weight": torch.zeros(1), "module.block_tea.conv0.0.0.weight": torch.zeros(1)}
    loaded = Rife.open(saved(tmp_path, {**random_weights, **extra}))
    state = loaded._network.state_dict()
    assert all(torch.equal(state[name.removeprefix("module.")], item) for name, item in random_weights.items())


@pytest.mark.parametrize("change", ["missing", "unexpected", "another shape"])
def test_weights_that_do_not_fit_are_refused(
    tmp_path: Path, random_weights: dict[str, torch.Tensor], change: str
) -> None:
    weights = dict(random_weights)
    if change == "missing":
        del weights["module.block2.lastconv.bias"]
    elif change == "unexpected":
        weights["module.block2.more"] = torch.zeros(1)
    else:
        weights["module.block2.lastconv.bias"] = torch.zeros(6)
    with pytest.raises(WeightsError, match=r"^RIFE: flownet\.pkl is of another release, or not complete") as raised:
        Rife.open(saved(tmp_path, weights))
    assert "block2" in raised.value.detail


class Harmful:
    """What a pickle may hold: a call that is made while it is read."""

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("harm"),)


def test_no_code_in_the_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match="is damaged or holds more than weights"):
        Rife.open(saved(tmp_path, {"module.block0": Harmful()}))
    assert not Path("harm").exists()


def test_a_file_that_is_missing_damaged_or_of_something_else_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"^RIFE: its file flownet\.pkl is missing"):
        Rife.open(tmp_path)
    (tmp_path / "flownet.pkl").write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="is damaged") as raised:
        Rife.open(tmp_path)
    assert str(tmp_path) not in raised.value.message
    with pytest.raises(WeightsError, match="is another model's"):
        Rife.open(saved(tmp_path, [1, 2, 3]))
