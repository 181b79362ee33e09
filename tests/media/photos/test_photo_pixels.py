"""Kinds of pixels: grey, palette, CMYK, 16 bits, transparency; each against arithmetic done here."""

import io
import struct
import warnings

import numpy as np
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from engine.core.errors import UnsupportedMedia
from engine.media import load_photo, probe_photo
from engine.media.color_profile import to_8_bits
from tests.media.photos.photo_samples import EXTENSION, FORMATS, png16, png_chunk, sample, smooth_picture, tiff16

GREEN = (10, 200, 30)


def over(colour: np.ndarray, alpha: np.ndarray, background=GREEN) -> np.ndarray:
    """Straight alpha 0..1 over a background, in codes."""
    return colour * alpha[..., None] + np.array(background) * (1 - alpha[..., None])


def load_bytes(tmp_path, data: bytes, name: str, **options) -> np.ndarray:
    path = tmp_path / name
    path.write_bytes(data)
    return load_photo(path, **options).pixels


def save(image: Image.Image, photo_format: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, photo_format, **options)
    return out.getvalue()


def test_every_16_bit_value_is_rounded_to_the_nearest_8_bit_one():
    values = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(to_8_bits(values), np.rint(values / 65535 * 255))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bit_tiff(tmp_path, order, channels):
    samples = np.random.default_rng(channels).integers(0, 65536, (70, 51, channels)).astype(np.uint16)
    pixels = load_bytes(tmp_path, tiff16(samples, order=order), "deep.tif", background=GREEN)
    colour = samples[..., : 3 if channels >= 3 else 1] / 257
    expected = over(colour, samples[..., 3] / 65535) if channels == 4 else np.broadcast_to(colour, (70, 51, 3))
    assert np.abs(pixels - expected).max() <= (0.5 if channels < 4 else 1.5)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png(tmp_path, channels):
    samples = np.random.default_rng(channels).integers(0, 65536, (70, 51, channels)).astype(np.uint16)
    pixels = load_bytes(tmp_path, png16(samples), "deep.png", background=GREEN)
    colour = np.broadcast_to(samples[..., : 3 if channels >= 3 else 1] / 257, (70, 51, 3))
    expected = over(colour, samples[..., -1] / 65535) if channels in (2, 4) else colour
    assert np.abs(pixels - expected).max() <= (1.5 if channels in (2, 4) else 0.5)


def test_16_bit_png_with_a_transparent_colour(tmp_path):
    samples = np.random.default_rng(5).integers(0, 65536, (4, 4, 3)).astype(np.uint16)
    key = png_chunk(b"tRNS", samples[1, 2].astype(">u2").tobytes())
    path = tmp_path / "key.png"
    path.write_bytes(png16(samples, extra=key))
    pixels = load_photo(path, background=GREEN).pixels
    assert probe_photo(path).has_alpha
    assert tuple(pixels[1, 2]) == GREEN
    assert np.array_equal(pixels[0], np.rint(samples[0] / 257))


def test_premultiplied_alpha_and_stray_channels_in_16_bit_tiff(tmp_path):
    samples = np.zeros((4, 5, 4), np.uint16)
    samples[..., 0], samples[..., 3] = 20000, 30000
    cover = 30000 / 65535
    premultiplied = load_bytes(tmp_path, tiff16(samples, extra=1), "a.tif", background=GREEN)
    assert np.abs(premultiplied[0, 0] - ([20000 / 257, 0, 0] + np.array(GREEN) * (1 - cover))).max() <= 1.5
    stray = load_bytes(tmp_path, tiff16(samples, extra=0), "b.tif", background=GREEN)
    assert tuple(stray[0, 0]) == (78, 0, 0)


def test_white_is_zero(tmp_path):
    samples = np.full((4, 5, 1), 60000, np.uint16)
    assert load_bytes(tmp_path, tiff16(samples, photometric=0), "inverted.tif")[0, 0, 0] == round((65535 - 60000) / 257)
    small = np.arange(200, dtype=np.uint8).reshape(10, 20)
    data = save(Image.fromarray(small), "TIFF", tiffinfo={262: 0})
    inverted = probe_is_white_zero(data)
    expected = 255 - small if inverted else small
    assert np.array_equal(load_bytes(tmp_path, data, "small.tif")[..., 0], expected)


def probe_is_white_zero(data: bytes) -> bool:
    """Pillow may write the samples inverted, or ignore the request; ask an independent reader of the file."""
    with Image.open(io.BytesIO(data)) as image:
        return image.tag_v2[262] == 0 and np.asarray(image)[0, 0] == 255


def test_16_bit_cmyk_tiff(tmp_path):
    samples = np.zeros((4, 5, 4), np.uint16)
    samples[..., 1] = 65535
    assert tuple(load_bytes(tmp_path, tiff16(samples, photometric=5), "ink.tif")[0, 0]) == (255, 0, 255)


@pytest.mark.parametrize("photo_format", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_bilevel_grey_and_palette(tmp_path, photo_format, mode):
    image = Image.fromarray(smooth_picture(60, 70)).convert(mode)
    pixels = load_bytes(tmp_path, save(image, photo_format), f"photo.{photo_format.lower()}")
    assert np.array_equal(pixels, np.asarray(image.convert("RGB")))


def test_alpha_lies_over_the_chosen_background(tmp_path):
    picture = smooth_picture(80, 70)
    alpha = np.tile(np.linspace(0, 255, 80).astype(np.uint8), (70, 1))
    expected = over(picture.astype(float), alpha / 255)
    rgba = Image.fromarray(np.dstack([picture, alpha]))
    for photo_format, options, tolerance in (
        ("PNG", {}, 1),
        ("TIFF", {}, 1),
        ("WEBP", {"lossless": True, "exact": True}, 1),
        ("AVIF", {"quality": 98, "subsampling": "4:4:4", "speed": 9}, 8),
    ):
        path = tmp_path / f"photo.{photo_format.lower()}"
        path.write_bytes(save(rgba, photo_format, **options))
        assert probe_photo(path).has_alpha
        assert np.abs(load_photo(path, background=GREEN).pixels - expected).max() <= tolerance, photo_format
    path = tmp_path / "photo.heic"
    pillow_heif.from_pillow(rgba).save(path, quality=98, chroma=444)
    assert probe_photo(path).has_alpha
    assert np.abs(load_photo(path, background=GREEN).pixels - expected).mean() <= 1.5


def test_transparent_palettes_and_keys_and_grey_alpha(tmp_path):
    palette = Image.fromarray(np.array([[0, 1], [2, 3]], np.uint8), "L").convert("P")
    palette.putpalette([255, 0, 0, 0, 0, 255, 9, 9, 9, 200, 200, 200])
    data = save(palette, "PNG", transparency=bytes([0, 128, 255, 255]))
    pixels = load_bytes(tmp_path, data, "palette.png", background=GREEN)
    assert tuple(pixels[0, 0]) == GREEN
    assert np.abs(pixels[0, 1] - over(np.array([0, 0, 255.0]), np.array(128 / 255))).max() <= 1
    assert tuple(pixels[1, 0]) == (9, 9, 9)
    grey = load_bytes(tmp_path, save(Image.new("L", (3, 3), 7), "PNG", transparency=7), "key.png", background=GREEN)
    assert tuple(grey[0, 0]) == GREEN
    colour = save(Image.new("RGB", (3, 3), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert tuple(load_bytes(tmp_path, colour, "rgbkey.png", background=GREEN)[0, 0]) == GREEN
    half = load_bytes(tmp_path, save(Image.new("LA", (3, 3), (100, 128)), "PNG"), "la.png", background=GREEN)
    assert np.abs(half[0, 0] - over(np.array([100.0] * 3), np.array(128 / 255))).max() <= 1


def test_a_gif_with_a_transparent_colour(tmp_path):
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "L").convert("P")
    image.putpalette([255, 0, 0, 0, 0, 255])
    path = tmp_path / "photo.gif"
    path.write_bytes(save(image, "GIF", transparency=0))
    pixels = load_photo(path, background=GREEN).pixels
    assert probe_photo(path).has_alpha
    assert (tuple(pixels[0, 0]), tuple(pixels[0, 1])) == (GREEN, (0, 0, 255))


def test_bmp_with_alpha(tmp_path):
    header = struct.pack("<IiiHHIIiiII", 108, 1, 1, 1, 32, 3, 4, 0, 0, 0, 0)
    header += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(48)
    data = b"BM" + struct.pack("<IHHI", 14 + 108 + 4, 0, 0, 122) + header + bytes([50, 100, 200, 0])
    path = tmp_path / "photo.bmp"
    path.write_bytes(data)
    assert probe_photo(path).has_alpha
    assert tuple(load_photo(path, background=GREEN).pixels[0, 0]) == GREEN


def test_cmyk_jpeg_is_read_as_adobe_stores_it_with_and_without_its_marker(tmp_path):
    ink = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    # Pillow writes the Adobe marker and stores inverted, as Photoshop does.
    data = save(ink, "JPEG", quality=98)
    assert b"Adobe" in data
    assert np.abs(load_bytes(tmp_path, data, "adobe.jpg")[5, 5] - [255.0, 0, 0]).max() <= 4
    # Browsers and ImageMagick take every CMYK JPEG as inverted, marker or not; so do we.
    at = data.index(b"\xff\xee")
    plain = data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]
    assert np.abs(load_bytes(tmp_path, plain, "plain.jpg")[5, 5] - [255.0, 0, 0]).max() <= 4


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB", "RGBX"])
def test_other_tiff_colour_spaces(tmp_path, mode):
    picture = smooth_picture(40, 30)
    image = Image.fromarray(picture)
    if mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
        assert converted is not None
        converted.info.pop("icc_profile", None)
    else:
        converted = image.convert(mode)
    pixels = load_bytes(tmp_path, save(converted, "TIFF"), "photo.tif")
    # 8-bit Lab is coarse for dark blues; the others only round.
    assert np.abs(pixels.astype(int) - picture).max() <= (30 if mode == "LAB" else 4)
    assert np.abs(pixels.astype(int) - picture).mean() <= 2


@pytest.mark.parametrize("mode", ["F", "I"])
def test_float_and_32_bit_tiff_are_refused_in_a_sentence(tmp_path, mode):
    path = tmp_path / "data.tif"
    Image.new(mode, (5, 5), 3).save(path)
    with pytest.raises(UnsupportedMedia, match=r"^data\.tif: this TIFF holds .* values.*export it") as caught:
        load_photo(path)
    assert caught.value.detail == "" or "Error" not in caught.value.message


def test_10_bit_heic_and_avif(tmp_path):
    picture = smooth_picture(128, 96)
    path = tmp_path / "deep.heic"
    wide = pillow_heif.from_bytes("RGB;16", (128, 96), (picture.astype(np.uint16) * 257).tobytes())
    wide.save(path, quality=-1, chroma=444)
    assert probe_photo(path).bit_depth == 10
    assert np.abs(load_photo(path).pixels.astype(int) - picture).max() <= 1


def test_decoding_raises_no_warnings_and_leaves_pillow_as_it_was(tmp_path):
    limit, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    path = tmp_path / "photo.png"
    path.write_bytes(save(Image.fromarray(smooth_picture(20, 20)), "PNG"))
    load_photo(path)
    assert limit == Image.MAX_IMAGE_PIXELS
    assert filters == list(warnings.filters)


@pytest.mark.parametrize("photo_format", FORMATS)
def test_pillows_own_pixel_limit_is_replaced_by_ours(tmp_path, monkeypatch, photo_format):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert load_bytes(tmp_path, sample(photo_format), f"photo{EXTENSION[photo_format]}").shape == (64, 96, 3)


@given(
    alpha=st.integers(0, 255),
    colour=st.tuples(*[st.integers(0, 255)] * 3),
    background=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_mixing_is_right_for_any_colours(tmp_path_factory, alpha, colour, background):
    path = tmp_path_factory.getbasetemp() / "mix.png"
    Image.new("RGBA", (1, 1), (*colour, alpha)).save(path)
    pixels = load_photo(path, background=background).pixels
    expected = over(np.array(colour, float), np.array(alpha / 255), background)
    assert np.abs(pixels[0, 0] - expected).max() <= 1
