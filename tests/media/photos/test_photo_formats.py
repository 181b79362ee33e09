"""Every format, every orientation: what is probed is what is loaded, upright."""

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageOps

from engine.media import load_photo, probe_photo
from tests.media.photos.photo_samples import (
    EXTENSION,
    FORMATS,
    corner_picture,
    encode,
    exif_block,
    png16,
    sample,
    smooth_picture,
    tiff16,
)

LOSSLESS = {"PNG", "WEBP", "TIFF", "BMP"}
ORIENTED = ("JPEG", "PNG", "WEBP", "HEIC", "AVIF", "TIFF")


def shown(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The upright picture by Pillow's own reading of EXIF."""
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[274] = orientation
    image.info["exif"] = exif.tobytes()
    image.getexif()[274] = orientation
    return np.asarray(ImageOps.exif_transpose(image))


@pytest.mark.parametrize("photo_format", FORMATS)
def test_a_photo_of_each_format_loads_as_it_was_saved(tmp_path, photo_format):
    path = tmp_path / f"photo{EXTENSION[photo_format]}"
    path.write_bytes(sample(photo_format))
    info = probe_photo(path)
    photo = load_photo(path)
    assert (info.format, info.width, info.height, info.orientation) == (photo_format, 96, 64, 1)
    assert info.file_bytes == path.stat().st_size
    assert info.notes == ()
    assert photo.info == info
    assert photo.pixels.shape == (64, 96, 3)
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.flags.c_contiguous
    assert photo.scale == 1.0
    worst = np.abs(photo.pixels.astype(int) - corner_picture()).max()
    assert worst <= (0 if photo_format in LOSSLESS else 8)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("photo_format", ORIENTED)
def test_every_orientation_is_turned_upright_once(tmp_path, photo_format, orientation):
    path = tmp_path / f"photo{EXTENSION[photo_format]}"
    path.write_bytes(sample(photo_format, orientation))
    info = probe_photo(path)
    expected = shown(corner_picture(), orientation)
    assert info.orientation == orientation
    assert (info.height, info.width) == expected.shape[:2]
    pixels = load_photo(path).pixels
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).max() <= 8


@pytest.mark.parametrize("orientation", range(1, 9))
def test_bands_land_in_order_in_a_picture_of_many_bands(tmp_path, orientation):
    picture = smooth_picture(150, 333)
    path = tmp_path / "photo.png"
    path.write_bytes(encode(picture, "PNG", orientation=orientation))
    assert np.array_equal(load_photo(path).pixels, shown(picture, orientation))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("photo_format", ["PNG", "TIFF"])
def test_orientation_of_16_bit_files(tmp_path, photo_format, orientation):
    deep = corner_picture().astype(np.uint16) * 257 - 100  # the high byte alone would be one too low
    path = tmp_path / f"deep{EXTENSION[photo_format]}"
    if photo_format == "TIFF":
        path.write_bytes(tiff16(deep, orientation=orientation))
    else:
        from tests.media.photos.photo_samples import png_chunk

        path.write_bytes(png16(deep, extra=png_chunk(b"eXIf", exif_block(orientation)[6:])))
    assert np.array_equal(load_photo(path).pixels, shown(corner_picture(), orientation))


def test_exif_orientation_in_big_endian_is_read(tmp_path):
    exif = b"Exif\0\0MM\0*" + bytes.fromhex("00000008 0001 0112 0003 00000001 0006 0000 00000000")
    path = tmp_path / "photo.jpg"
    Image.fromarray(corner_picture()).save(path, exif=exif)
    assert probe_photo(path).orientation == 6


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_means_upright(tmp_path, orientation):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encode(corner_picture(), "JPEG", orientation=orientation))
    assert probe_photo(path).orientation == 1
    assert load_photo(path).pixels.shape == (64, 96, 3)


def test_exif_orientation_in_a_heic_is_overruled_by_its_own_properties(tmp_path):
    path = tmp_path / "photo.heic"
    path.write_bytes(sample("HEIC", 6))
    # The same photo, its EXIF block claiming another turn: HEIF lets irot win.
    data = path.read_bytes()
    at = data.index(b"\x12\x01\x03\x00\x01\x00\x00\x00") + 8
    path.write_bytes(data[:at] + b"\x03" + data[at + 1 :])
    assert probe_photo(path).orientation == 6
    assert load_photo(path).pixels.shape == (96, 64, 3)


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_an_iphone_like_heic_of_48_tiles(tmp_path, orientation):
    picture = smooth_picture(512, 384)
    path = tmp_path / "IMG_0001.HEIC"
    meta = {"exif": exif_block(orientation)} if orientation != 1 else {}
    image = pillow_heif.from_pillow(Image.fromarray(picture))
    image.save(path, tile_size=64, quality=95, chroma=444, enc_params={"preset": "ultrafast"}, **meta)
    assert path.read_bytes().count(b"hvc1") >= 48
    expected = shown(picture, orientation)
    info = probe_photo(path)
    assert (info.format, info.height, info.width) == ("HEIC", *expected.shape[:2])
    assert np.abs(load_photo(path).pixels.astype(int) - expected).mean() < 2


def test_jpeg_with_odd_sizes_and_fill_bytes(tmp_path):
    data = encode(smooth_picture(101, 67), "JPEG")
    path = tmp_path / "photo.jpg"
    path.write_bytes(data[:2] + b"\xff\xff\xff" + data[2:])
    assert load_photo(path).pixels.shape == (67, 101, 3)


def test_real_photographs_decode_exactly_as_pillow_does(dandelion):
    photo = load_photo(dandelion)
    assert (photo.info.width, photo.info.height) == (5312, 2988)
    with Image.open(dandelion) as image:
        assert np.array_equal(photo.pixels, np.asarray(image))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["fig.jpg", "friends.jpg", "mountains.jpg", "room.jpg", "sunset.jpg"])
def test_shared_photographs_load(shared_photo, name):
    path = shared_photo(name)
    photo = load_photo(path, min_scale=0.25)
    assert photo.scale == pytest.approx(0.25, abs=1e-3)
    assert photo.pixels.std() > 10
