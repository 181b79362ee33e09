"""Enlarging: Lanczos against its formula, tiles against the whole picture, SPAN's real weights on real photographs."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.core.errors import WeightsError
from engine.packs import installed
from models.super_resolution import Lanczos, Span, SpandrelUpscaler, Upscaler, open_upscaler, upscaler_memory
from models.super_resolution.lanczos import resampled
from models.super_resolution.tiles import enlarged_in_tiles, smallest_tile
from tests.models.moving import Picture, opened, psnr

torch = pytest.importorskip("torch")

from models.super_resolution.span_network import REACH, SpanNetwork  # noqa: E402


@pytest.fixture(scope="module")
def span() -> Span:
    """The real weights; skips where their pack is not installed."""
    return Span.open(span_folder())


def span_folder() -> Path:
    """Where the pack lies. Whoever pulled it accepted its licence; these tests need not ask the site once more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTIPLANE_LICENCES", "Apache-2.0,GPL-3.0")
        folder = installed("span-x2")
    if folder is None:
        pytest.skip("the pack span-x2 is not installed: MULTIPLANE_LICENCES must hold GPL-3.0 where it is pulled")
    return folder


@pytest.fixture(scope="module", params=["lanczos", "span"])
def upscaler(request: pytest.FixtureRequest) -> Upscaler:
    return Lanczos() if request.param == "lanczos" else request.getfixturevalue("span")


@pytest.fixture(scope="module")
def photo(dandelion: Path) -> Picture:
    return opened(dandelion, 320)[40:130, :160]


def lanczos_matrix(before: int, after: int) -> np.ndarray:
    """(after, before) weights of Lanczos-3, pixel centres at +0.5, as the formula has them."""
    places = (np.arange(after) + 0.5) * before / after - 0.5
    away = places[:, None] - np.arange(before)
    weights = np.where(np.abs(away) < 3, np.sinc(away) * np.sinc(away / 3), 0)
    return weights / weights.sum(1, keepdims=True)


@pytest.mark.parametrize("size", [(300, 169), (301, 200), (320, 180)])
def test_lanczos_has_the_formula_s_weights_at_every_position(photo: Picture, size: tuple[int, int]) -> None:
    across, down = lanczos_matrix(photo.shape[1], size[0]), lanczos_matrix(photo.shape[0], size[1])
    noise = np.random.default_rng(2).integers(60, 190, photo.shape, dtype=np.uint8)
    for picture in (photo, noise):
        true = np.einsum("yh,hwc,xw->yxc", down, picture.astype(float), across, optimize=True).clip(0, 255)
        assert np.abs(Lanczos().enlarge(picture, size) - true).max() < 1.4  # two roundings, the first one amplified


def test_a_picture_of_the_wanted_size_is_given_back(upscaler: Upscaler, photo: Picture) -> None:
    same = upscaler.enlarge(photo, (160, 90))
    assert np.array_equal(same, photo)
    assert same is not photo


@pytest.mark.parametrize("size", [(300, 169), (320, 180), (170, 96), (700, 394)])
def test_any_size_is_reached_and_the_picture_stays_where_it_is(
    upscaler: Upscaler, photo: Picture, size: tuple[int, int]
) -> None:
    large = upscaler.enlarge(photo, size)
    assert (large.shape, large.dtype) == ((size[1], size[0], 3), np.uint8)
    back = cv2.resize(large, (160, 90), interpolation=cv2.INTER_AREA)
    moved = np.roll(photo, 1, 1)
    assert psnr(back, photo) > psnr(back, moved) + 6


@pytest.mark.parametrize("side", [1, 2, 7])
def test_the_smallest_pictures(upscaler: Upscaler, side: int) -> None:
    assert (upscaler.enlarge(np.full((side, side, 3), 90, np.uint8), (2 * side, 2 * side)) - 90.0).max() < 4


def test_a_smaller_size_is_refused(upscaler: Upscaler, photo: Picture) -> None:
    with pytest.raises(ValueError, match="160 x 90 cannot be enlarged to 159 x 90"):
        upscaler.enlarge(photo, (159, 90))


@pytest.mark.parametrize("name", ["dandelion.jpg", "room.jpg", "friends.jpg", "fig.jpg", "mountains.jpg", "sunset.jpg"])
def test_span_brings_back_more_of_a_real_photo_than_lanczos(
    span: Span, shared_photo: Callable[[str], Path], name: str
) -> None:
    """Made small as in its training (bicubic), and by areas, as cameras and we do it.

    Measured at 400 and 640 pixels: 1.2 to 5.1 dB more in luma, and -0.1 to 1.4 dB.
    """
    true = opened(shared_photo(name), 240)
    true = true[: true.shape[0] // 2 * 2, : true.shape[1] // 2 * 2]
    size = true.shape[1], true.shape[0]
    half = size[0] // 2, size[1] // 2
    by_cubic = np.array(Image.fromarray(true).resize(half, Image.Resampling.BICUBIC))
    by_area = cv2.resize(true, half, interpolation=cv2.INTER_AREA)
    for small, gain in ((by_cubic, 0.8), (by_area, -0.3)):
        luma = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None] for picture in (true, *both(span, small, size))]
        assert psnr(luma[1], luma[0]) > psnr(luma[2], luma[0]) + gain
        detail = [cv2.Laplacian(plane.astype(np.float32), cv2.CV_32F) for plane in luma]
        assert detail[1].std() > 1.2 * detail[2].std()


def both(span: Span, small: Picture, size: tuple[int, int]) -> tuple[Picture, Picture]:
    return span.enlarge(small, size), Lanczos().enlarge(small, size)


def test_span_keeps_colours_and_flat_areas(span: Span, photo: Picture) -> None:
    large = span.enlarge(photo, (320, 180))
    assert np.abs(large.mean((0, 1)) - photo.mean((0, 1))).max() < 0.5
    for colour in ((0, 0, 0), (255, 255, 255), (200, 30, 90)):
        flat = span.enlarge(np.full((40, 40, 3), colour, np.uint8), (80, 80)).astype(int)
        assert np.abs(flat - colour).max() <= 4  # measured: 3


def test_a_clip_that_stands_still_stays_still(upscaler: Upscaler, photo: Picture) -> None:
    assert np.array_equal(upscaler.enlarge(photo, (300, 169)), upscaler.enlarge(photo.copy(), (300, 169)))


def test_a_slow_drift_does_not_shimmer(span: Span, shared_photo: Callable[[str], Path]) -> None:
    """What changes from one picture to the next, against what changes in the true clip; 0.3 pixels a picture."""
    errors: dict[str, list[float]] = {"span": [], "lanczos": []}
    for name in ("friends.jpg", "mountains.jpg"):
        source = cv2.GaussianBlur(opened(shared_photo(name), 700), (0, 0), 0.8)
        before: list[Picture] = []
        for step in range(3):
            place = np.array([[1, 0, 60 + 0.6 * step], [0, 1, 60 + 0.2 * step]])
            true = cv2.warpAffine(source, place, (256, 160), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
            small = cv2.resize(true, (128, 80), interpolation=cv2.INTER_AREA)
            now = [picture.astype(float) for picture in (true, *both(span, small, (256, 160)))]
            for kind, at in (("span", 1), ("lanczos", 2)):
                if before:
                    errors[kind].append(float(np.std((now[at] - before[at]) - (now[0] - before[0]))))
            before = now
    assert np.mean(errors["span"]) < np.mean(errors["lanczos"])  # measured: 0.93 of it; 0.81 at one pixel a picture


# Tiles.


def doubled(rgb: Picture) -> np.ndarray:
    """A model that looks 3 pixels around itself, and pads with black as networks do."""
    blurred = cv2.blur(rgb.astype(np.float32), (7, 7), borderType=cv2.BORDER_CONSTANT)
    return blurred.repeat(2, 0).repeat(2, 1)


@pytest.mark.parametrize(("tile", "reach"), [(smallest_tile(3), 3), (40, 3), (66, 20), (400, 3)])
@pytest.mark.parametrize("shape", [(96, 130), (31, 200), (8, 8), (97, 1)])
def test_tiles_make_the_whole_picture(tile: int, reach: int, shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(4).integers(0, 256, (*shape, 3), dtype=np.uint8)
    whole = doubled(np.pad(rgb, ((3, 3), (3, 3), (0, 0)), mode="edge"))[6:-6, 6:-6]
    sizes = []

    def model(part: Picture) -> np.ndarray:
        sizes.append(max(part.shape[:2]))
        return doubled(part)

    tiled = enlarged_in_tiles(model, rgb, 2, tile, reach)
    assert tiled.shape == (2 * shape[0], 2 * shape[1], 3)
    assert np.abs(tiled - whole).max() <= 0.51
    assert max(sizes) <= tile


def test_no_seam_is_seen_where_a_model_looks_further_than_told() -> None:
    """Each tile a little brighter than the one before: in place of a step there is a slope over the strip."""
    count = 0

    def model(part: Picture) -> np.ndarray:
        nonlocal count
        count += 1
        return np.full((2 * part.shape[0], 2 * part.shape[1], 3), 100 + 8 * count, np.float32)

    made = enlarged_in_tiles(model, np.zeros((4, 100, 3), np.uint8), 2, 40, 4).astype(int)
    assert count > 3
    assert np.ptp(made) >= 8 * 3
    assert np.abs(np.diff(made, axis=1)).max() <= 1


def test_span_in_tiles_is_span_on_the_whole(span: Span, photo: Picture) -> None:
    part = photo[:60, :120]
    whole, tiled = (enlarged_in_tiles(span._tile, part, 2, tile, REACH) for tile in (400, 70 + smallest_tile(0)))
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    blind = enlarged_in_tiles(span._tile, part, 2, 40, 1)  # the test can fail
    assert np.abs(whole.astype(int) - blind).max() > 1


def test_a_tile_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="a tile of 31 pixels is too small"):
        enlarged_in_tiles(doubled, np.zeros((9, 9, 3), np.uint8), 2, smallest_tile(3) - 1, 3)


# What is chosen, and files that are wrong.


def test_span_where_it_is_installed_and_lanczos_where_nothing_is(span: Span) -> None:
    folder = span_folder()
    assert open_upscaler(None, None).name == "lanczos-3"
    assert open_upscaler(folder).name == "span-x2-float32"
    assert upscaler_memory(folder) > span.weights_size


def copied(target: Path, **changes: Callable[[bytes], bytes]) -> Path:
    folder = span_folder()
    for kind in ("param", "bin"):
        data = (folder / f"spanx2_ch48.{kind}").read_bytes()
        (target / f"spanx2_ch48.{kind}").write_bytes(changes.get(kind, bytes)(data))
    return target


CONCAT = b"/conv_1/eval_conv/Conv_output_0_splitncnn_0 /conv_2/eval_conv/Conv_output_0 /block_1"
SWAPPED = b"/conv_2/eval_conv/Conv_output_0 /conv_1/eval_conv/Conv_output_0_splitncnn_0 /block_1"


@pytest.mark.parametrize(
    "change",
    [
        {"bin": lambda data: data[:-4]},
        {"bin": lambda data: data + b"\0\0\0\0"},
        {"bin": lambda data: data[:12] + b"\x01\x02\x03\x04" + data[16:]},
        {"bin": lambda data: b"\0\0\0\x3f" + data[4:]},
        {"param": lambda data: b"7767518" + data[7:]},
        {"param": lambda data: data[:2000]},
        {"param": lambda data: data.replace(b"Swish  ", b"Mish   ", 1)},
        {"param": lambda data: data.replace(b"2.550000e+02", b"1.000000e+00")},
        {"param": lambda data: data.replace(CONCAT, SWAPPED)},
        {"param": lambda data: data.replace(b"/block_3/c2_r/eval", b"/block_3/c4_r/eval")},
        {"param": lambda data: data.replace(b"0=48 1=3", b"0=4x 1=3", 1)},
        {"param": lambda data: b"\xff" * 300},
    ],
    ids=["short", "long", "tag", "mean", "magic", "cut", "layer", "range", "order", "name", "number", "noise"],
)
def test_other_files_are_refused(span: Span, tmp_path: Path, change: dict[str, Callable[[bytes], bytes]]) -> None:
    with pytest.raises(WeightsError, match=r"^SPAN: its files are damaged or another model's: ") as raised:
        Span.open(copied(tmp_path, **change))
    assert str(tmp_path) not in raised.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"^SPAN: its file spanx2_ch48\.param is missing: "):
        Span.open(tmp_path)


def test_half_floats_give_the_picture_of_whole_ones(span: Span, photo: Picture) -> None:
    """On a GPU the weights are half floats: nothing in the network may overflow them."""
    halves = SpanNetwork(48, 2).half().eval()
    halves.load_state_dict({name: item.half() for name, item in span._network.state_dict().items()})
    bright = np.concatenate([photo[:48, :64], np.full((48, 16, 3), 255, np.uint8), np.zeros((48, 16, 3), np.uint8)], 1)
    batch = torch.from_numpy(bright).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        assert (
            halves(batch.half()).float() - span._network(batch)
        ).abs().max() < 4 / 255  # measured: 2.1, at the edge to white


# Models that a studio brings, by way of spandrel.


@pytest.fixture(scope="module")
def spandrel() -> object:
    """spandrel as our adapter imports it: without torchvision."""
    from models.super_resolution.spandrel_model import _torchvision

    with _torchvision():
        return pytest.importorskip("spandrel")


def brought(folder: Path, name: str) -> Path:
    """A tiny random model of one of spandrel's classes."""
    from safetensors.torch import save_file
    from spandrel.architectures.ESRGAN import ESRGAN
    from spandrel.architectures.RealCUGAN import UpCunet2x
    from spandrel.architectures.SPAN import SPAN

    torch.manual_seed(1)
    model = {
        "ESRGAN": lambda: ESRGAN(num_filters=8, num_blocks=1, scale=4),
        "SPAN": lambda: SPAN(num_in_ch=3, num_out_ch=3, feature_channels=8, upscale=2),
        "RealCUGAN": UpCunet2x,
        "grey": lambda: ESRGAN(in_nc=1, out_nc=1, num_filters=8, num_blocks=1, scale=4),
        "mends": lambda: ESRGAN(num_filters=8, num_blocks=1, scale=1),
    }[name]()
    weights = {key: item.detach().clone().contiguous() for key, item in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    return folder


@pytest.mark.parametrize(("name", "factor"), [("ESRGAN", 4), ("SPAN", 2)])
def test_a_model_that_spandrel_knows_enlarges(
    spandrel: object, tmp_path: Path, photo: Picture, name: str, factor: int
) -> None:
    model = open_upscaler(None, brought(tmp_path, name))
    assert isinstance(model, SpandrelUpscaler)
    part = photo[:40, :56]
    large = model.enlarge(part, (factor * 56, factor * 40))
    batch = torch.from_numpy(np.pad(part, ((32, 32), (32, 32), (0, 0)), mode="edge")).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        true = model._descriptor.model(batch).clamp(0, 1)[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(large - true[32 * factor : -32 * factor, 32 * factor : -32 * factor]).max() <= 0.51
    assert model.enlarge(part, (70, 50)).shape == (50, 70, 3)
    assert upscaler_memory(None, tmp_path) > model.weights_size


def test_spandrel_leaves_no_torchvision_behind(spandrel: object, tmp_path: Path) -> None:
    import sys
    from importlib.util import find_spec

    SpandrelUpscaler.open(brought(tmp_path, "ESRGAN"))
    if find_spec("torchvision") is None:
        assert "torchvision" not in sys.modules


def test_another_file_is_another_name(spandrel: object, tmp_path: Path) -> None:
    first = SpandrelUpscaler.open(brought(tmp_path, "ESRGAN")).name
    from safetensors.torch import load_file, save_file

    weights = load_file(tmp_path / "model.safetensors")
    save_file({name: item + 1 for name, item in weights.items()}, tmp_path / "model.safetensors")
    assert SpandrelUpscaler.open(tmp_path).name != first


@pytest.mark.parametrize("name", ["grey", "mends"])
def test_a_model_that_does_not_enlarge_colour_is_refused(spandrel: object, tmp_path: Path, name: str) -> None:
    with pytest.raises(WeightsError, match=r"model\.safetensors is no model that enlarges colour pictures\.$"):
        SpandrelUpscaler.open(brought(tmp_path, name))


def test_weights_of_no_known_kind_are_refused(spandrel: object, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(3)}, tmp_path / "model.safetensors")
    with pytest.raises(WeightsError, match=r"model\.safetensors is damaged, or of a kind that spandrel does not know"):
        SpandrelUpscaler.open(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="is damaged"):
        SpandrelUpscaler.open(tmp_path)


def test_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "RealESRGAN_x2plus.pth").write_bytes(b"anything")
    with pytest.raises(
        WeightsError, match=r"RealESRGAN_x2plus\.pth is a pickle, .*: convert it to \.safetensors first"
    ):
        SpandrelUpscaler.open(tmp_path)


def test_a_folder_with_none_or_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"^The enlarging model: its file \(\*\.safetensors\) is missing"):
        SpandrelUpscaler.open(tmp_path)
    for name in "ab":
        (tmp_path / f"{name}.safetensors").touch()
    with pytest.raises(WeightsError, match="holds 2 files of weights"):
        SpandrelUpscaler.open(tmp_path)


def test_a_larger_picture_made_smaller_does_not_alias() -> None:
    stripes = np.zeros((60, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.ptp(resampled(stripes, (100, 60))[:, 10:-10].astype(int)) < 12
