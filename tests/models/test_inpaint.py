"""Filling holes: only the hole changes, nothing of what stood in it is used, and windows hold it all."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.errors import EngineError, WeightsError
from models.inpaint import InpaintModel, Lama
from models.inpaint.windows import MOST_WINDOWS, windows_of
from tests.models.onnx_file import write_onnx

SIDE = (1, 3, 512, 512)
INPUTS = {"image": SIDE, "mask": (1, 1, 512, 512)}
PAINT = (200, 40, 90)


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Lama:
    """Paints one colour everywhere, inside of the hole and outside, plus what it sees inside of the hole."""
    folder = tmp_path_factory.mktemp("lama")
    write_onnx(
        folder / "lama_fp32.onnx",
        INPUTS,
        [
            ("Mul", ("image", "mask"), "inside", {}),
            ("Mul", ("inside", "white"), "seen", {}),
            ("Add", ("seen", "paint"), "output", {}),
        ],
        ("output", SIDE),
        {"white": np.full((1, 1, 1, 1), 255), "paint": np.array(PAINT).reshape(1, 3, 1, 1)},
    )
    return Lama.open(folder)


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(60, 90), (512, 512), (700, 1300), (3, 2), (1, 600)])
def test_only_the_hole_changes_and_nothing_in_it_is_looked_at(painter: InpaintModel, size: tuple[int, int]) -> None:
    rgb = picture(*size)
    hole = np.zeros(size, bool)
    hole[size[0] // 3 : size[0] // 2 + 1, size[1] // 4 : size[1] // 2 + 1] = True
    before = rgb.copy()
    filled = painter.fill(rgb, hole)
    assert np.array_equal(rgb, before), "the caller's picture is left alone"
    assert np.array_equal(filled[~hole], rgb[~hole])
    assert (filled[hole] == PAINT).all(), "a subject in the hole would have been added to the paint"


def test_a_picture_without_hole_is_itself(painter: InpaintModel) -> None:
    rgb = picture(40, 50)
    assert np.array_equal(painter.fill(rgb, np.zeros((40, 50), bool)), rgb)


def test_a_picture_that_is_all_hole_is_painted(painter: InpaintModel) -> None:
    assert (painter.fill(picture(40, 50), np.ones((40, 50), bool)) == PAINT).all()


def test_arrays_that_are_no_picture_and_hole_are_refused(painter: InpaintModel) -> None:
    with pytest.raises(ValueError, match=r"the hole is \(40, 50\) bool, not \(50, 40\) bool"):
        painter.fill(picture(40, 50), np.zeros((50, 40), bool))
    with pytest.raises(ValueError, match=r"not .*uint8$"):
        painter.fill(picture(40, 50), np.zeros((40, 50), np.uint8))
    with pytest.raises(ValueError, match=r"a picture is \(H, W, 3\) uint8"):
        painter.fill(picture(40, 50).astype(np.float32), np.zeros((40, 50), bool))


def test_a_picture_of_what_is_no_number_is_refused(tmp_path: Path) -> None:
    nodes = [("Sub", ("image", "image"), "zero", {}), ("Div", ("zero", "zero"), "output", {})]
    write_onnx(tmp_path / "a.onnx", INPUTS, [("Mul", ("mask", "image"), "x", {}), *nodes], ("output", SIDE))
    with pytest.raises(EngineError, match="LaMa painted nothing for this photo"):
        Lama.open(tmp_path).fill(picture(40, 50), np.ones((40, 50), bool))


def test_wrong_files_are_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"^LaMa: its file \(\*\.onnx\) is missing: "):
        Lama.open(tmp_path)
    (tmp_path / "a.onnx").write_bytes(b"no model at all")
    with pytest.raises(WeightsError, match=r"^LaMa: a\.onnx is no model that onnxruntime can load: ") as raised:
        Lama.open(tmp_path)
    assert "rotobuf" in raised.value.detail
    write_onnx(tmp_path / "a.onnx", {"image": SIDE}, [("Abs", ("image",), "output", {})], ("output", SIDE))
    with pytest.raises(WeightsError, match=r"^LaMa: a\.onnx is another model: "):
        Lama.open(tmp_path)
    (tmp_path / "b.onnx").touch()
    with pytest.raises(WeightsError, match=r"^LaMa: its folder holds a\.onnx and b\.onnx: "):
        Lama.open(tmp_path)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 899), st.integers(0, 1199), st.integers(1, 90), st.integers(1, 90)), max_size=40)
)
def test_windows_hold_every_pixel_of_the_hole_once(holes: list[tuple[int, int, int, int]]) -> None:
    hole = np.zeros((900, 1200), bool)
    for top, left, height, width in holes:
        hole[top : top + height, left : left + width] = True
    windows = windows_of(hole)
    count = np.zeros(hole.shape, np.int32)
    for window in windows:
        count[window.area] += 1
    assert (count[hole] == 1).all()
    assert count.max(initial=0) <= 1
    assert len(windows) <= MOST_WINDOWS


def test_specks_everywhere_cost_few_windows() -> None:
    hole = np.zeros((2000, 2000), bool)
    hole[::97, ::89] = True
    assert 1 <= len(windows_of(hole)) <= MOST_WINDOWS
