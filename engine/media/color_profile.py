"""Colour conversion to sRGB, one band of rows at a time.

Intent: relative colorimetric with black-point compensation, the default of the image editors. In-gamut colours come
out exactly as the profile says (perceptual tables would shift every colour, and matrix profiles have none); what a
press or a wide-gamut screen shows beyond sRGB is clipped to the nearest side; black stays black for CMYK, whose darkest
ink is lighter than a screen.
"""

import io
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from engine.core.frames import RgbImage
from engine.media.headers.model import PhotoHeader
from engine.media.icc import CURVE_SIZE, MatrixProfile, cicp_profile, parse_matrix_profile, srgb_encode

DeepImage = NDArray[np.uint16]
"""Shape (H, W, 3), channels R, G, B, uint16, 0..65535."""

ToSrgb = Callable[[Image.Image], Image.Image]
"""Turns a band in its own colour space, mode L, RGB or CMYK, into an sRGB band of mode RGB."""

_SAME_WITHIN = 1
"""A profile that moves no probed colour by more than this many code values is sRGB."""

_PROFILE_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def plain_rgb(band: Image.Image) -> Image.Image:
    """To mode RGB by Pillow's own arithmetic; nothing is done to a band that is RGB already."""
    return band if band.mode == "RGB" else band.convert("RGB")


def _probe_colours() -> Image.Image:
    """A 17 x 17 x 17 lattice of RGB colours as a picture of 289 x 17 pixels."""
    steps = np.linspace(0, 255, 17).round().astype(np.uint8)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    return Image.fromarray(np.ascontiguousarray(lattice.reshape(17, 289, 3)))


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    probe = _probe_colours()
    converted = ImageCms.applyTransform(probe, transform)
    if converted is None:
        return False
    difference = np.abs(np.asarray(converted).astype(np.int16) - np.asarray(probe).astype(np.int16))
    return int(difference.max()) <= _SAME_WITHIN


def icc_converter(profile: bytes, mode: str) -> ToSrgb | None:
    """A converter for bands of one mode.

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
    if mode == "RGB" and _is_identity(transform):
        return plain_rgb

    def convert(band: Image.Image) -> Image.Image:
        converted = ImageCms.applyTransform(band, transform)
        # None is only returned for conversion in place.
        return band if converted is None else converted

    return convert


@cache
def _srgb_codes() -> NDArray[np.uint8]:
    light = np.linspace(0, 1, CURVE_SIZE)
    return np.rint(255 * srgb_encode(light)).astype(np.uint8)


def deep_to_srgb(deep: DeepImage, profile: MatrixProfile) -> RgbImage:
    """Convert 16-bit pixels in float32, rounding once, at the end.

    Args:
        deep: shape (H, W, 3), uint16.
        profile: the colour space of ``deep``.

    Returns:
        shape (H, W, 3), uint8 sRGB.
    """
    linear = np.empty(deep.shape, np.float32)
    for channel, curve in enumerate(profile.curves):
        np.take(curve, deep[..., channel], out=linear[..., channel])
    linear = linear @ profile.to_srgb.T
    np.clip(linear, 0, 1, out=linear)
    linear *= CURVE_SIZE - 1
    linear += 0.5
    return _srgb_codes()[linear.astype(np.uint16)]


def round_to_8_bits(deep: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """round(v * 255 / 65535), exactly: 65535 = 257 * 255, and 257 is odd, so there are no ties."""
    return ((deep.astype(np.uint32) + 128) // 257).astype(np.uint8)


def header_profile(header: PhotoHeader) -> MatrixProfile | None:
    """The colour space of a header as numbers, where it can be had so."""
    if header.icc is not None:
        return parse_matrix_profile(header.icc)
    return cicp_profile(header.cicp) if header.cicp is not None else None
