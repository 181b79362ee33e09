"""Colour: pictures in other spaces against a float64 computation that starts from the spaces' definitions."""

import io
import itertools

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from engine.media import load_photo, probe_photo
from tests.media.photos.icc_samples import (
    ADOBE_GAMMA,
    ADOBE_RGB,
    BT2020,
    DISPLAY_P3,
    SRGB,
    expected_srgb,
    gamma_curve,
    grey_profile,
    lab_to_srgb,
    parametric_srgb_curve,
    rgb_profile,
    sampled_curve,
    srgb_code,
    srgb_light,
    table_profile,
)
from tests.media.photos.photo_samples import EXTENSION, encode, png16, png_chunk, smooth_picture, tiff16

SPACES = {
    "Display P3": (rgb_profile("Display P3", DISPLAY_P3, parametric_srgb_curve(), version=4), DISPLAY_P3, srgb_light),
    "Adobe RGB": (
        rgb_profile("Adobe RGB (1998)", ADOBE_RGB, gamma_curve(ADOBE_GAMMA)),
        ADOBE_RGB,
        lambda code: code**ADOBE_GAMMA,
    ),
    "sampled": (
        rgb_profile("Sampled", BT2020, sampled_curve(np.linspace(0, 1, 1024) ** 1.8)),
        BT2020,
        lambda code: code**1.8,
    ),
}
LOSSLESS = ("PNG", "TIFF", "WEBP")
NEAR_LOSSLESS = ("JPEG", "HEIC", "AVIF")


def lattice() -> np.ndarray:
    """Colours all over the cube, in patches of 8 x 8 pixels. Shape (48, 288, 3), uint8."""
    levels = [0, 20, 64, 128, 200, 255]
    colours = np.array(list(itertools.product(levels, repeat=3)), np.uint8).reshape(6, 36, 3)
    return np.kron(colours, np.ones((8, 8, 1), np.uint8))


@pytest.mark.parametrize("photo_format", LOSSLESS)
@pytest.mark.parametrize("space", SPACES)
def test_a_profile_is_converted_to_srgb(tmp_path, space, photo_format):
    icc, primaries, to_light = SPACES[space]
    picture = lattice()
    path = tmp_path / f"photo{EXTENSION[photo_format]}"
    path.write_bytes(encode(picture, photo_format, icc=icc))
    expected = expected_srgb(picture / 255, primaries, to_light)
    assert np.abs(load_photo(path).pixels - expected).max() <= 1.0
    # The conversion is not a formality: these spaces differ from sRGB by many codes.
    assert np.abs(picture - expected).max() > 20


@pytest.mark.parametrize("photo_format", NEAR_LOSSLESS)
def test_the_profile_of_a_lossy_photo_is_found_and_converted(tmp_path, photo_format):
    icc, primaries, to_light = SPACES["Display P3"]
    picture = np.clip(lattice(), 40, 220)
    path = tmp_path / f"photo{EXTENSION[photo_format]}"
    path.write_bytes(encode(picture, photo_format, icc=icc))
    expected = expected_srgb(picture / 255, primaries, to_light)
    difference = np.abs(load_photo(path).pixels - expected)[4::8, 4::8]
    assert probe_photo(path).color_profile == "Display P3"
    assert np.median(difference) <= 2


def test_profile_names_of_both_versions(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(encode(smooth_picture(9, 9), "PNG", icc=SPACES["Adobe RGB"][0]))
    assert probe_photo(path).color_profile == "Adobe RGB (1998)"


@pytest.mark.parametrize("photo_format", ["PNG", "TIFF"])
@pytest.mark.parametrize("space", SPACES)
def test_16_bit_photos_are_converted_before_they_are_rounded(tmp_path, space, photo_format):
    icc, primaries, to_light = SPACES[space]
    samples = np.random.default_rng(3).integers(0, 65536, (80, 40, 3)).astype(np.uint16)
    samples[:40] //= 24  # the shadows, where 8 bits of a wide space would band
    path = tmp_path / f"deep{EXTENSION[photo_format]}"
    if photo_format == "TIFF":
        path.write_bytes(tiff16(samples, icc=icc))
    else:
        import zlib

        path.write_bytes(png16(samples, extra=png_chunk(b"iCCP", b"x\0\0" + zlib.compress(icc))))
    expected = expected_srgb(samples / 65535, primaries, to_light)
    assert np.abs(load_photo(path).pixels - expected).max() <= 0.75


def test_srgb_under_any_name_is_left_alone(tmp_path):
    picture = lattice()
    for icc in (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        rgb_profile("HP something", SRGB, parametric_srgb_curve()),
        rgb_profile("sampled sRGB", SRGB, sampled_curve(srgb_light(np.linspace(0, 1, 1024)))),
    ):
        path = tmp_path / "photo.png"
        path.write_bytes(encode(picture, "PNG", icc=icc))
        assert np.array_equal(load_photo(path).pixels, picture)


@pytest.mark.parametrize("photo_format", ["PNG", "JPEG", "TIFF"])
def test_grey_profiles(tmp_path, photo_format):
    ramp = np.repeat(np.arange(0, 256, dtype=np.uint8)[None], 64, axis=0)
    out = io.BytesIO()
    options = {"quality": 100} if photo_format == "JPEG" else {}
    Image.fromarray(ramp).save(out, photo_format, icc_profile=grey_profile(1.8), **options)
    path = tmp_path / f"grey{EXTENSION[photo_format]}"
    path.write_bytes(out.getvalue())
    expected = 255 * srgb_code((ramp / 255) ** 1.8)
    pixels = load_photo(path).pixels
    assert np.abs(pixels - expected[..., None])[:, 20:].max() <= (4 if photo_format == "JPEG" else 1.01)


def cmyk_nodes() -> np.ndarray:
    """Lab at the corners of the ink cube, all inside sRGB, black down to L = 0."""
    rng = np.random.default_rng(8)
    nodes = np.zeros((2, 2, 2, 2, 3))
    for corner in itertools.product((0, 1), repeat=4):
        ink = sum(corner[:3])
        nodes[corner] = [90 - 15 * ink, *rng.uniform(-20, 20, 2)] if not corner[3] else [12.0 - 4 * ink, 0, 0]
    nodes[0, 0, 0, 0] = [100, 0, 0]
    return nodes


@pytest.mark.parametrize("photo_format", ["JPEG", "TIFF"])
def test_cmyk_with_a_press_profile(tmp_path, photo_format):
    nodes = cmyk_nodes()
    out = io.BytesIO()
    corners = np.array(list(itertools.product((0, 255), repeat=4)), np.uint8).reshape(4, 4, 4)
    picture = Image.frombytes("CMYK", (128, 128), np.kron(corners, np.ones((32, 32, 1), np.uint8)).tobytes())
    options = {"quality": 98, "subsampling": 0} if photo_format == "JPEG" else {}
    picture.save(out, photo_format, icc_profile=table_profile(nodes, space=b"CMYK"), **options)
    path = tmp_path / f"press{EXTENSION[photo_format]}"
    path.write_bytes(out.getvalue())
    expected = lab_to_srgb(nodes.reshape(4, 4, 3))
    pixels = load_photo(path).pixels[16::32, 16::32]
    assert probe_photo(path).color_profile == "Tables"
    assert np.abs(pixels - expected).max() <= 4


def test_rgb_profile_made_of_tables(tmp_path):
    nodes = np.zeros((2, 2, 2, 3))
    for corner in itertools.product((0, 1), repeat=3):
        nodes[corner] = [33 * sum(corner), 10 * (corner[0] - corner[1]), 8 * (corner[1] - corner[2])]
    nodes[1, 1, 1] = [100, 0, 0]
    corners = np.array(list(itertools.product((0, 255), repeat=3)), np.uint8).reshape(2, 4, 3)
    path = tmp_path / "scan.png"
    path.write_bytes(encode(corners, "PNG", icc=table_profile(nodes, space=b"RGB ")))
    assert np.abs(load_photo(path).pixels - lab_to_srgb(nodes.reshape(2, 4, 3))).max() <= 3


@pytest.mark.parametrize("icc", [b"x" * 300, b"", rgb_profile("cut", SRGB, gamma_curve(2.2))[:200], grey_profile(2.2)])
def test_a_useless_profile_is_ignored_and_said_so(tmp_path, icc):
    picture = lattice()
    path = tmp_path / "photo.webp"
    path.write_bytes(encode(picture, "WEBP", icc=icc or None))
    photo = load_photo(path)
    assert np.array_equal(photo.pixels, picture)
    assert any("colour profile" in note for note in photo.info.notes) == bool(icc)


def test_alpha_is_mixed_after_the_colour_conversion(tmp_path):
    icc, primaries, to_light = SPACES["Adobe RGB"]
    picture = Image.new("RGBA", (4, 4), (30, 200, 60, 128))
    path = tmp_path / "photo.png"
    picture.save(path, icc_profile=icc)
    colour = expected_srgb(np.array([30, 200, 60]) / 255, primaries, to_light)
    expected = colour * 128 / 255 + 255 * (1 - 128 / 255)
    assert np.abs(load_photo(path, background=(255, 255, 255)).pixels[0, 0] - expected).max() <= 1.5


def test_colour_code_points_of_png(tmp_path):
    picture = lattice()
    data = encode(picture, "PNG")
    cicp = png_chunk(b"cICP", bytes([12, 13, 0, 1]))
    path = tmp_path / "photo.png"
    path.write_bytes(data[:33] + cicp + data[33:])
    assert probe_photo(path).color_profile == "Display P3"
    assert np.abs(load_photo(path).pixels - expected_srgb(picture / 255, DISPLAY_P3, srgb_light)).max() <= 1


def test_colour_code_points_of_heic(tmp_path):
    picture = np.clip(lattice(), 40, 220)
    path = tmp_path / "photo.heic"
    image = pillow_heif.from_pillow(Image.fromarray(picture))
    image.save(path, quality=-1, chroma=444, color_primaries=12, transfer_characteristics=13)
    expected = expected_srgb(picture / 255, DISPLAY_P3, srgb_light)
    assert probe_photo(path).color_profile == "Display P3"
    assert np.median(np.abs(load_photo(path).pixels - expected)) <= 2


@pytest.mark.parametrize(("transfer", "white_code"), [(16, 0.5807), (18, 0.75)])
def test_hdr_transfers_show_diffuse_white_as_white_and_say_so(tmp_path, transfer, white_code):
    # ITU-R BT.2408: diffuse white (203 cd/m2) lies at 58 % PQ and 75 % HLG.
    codes = np.array([0.0, white_code * 0.8, white_code, 0.95])
    samples = np.repeat(np.rint(codes * 65535).astype(np.uint16).reshape(1, 4, 1), 3, axis=2)
    path = tmp_path / "hdr.png"
    path.write_bytes(png16(samples, extra=png_chunk(b"cICP", bytes([9, transfer, 0, 1]))))
    photo = load_photo(path)
    black, grey, white, brighter = (int(photo.pixels[0, i, 1]) for i in range(4))
    assert black == 0
    assert 60 < grey < 230
    assert white >= 254
    assert brighter == 255
    assert any("HDR" in note for note in photo.info.notes)
