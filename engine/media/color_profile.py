"""Colour conversion to sRGB, one band of rows at a time.

Intent: relative colorimetric with black-point compensation, the default of the image editors. In-gamut colours come
out exactly as the profile says (perceptual tables would shift every colour, and matrix profiles have none); what a
press or a wide-gamut screen shows beyond sRGB is clipped to the nearest side; black stays black for CMYK, whose darkest
ink is lighter than a screen.

Profiles of three curves and a matrix (Display P3 of every iPhone, Adobe RGB, ProPhoto) are computed here in float32,
from 8 or 16 bits to 8 with one rounding: about 8 ns a pixel where Little CMS through Pillow takes 25, and knows no
16-bit RGB. Little CMS converts what is made of tables: CMYK, scanners, Lab; grey goes through it as one
table of 256 values.
"""

import io
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from engine.core.frames import RgbImage
from engine.media.headers.model import PhotoHeader
from engine.media.icc import MatrixProfile, cicp_profile, parse_matrix_profile, srgb_encode

ToSrgb = Callable[[Image.Image], Image.Image]
"""Turns a band in its own colour space, mode L, RGB or CMYK, into an sRGB band of mode RGB."""

_SAME_WITHIN = 1
"""A profile that moves no probed colour by more than this many code values is sRGB."""

_LIGHT_STEPS = 65_536
"""Entries of the table from linear light to sRGB code: 0.05 code a step where the curve is steepest."""

_NOTHING = np.zeros(4)
"""A scalar for OpenCV."""

_PROFILE_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def plain_rgb(band: Image.Image) -> Image.Image:
    """To mode RGB by Pillow's own arithmetic; nothing is done to a band that is RGB already."""
    return band if band.mode == "RGB" else band.convert("RGB")


@cache
def _srgb_codes() -> NDArray[np.uint8]:
    light = np.linspace(0, 1, _LIGHT_STEPS)
    return np.rint(255 * srgb_encode(light)).astype(np.uint8)


class MatrixToSrgb:
    """Converts pixels of one matrix profile; instances may be shared between threads.

    Args:
        profile: the colour space of the pixels.
    """

    def __init__(self, profile: MatrixProfile) -> None:
        curves = np.ascontiguousarray(np.stack(profile.curves, axis=-1)[np.newaxis])
        self._curves = {np.dtype(np.uint16): curves, np.dtype(np.uint8): np.ascontiguousarray(curves[:, ::257])}
        self._matrix = profile.to_srgb * np.float32(_LIGHT_STEPS - 1)

    def __call__(self, samples: NDArray[np.uint8] | NDArray[np.uint16]) -> RgbImage:
        """Convert shape (H, W, 3), uint8 0..255 or uint16 0..65535, to sRGB of the same shape, uint8.

        Needs OpenCV 4.13, the first with tables for 16-bit codes.
        """
        import cv2

        linear = cv2.transform(cv2.LUT(samples, self._curves[samples.dtype]), self._matrix)
        # Adding zero is OpenCV's rounding conversion; it saturates, which clips colours to the gamut.
        steps = cv2.add(linear, _NOTHING, dtype=cv2.CV_16U)
        codes: RgbImage = cv2.LUT(steps, _srgb_codes()).astype(np.uint8, copy=False)
        return codes

    def is_identity(self) -> bool:
        """Whether the profile is sRGB under another name."""
        steps = np.linspace(0, 255, 17).round().astype(np.uint8)
        lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(17, 289, 3)
        difference = np.abs(self(lattice).astype(np.int16) - lattice.astype(np.int16))
        return int(difference.max()) <= _SAME_WITHIN


def matrix_converter(header: PhotoHeader) -> MatrixToSrgb | None:
    """The converter for an RGB picture whose ICC profile or code points are curves and a matrix, else None."""
    if header.icc is not None:
        profile = parse_matrix_profile(header.icc)
    else:
        profile = cicp_profile(header.cicp) if header.cicp is not None else None
    return MatrixToSrgb(profile) if profile is not None else None


def table_converter(profile: bytes, mode: str) -> ToSrgb | None:
    """A converter by Little CMS for bands of one mode.

    Args:
        profile: the ICC profile.
        mode: Pillow mode of the bands: ``L``, ``RGB`` or ``CMYK``.

    Returns:
        the converter; None when the profile is damaged or describes another kind of pixel.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != _PROFILE_SPACES.get(mode):
            return None
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None

    def convert(band: Image.Image) -> Image.Image:
        converted = ImageCms.applyTransform(band, transform)
        # None is only returned for conversion in place.
        return band if converted is None else converted

    if mode != "L":
        return convert
    greys = convert(Image.frombytes("L", (256, 1), bytes(range(256))))
    tables = [list(channel.tobytes()) for channel in greys.split()]
    return lambda band: Image.merge("RGB", [band.point(table) for table in tables])


def to_8_bits(values: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """8-bit values as they are; 16-bit ones as round(v * 255 / 65535).

    The rounding is exact: 65535 = 257 * 255, and 257 is odd, so there are no ties.
    """
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values, np.uint8)
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
