"""A studio's own depth map: what is read, what it means, and what is refused with a sentence."""

import io
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.core.errors import CorruptMedia, MediaError, MediaLimitExceeded, UnreadableMedia, UnsupportedMedia
from engine.depth.fill import fill_invalid
from engine.depth.read import read_depth_file
from engine.media.limits import PhotoLimits

PHOTO = (400, 300)
RAMP = np.repeat(np.linspace(0, 1, 30, dtype=np.float32)[:, None], 40, axis=1)


def pfm(values: np.ndarray, order: str = "<", magic: bytes = b"Pf") -> bytes:
    height, width = values.shape[:2]
    scale = b"-1.0" if order == "<" else b"1.0"
    return magic + b"\n%d %d\n" % (width, height) + scale + b"\n" + values[::-1].astype(f"{order}f4").tobytes()


def npy(values: np.ndarray, **options: bool) -> bytes:
    out = io.BytesIO()
    np.save(out, values, **options)
    return out.getvalue()


def png(values: np.ndarray) -> bytes:
    done, data = cv2.imencode(".png", values)
    assert done
    return bytes(data)


def saved(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


CODES8, CODES16 = (RAMP * 255).round().astype(np.uint8), (RAMP * 65535).round().astype(np.uint16)
FILES = {
    "grey 8-bit PNG": png(CODES8),
    "grey 16-bit PNG": png(CODES16),
    "RGB 8-bit PNG": png(np.dstack([CODES8] * 3)),
    "RGB 16-bit PNG": png(np.dstack([CODES16] * 3)),
    "grey 8-bit TIFF": saved(Image.fromarray(CODES8), "TIFF"),
    "grey 16-bit TIFF": saved(Image.fromarray(CODES16), "TIFF"),
    "float TIFF": saved(Image.fromarray(RAMP), "TIFF"),
    "PFM, little-endian": pfm(RAMP),
    "PFM, big-endian": pfm(RAMP, ">"),
    "PFM in colour": pfm(np.dstack([RAMP] * 3), magic=b"PF"),
    "npy float32": npy(RAMP),
    "npy float16": npy(RAMP.astype(np.float16)),
    "npy float64, columns first": npy(np.asfortranarray(RAMP, np.float64)),
    "npy with a channel": npy(RAMP[None]),
    "npy uint16": npy(CODES16),
    "npy of metres": npy(RAMP * 40 + 2),
}


def write(folder: Path, data: bytes, name: str = "depth.bin") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", FILES)
def test_every_format_says_the_same(tmp_path: Path, kind: str) -> None:
    values = read_depth_file(write(tmp_path, FILES[kind]), PHOTO)
    assert values.dtype == np.float32
    assert values.shape == RAMP.shape
    assert np.abs(values - RAMP).max() < 0.003


@pytest.mark.parametrize("kind", ["grey 8-bit PNG", "float TIFF", "npy of metres"])
def test_a_map_whose_larger_is_farther_is_turned_over(tmp_path: Path, kind: str) -> None:
    values = read_depth_file(write(tmp_path, FILES[kind]), PHOTO, invert=True)
    assert np.abs(values - (1 - RAMP)).max() < 0.003


def test_sixteen_bits_are_not_cut_down_to_eight(tmp_path: Path) -> None:
    values = read_depth_file(write(tmp_path, png((CODES16 // 16 + 30000).astype(np.uint16))), PHOTO)
    assert len(np.unique(values)) == 30
    assert np.ptp(values) == pytest.approx(1 / 16, abs=1e-3)


def test_twelve_bits_in_a_sixteen_bit_file_count_as_their_own_range(tmp_path: Path) -> None:
    values = read_depth_file(write(tmp_path, png((RAMP * 4095).astype(np.uint16))), PHOTO)
    assert values.max() == 1


@pytest.mark.parametrize("level", [0, 0.25, 1, 7.5])
def test_a_constant_map_is_a_map(tmp_path: Path, level: float) -> None:
    values = read_depth_file(write(tmp_path, npy(np.full((30, 40), level, np.float32))), PHOTO)
    assert np.ptp(values) == 0
    assert values[0, 0] == (level if level <= 1 else 0.5)


def test_what_is_no_number_is_filled_from_its_neighbours(tmp_path: Path) -> None:
    values = RAMP.copy()
    values[10:15, 5:9], values[20, 20], values[21, 20] = np.nan, np.inf, -np.inf
    read = read_depth_file(write(tmp_path, npy(values)), PHOTO)
    assert np.abs(read - RAMP).max() < 0.12
    assert np.array_equal(read[np.isfinite(values)], RAMP[np.isfinite(values)])


def test_transparent_pixels_hold_no_depth(tmp_path: Path) -> None:
    alpha = np.full(CODES8.shape, 255, np.uint8)
    alpha[:, :4] = 0
    grey = CODES8.copy()
    grey[:, :4] = 255
    read = read_depth_file(write(tmp_path, png(np.dstack([grey, grey, grey, alpha]))), PHOTO)
    assert np.abs(read - RAMP).max() < 0.12


def test_a_large_map_is_reduced(tmp_path: Path) -> None:
    read = read_depth_file(write(tmp_path, png(cv2.resize(CODES8, (6000, 200)))), (6000, 200))
    assert read.shape == (137, 4096)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (npy(np.full((30, 40), np.nan, np.float32)), "holds no valid value"),
        (npy(RAMP[:, :38]), "has another shape than the photo of 400x300"),
        (npy(RAMP.T), "export it for the whole photo"),
        (npy(RAMP.astype(np.complex64)), "does not hold plain numbers"),
        (npy(np.array([[{}]], object), allow_pickle=True), "does not hold plain numbers"),
        (npy(np.zeros((2, 30, 40), np.float32)), "one depth map"),
        (npy(np.zeros(30, np.float32)), "one depth map"),
        (png(np.dstack([CODES8, CODES8[::-1], CODES8])), "not a coloured view"),
        (saved(Image.fromarray(CODES8), "JPEG"), "this is a JPEG picture; give the depth map as"),
        (b"v/1\x01" + bytes(40), "an OpenEXR picture"),
        (b"hello", "a text file"),
    ],
)
def test_what_is_no_depth_of_the_photo_is_refused(tmp_path: Path, values: bytes, says: str) -> None:
    path = write(tmp_path, values)
    with pytest.raises(UnsupportedMedia, match=says) as caught:
        read_depth_file(path, PHOTO)
    assert caught.value.message.startswith("depth.bin: ")


@pytest.mark.parametrize("width", [393, 407])
def test_the_shape_may_differ_by_two_percent(tmp_path: Path, width: int) -> None:
    assert read_depth_file(write(tmp_path, png(np.zeros((300, width), np.uint8))), PHOTO).shape == (300, width)


@pytest.mark.parametrize("width", [390, 410])
def test_and_no_more(tmp_path: Path, width: int) -> None:
    with pytest.raises(UnsupportedMedia, match="another shape"):
        read_depth_file(write(tmp_path, png(np.zeros((300, width), np.uint8))), PHOTO)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, kind: str) -> None:
    data = FILES[kind]
    with pytest.raises(CorruptMedia, match=r"^depth.bin: the file is"):
        read_depth_file(write(tmp_path, data[: len(data) // 2]), PHOTO)


def test_missing_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="no such file"):
        read_depth_file(tmp_path / "none.png", PHOTO)
    with pytest.raises(UnreadableMedia, match="empty"):
        read_depth_file(write(tmp_path, b""), PHOTO)


def bombs() -> dict[str, bytes]:
    """Headers that promise 100,000 x 100,000 pixels."""
    header = npy(RAMP)[:128].replace(b"(30, 40)", b"(99999, 99999)").replace(b"      \n", b"\n")
    header = header[:8] + struct.pack("<H", len(header) - 10) + header[10:]
    tiff = bytearray(FILES["float TIFF"])
    for tag, value in ((256, 40), (257, 30)):
        at = tiff.index(struct.pack("<H", tag))
        old = bytes(tiff[at : at + 12])
        assert value in old
        tiff[at : at + 12] = struct.pack("<HHII", tag, 4, 1, 99999)
    return {"npy": header, "PFM": b"Pf\n99999 99999\n-1.0\n", "TIFF": bytes(tiff)}


@pytest.mark.parametrize("kind", ["npy", "PFM", "TIFF"])
def test_a_bomb_is_refused_by_its_header(tmp_path: Path, kind: str) -> None:
    with pytest.raises(MediaLimitExceeded, match="99999x99999"):
        read_depth_file(write(tmp_path, bombs()[kind]), PHOTO)


def test_the_limits_are_those_of_photos(tmp_path: Path) -> None:
    path = write(tmp_path, FILES["npy float32"])
    exact = PhotoLimits(path.stat().st_size, 1200, 40)
    assert read_depth_file(path, PHOTO, limits=exact).shape == (30, 40)
    for limits in (PhotoLimits(path.stat().st_size - 1, 1200, 40), PhotoLimits(10**6, 1199, 40)):
        with pytest.raises(MediaLimitExceeded):
            read_depth_file(path, PHOTO, limits=limits)


@given(kind=st.sampled_from(sorted(FILES)), at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_gives_a_map_or_one_of_our_errors(
    tmp_path_factory: pytest.TempPathFactory, kind: str, at: float, byte: int
) -> None:
    data = bytearray(FILES[kind])
    data[int(at * min(len(data), 400))] = byte
    path = write(tmp_path_factory.mktemp("damaged", numbered=True), bytes(data))
    try:
        values = read_depth_file(path, PHOTO)
    except MediaError:
        return
    assert np.isfinite(values).all()
    assert values.min() >= 0
    assert values.max() <= 1


@given(seed=st.integers(0, 2**16), share=st.floats(0.001, 1), width=st.integers(1, 40), height=st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_filling_keeps_what_is_known_and_its_range(seed: int, share: float, width: int, height: int) -> None:
    draw = np.random.default_rng(seed)
    values, valid = draw.random((height, width), np.float32), draw.random((height, width)) < share
    valid.flat[0] = True
    filled = fill_invalid(np.where(valid, values, np.float32(1e9)), valid)
    assert np.array_equal(filled[valid], values[valid])
    assert filled.min() >= values[valid].min() - 1e-4
    assert filled.max() <= values[valid].max() + 1e-4
