"""The reader of .cube files: values against plain arithmetic, and every way to be wrong."""

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.errors import CorruptMedia, MediaError, MediaLimitExceeded, UnreadableMedia, UnsupportedMedia
from engine.raster.effects.cube import MAX_CUBE_SIZE, read_cube


def write(folder: Path, text: str) -> Path:
    path = folder / "look.cube"
    path.write_text(text, encoding="utf-8")
    return path


def lines_of(table: NDArray[np.float64]) -> str:
    return "".join(f"{r:.6f} {g:.6f} {b:.6f}\n" for r, g, b in table.reshape(-1, 3))


def random_table(size: int, seed: int = 0) -> NDArray[np.float64]:
    """(blue, green, red, 3): red runs fastest in the file."""
    return np.random.default_rng(seed).random((size, size, size, 3)).round(6)


@pytest.mark.parametrize("size", [2, 3, 17])
def test_the_table_is_read_with_red_running_fastest(size: int, tmp_path: Path) -> None:
    table = random_table(size)
    cube = read_cube(write(tmp_path, f'# a comment\nTITLE "My look"\nLUT_3D_SIZE {size}\n\n{lines_of(table)}'))
    assert cube.title == "My look"
    for b, g, r in product((0, size - 1), (0, 1), (size - 1, 1)):
        at = np.array([[r, g, b]]) / (size - 1)
        assert cube.look(at)[0] == pytest.approx(table[b, g, r], abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_between_the_points_it_interpolates_in_tetrahedra(color: tuple[float, float, float]) -> None:
    table = random_table(2, 4)
    with TemporaryDirectory() as folder:
        cube = read_cube(write(Path(folder), f"LUT_3D_SIZE 2\n{lines_of(table)}"))
    # By hand: walk from black to white along the axes, the largest fraction first.
    order = sorted(range(3), key=lambda axis: -color[axis])
    at = [0, 0, 0]
    wanted = table[0, 0, 0].copy()
    for axis in order:
        before = table[at[2], at[1], at[0]]
        at[axis] = 1
        wanted += color[axis] * (table[at[2], at[1], at[0]] - before)
    assert cube.look(np.array([color]))[0] == pytest.approx(wanted, abs=1e-5)


def test_a_linear_table_is_exact_everywhere(tmp_path: Path) -> None:
    at = np.linspace(0, 1, 5)
    b, g, r = np.meshgrid(at, at, at, indexing="ij")
    table = np.stack([0.2 + 0.5 * r + 0.1 * b, 0.9 - 0.4 * g, 0.3 * r + 0.3 * g + 0.3 * b], 3)
    cube = read_cube(write(tmp_path, f"LUT_3D_SIZE 5\n{lines_of(table)}"))
    colors = np.random.default_rng(1).random((200, 3))
    r, g, b = colors.T
    wanted = np.stack([0.2 + 0.5 * r + 0.1 * b, 0.9 - 0.4 * g, 0.3 * (r + g + b)], 1)
    assert np.abs(cube.look(colors) - wanted).max() < 2e-6


def test_one_dimension_curves_each_channel(tmp_path: Path) -> None:
    cube = read_cube(write(tmp_path, "LUT_1D_SIZE 3\n0 0.1 1\n0.7 0.5 0.5\n1 0.9 0\n"))
    assert cube.look(np.array([[0.25, 0.5, 0.75]]))[0] == pytest.approx([0.35, 0.5, 0.25])


@pytest.mark.parametrize(
    "domain", ["DOMAIN_MIN -1 0 0.5\nDOMAIN_MAX 3 2 1.5\n", "DOMAIN_MAX 3 2 1.5\nDOMAIN_MIN -1 0 0.5\n"]
)
def test_the_domain_says_what_the_ends_of_the_table_stand_for(domain: str, tmp_path: Path) -> None:
    cube = read_cube(write(tmp_path, f"{domain}LUT_1D_SIZE 2\n0 0 0\n1 1 1\n"))
    assert cube.look(np.array([[1.0, 1.0, 1.0]]))[0] == pytest.approx([0.5, 0.5, 0.5])
    assert cube.look(np.array([[-9.0, 9.0, 0.75]]))[0] == pytest.approx([0, 1, 0.25])


def test_the_input_range_of_resolve(tmp_path: Path) -> None:
    cube = read_cube(write(tmp_path, f"LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0.0 2.0\n{lines_of(random_table(2))}"))
    assert cube.high.tolist() == [2, 2, 2]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_files_of_every_system_are_read(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "look.cube"
    text = '﻿TITLE "Été"\nLUT_1D_SIZE 2\n  0 0 0  \n#\n\t1.0 1e0 +1\n\n'
    path.write_bytes(text.replace("\n", ending).encode())
    cube = read_cube(path)
    assert cube.title == "Été"
    assert cube.table.tolist() == [[0, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("", CorruptMedia, "does not say its size"),
        ("0 0 0\n1 1 1\n", CorruptMedia, "does not say its size"),
        ("LUT_3D_SIZE 1\n0 0 0\n", CorruptMedia, "line 1: LUT_3D_SIZE must be a whole number from 2 to 256"),
        ("LUT_3D_SIZE 257\n", CorruptMedia, "from 2 to 256"),
        ("LUT_1D_SIZE 65537\n", CorruptMedia, "from 2 to 65536"),
        ("LUT_3D_SIZE 2.5\n", CorruptMedia, "line 1"),
        ("LUT_3D_SIZE -2\n", CorruptMedia, "line 1"),
        ("LUT_3D_SIZE\n", CorruptMedia, "line 1"),
        ("LUT_1D_SIZE 2\n0 0 0\n", CorruptMedia, "ends after 1 of the 2 lines"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n1 1 1\n", CorruptMedia, "line 4: the table has more than the 2 lines"),
        ("LUT_1D_SIZE 2\n0 0 0\n# x\n1 1\n", CorruptMedia, "line 4: 3 numbers are expected, not '1 1'"),
        ("LUT_1D_SIZE 2\n0 0 0 0\n1 1 1 1\n", CorruptMedia, "line 2: 3 numbers"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 x 1\n", CorruptMedia, "line 3: 3 numbers are expected, not '1 x 1'"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 nan 1\n", CorruptMedia, "line 3"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1e999\n", CorruptMedia, "line 3"),
        ("LUT_1D_SIZE 2\nnan 0 0\n1 1 1\n", CorruptMedia, "line 2"),
        ("LUT_1D_SIZE 2\nDOMAIN_MIN 0 0\n", CorruptMedia, "line 2: 3 numbers are expected, not '0 0'"),
        ("DOMAIN_MIN 0 0 0\nDOMAIN_MIN 0 0 0\n", CorruptMedia, "line 2: DOMAIN_MIN is there twice"),
        ("LUT_1D_SIZE 2\nDOMAIN_MAX 1 0 1\n0 0 0\n1 1 1\n", CorruptMedia, "DOMAIN_MIN below DOMAIN_MAX"),
        ("TITLE unquoted\nLUT_1D_SIZE 2\n", CorruptMedia, "line 1: a title stands in quotes"),
        ("LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n", UnsupportedMedia, "line 2: a table with a shaper"),
        ("LUT_IN_VIDEO_RANGE\nLUT_1D_SIZE 2\n", UnsupportedMedia, "line 1: the keyword 'LUT_IN_VIDEO_RANGE'"),
        ('LUT_1D_SIZE 2\n0 0 0\nTITLE "late"\n1 1 1\n', CorruptMedia, "line 3"),
        ("GIF89a\0\0\0", CorruptMedia, "not text"),
    ],
)
def test_what_breaks_the_format_is_refused_with_its_line(
    text: str, error: type[MediaError], says: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as caught:
        read_cube(write(tmp_path, text))
    assert caught.value.message.startswith("look.cube: ")
    assert says in caught.value.message
    assert caught.value.message.endswith(".")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match=r"none\.cube: there is no such look-up table\."):
        read_cube(tmp_path / "none.cube")
    with pytest.raises(UnreadableMedia, match="cannot be read"):
        read_cube(tmp_path)


def test_a_table_larger_than_the_site_allows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n")
    with path.open("r+b") as file:
        file.truncate(1_000_001)  # sparse, and not text: size counts first
    monkeypatch.setenv(MAX_CUBE_SIZE.variable, "1")
    with pytest.raises(MediaLimitExceeded, match="MULTIPLANE_MAX_CUBE_MB"):
        read_cube(path)
    monkeypatch.setenv(MAX_CUBE_SIZE.variable, "2")
    with pytest.raises(CorruptMedia, match="not text"):
        read_cube(path)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_rubbish_is_refused_in_a_sentence(data: bytes) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "rubbish.cube"
        path.write_bytes(b"LUT_1D_SIZE 2\n" + data)
        said = ""
        try:
            shape = read_cube(path).table.shape
        except MediaError as error:
            said, shape = error.message, (2, 3)
    assert shape == (2, 3)
    assert said == "" or said.startswith("rubbish.cube: ")
