"""The subject of a photo: the mask's size and range, and a confidence that tells when there is none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.core.errors import WeightsError
from engine.packs import installed
from models.matte import Matte, MatteModel, U2NetP
from tests.models.onnx_file import write_onnx

SQUARE = (1, 3, 320, 320)


@pytest.fixture(scope="module")
def u2netp() -> U2NetP:
    """The real model; skips where its pack is not installed."""
    folder = installed("u2netp")
    if folder is None:
        pytest.skip("the pack u2netp is not installed: make packs")
    return U2NetP.open(folder)


@pytest.fixture
def brightness(tmp_path: Path) -> U2NetP:
    """A tiny stand-in: what is brighter than the mean of ImageNet is subject."""
    nodes = [("Conv", ("input.1", "ones"), "sum", {}), ("Sigmoid", ("sum",), "out", {})]
    write_onnx(
        tmp_path / "u2netp.onnx", {"input.1": SQUARE}, nodes, ("out", (1, 1, 320, 320)), {"ones": np.ones((1, 3, 1, 1))}
    )
    return U2NetP.open(tmp_path)


def test_a_mask_has_the_size_of_the_photo(brightness: MatteModel) -> None:
    photo = np.zeros((90, 200, 3), np.uint8)
    photo[:, :100] = 255
    matte = brightness.find(photo)
    assert matte.alpha.shape == (90, 200)
    assert matte.alpha.dtype == np.float32
    assert (matte.alpha.min(), matte.alpha.max()) == (0, 1)
    assert (matte.alpha[:, :98] > 0.99).all()
    assert (matte.alpha[:, 102:] < 0.01).all()
    assert matte.found


@pytest.mark.parametrize("value", [0, 3, 128, 255])
def test_a_flat_picture_has_no_subject(brightness: MatteModel, value: int) -> None:
    matte = brightness.find(np.full((40, 30, 3), value, np.uint8))
    assert not matte.found
    assert np.isfinite(matte.alpha).all()


def test_what_is_no_picture_is_refused(brightness: MatteModel) -> None:
    for shape in ((40, 30), (40, 30, 4), (0, 30, 3)):
        with pytest.raises(ValueError, match=r"a picture is \(H, W, 3\) uint8"):
            brightness.find(np.zeros(shape, np.uint8))


def test_wrong_files_are_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"^U-2-Net-p: its file u2netp\.onnx is missing: "):
        U2NetP.open(tmp_path)
    write_onnx(tmp_path / "u2netp.onnx", {"x": (1, 3, 8, 8)}, [("Abs", ("x",), "y", {})], ("y", (1, 3, 8, 8)))
    with pytest.raises(WeightsError, match=r"^U-2-Net-p: u2netp\.onnx is another model: ") as raised:
        U2NetP.open(tmp_path)
    assert str(tmp_path) not in raised.value.message


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        image.draft("RGB", (800, 800))
        image.thumbnail((640, 640))
        return np.array(image.convert("RGB"))


def share(matte: Matte, left: float, top: float, right: float, bottom: float) -> float:
    """How much of the mask lies in a part of the photo, given in shares of its sides."""
    height, width = matte.alpha.shape
    part = matte.alpha[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    return float(part.sum() / matte.alpha.sum())


def test_the_dandelion_is_the_subject_of_the_example(u2netp: U2NetP, dandelion: Path) -> None:
    matte = u2netp.find(opened(dandelion))
    assert matte.confidence > 0.8
    assert share(matte, 0.1, 0, 0.5, 0.6) > 0.95


def test_subjects_of_real_photos_are_found_and_a_landscape_has_none(
    u2netp: U2NetP, shared_photo: Callable[[str], Path]
) -> None:
    assert share(u2netp.find(opened(shared_photo("fig.jpg"))), 0.2, 0, 1, 1) > 0.97
    assert share(u2netp.find(opened(shared_photo("room.jpg"))), 0, 0.4, 0.85, 1) > 0.95
    assert u2netp.find(opened(shared_photo("friends.jpg"))).found
    assert u2netp.find(opened(shared_photo("mountains.jpg"))).confidence < 0.2


def test_pictures_of_nothing_have_no_subject(u2netp: U2NetP) -> None:
    ramp = np.repeat(np.tile(np.linspace(0, 255, 400), (300, 1))[..., None], 3, 2).astype(np.uint8)
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    for picture in (ramp, noise, np.zeros((300, 400, 3), np.uint8), np.full((300, 400, 3), 255, np.uint8)):
        matte = u2netp.find(picture)
        assert not matte.found
        assert np.isfinite(matte.alpha).all()


def test_the_same_photo_has_the_same_mask(u2netp: U2NetP, dandelion: Path) -> None:
    photo = opened(dandelion)
    assert np.array_equal(u2netp.find(photo).alpha, u2netp.find(photo).alpha)
