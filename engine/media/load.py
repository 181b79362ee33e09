"""Loading: decode, convert to sRGB, flatten and turn upright, band by band on all cores.

After the decoder has run, every band of rows goes through all the remaining steps before the next one, so that no
step makes another full-size copy.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from engine.core.errors import OptionError, UnsupportedMedia
from engine.core.frames import Plane, RgbImage
from engine.media.bleed import continue_colours
from engine.media.color_profile import (
    MatrixToSrgb,
    ToSrgb,
    matrix_converter,
    plain_rgb,
    table_converter,
    to_8_bits,
)
from engine.media.decoders import Decoded, Samples, decode, decoder_errors
from engine.media.headers.model import PhotoHeader
from engine.media.icc import is_hdr
from engine.media.limits import PhotoLimits
from engine.media.orientation import TRANSPOSES, UPRIGHT, swaps_sides
from engine.media.photo import Photo, PhotoInfo
from engine.media.probe import describe, read_header
from engine.media.source import PhotoSource, open_photo_source

Rgb = tuple[int, int, int]

BLACK: Rgb = (0, 0, 0)
_BAND_ROWS = 64
_MAX_WORKERS = 4
_IGNORED_PROFILE = "Its colour profile is damaged or of another kind of picture, and was ignored."
_HDR_CLIPPED = "It is an HDR photo: what is brighter than white was clipped."


@dataclass(frozen=True, slots=True)
class _Colours:
    """How bands become sRGB.

    Attributes:
        convert: for 8-bit bands of mode L, RGB or CMYK.
        matrix: for RGB samples of 8 or 16 bits; None where ``convert`` does it.
        ignored: there was a profile that could not be used.
    """

    convert: ToSrgb
    matrix: MatrixToSrgb | None
    ignored: bool


def _base_mode(decoded: Image.Image | Samples) -> str:
    if isinstance(decoded, Samples):
        return "RGB" if decoded.values.shape[2] >= 3 else "L"
    if decoded.mode in ("1", "L", "LA", "La") or decoded.mode.startswith("I;16"):
        return "L"
    return "CMYK" if decoded.mode == "CMYK" else "RGB"


def _colours(header: PhotoHeader, decoded: Image.Image | Samples) -> _Colours:
    mode = _base_mode(decoded)
    # Pillow turns Lab into sRGB itself.
    if not isinstance(decoded, Samples) and decoded.mode == "LAB":
        return _Colours(plain_rgb, None, ignored=False)
    matrix = matrix_converter(header) if mode == "RGB" else None
    if matrix is not None:
        return _Colours(plain_rgb, None if matrix.is_identity() else matrix, ignored=False)
    if header.icc is None:
        return _Colours(plain_rgb, None, ignored=header.icc_unusable)
    convert = table_converter(header.icc, mode)
    return _Colours(convert or plain_rgb, None, ignored=convert is None)


def _take_samples(
    samples: Samples, start: int, end: int, colours: _Colours
) -> tuple[Image.Image | RgbImage, Image.Image | None]:
    values = samples.values[start:end]
    channels = values.shape[2]
    alpha = Image.fromarray(to_8_bits(values[..., -1])) if channels in (2, 4) else None
    if channels < 3:
        return colours.convert(Image.fromarray(to_8_bits(values[..., 0]))), alpha
    rgb = values[..., :3].copy()
    if colours.matrix is not None:
        return colours.matrix(rgb), alpha
    return colours.convert(Image.fromarray(to_8_bits(rgb))), alpha


def _take_image(
    image: Image.Image, start: int, end: int, colours: _Colours
) -> tuple[Image.Image | RgbImage, Image.Image | None]:
    band = image.crop((0, start, image.width, end))
    if band.mode.startswith("I;16"):
        band = Image.fromarray(to_8_bits(np.asarray(band).astype(np.uint16)))
    if band.mode == "1":
        band = band.convert("L")
    if band.mode in ("RGBa", "La"):
        band = band.convert(band.mode.upper())
    if "transparency" in band.info or band.mode == "PA":
        band = band.convert("RGBA" if band.mode != "L" else "LA")
    alpha = band.getchannel("A") if band.mode in ("RGBA", "LA") else None
    if band.mode == "LA":
        band = band.getchannel("L")
    elif band.mode not in ("L", "RGB", "CMYK"):
        band = band.convert("RGB")
    if colours.matrix is not None:
        return colours.matrix(np.asarray(band)), alpha
    return colours.convert(band), alpha


def _place(out: RgbImage | Plane, band: Image.Image | RgbImage, first: int, rows: int, orientation: int) -> None:
    """Write rows ``first`` ... of the stored picture (of ``rows`` in all) where they belong in the upright one."""
    if orientation == UPRIGHT:
        array = np.asarray(band)
        out[first : first + len(array)] = array
        return
    image = _as_image(band)
    turned = np.asarray(image.transpose(TRANSPOSES[orientation]))
    # Orientations 3, 4, 6 and 7 show the stored top at the bottom or on the right.
    start = rows - first - image.height if orientation in (3, 4, 6, 7) else first
    if swaps_sides(orientation):
        out[:, start : start + image.height] = turned
    else:
        out[start : start + image.height] = turned


def _as_image(band: Image.Image | RgbImage) -> Image.Image:
    return band if isinstance(band, Image.Image) else Image.fromarray(band)


def _assemble(decoded: Decoded, colours: _Colours, background: Rgb | None) -> tuple[RgbImage, Plane | None]:
    content, orientation = decoded.content, decoded.orientation
    if isinstance(content, Samples):
        height, width = content.values.shape[:2]
    else:
        width, height = content.size
    shape = (width, height, 3) if swaps_sides(orientation) else (height, width, 3)
    out = np.empty(shape, np.uint8)
    # With a background, no alpha is kept.
    opacity = np.full(shape[:2], 255, np.uint8) if background is None else None

    def run(start: int) -> None:
        end = min(start + _BAND_ROWS, height)
        if isinstance(content, Samples):
            rgb, alpha = _take_samples(content, start, end, colours)
        else:
            rgb, alpha = _take_image(content, start, end, colours)
        if alpha is not None and opacity is not None:
            _place(opacity, alpha, start, height, orientation)
        elif alpha is not None and background is not None:
            rgb = Image.composite(_as_image(rgb), Image.new("RGB", alpha.size, background), alpha)
        _place(out, rgb, start, height, orientation)

    starts = range(0, height, _BAND_ROWS)
    workers = min(_MAX_WORKERS, os.cpu_count() or 1, len(starts))
    if workers == 1:
        for start in starts:
            run(start)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, starts))
    if opacity is None or opacity.min() == 255:
        return out, None
    continue_colours(out, opacity)
    return out, opacity


def _check_mode(source: PhotoSource, header: PhotoHeader, decoded: Image.Image | Samples) -> None:
    if not isinstance(decoded, Samples) and decoded.mode in ("F", "I"):
        raise UnsupportedMedia(
            source.path,
            f"this {header.format} holds {'floating-point' if decoded.mode == 'F' else '32-bit'} values; "
            "export it with 8 or 16 bits a channel.",
        )


def _load(source: PhotoSource, min_scale: float, background: Rgb | None) -> Photo:
    header = read_header(source)
    info = describe(source, header)
    decoded = decode(source, header, min_scale)
    _check_mode(source, header, decoded.content)
    with decoder_errors(source, header):
        colours = _colours(header, decoded.content)
        pixels, alpha = _assemble(decoded, colours, background)
    return Photo(pixels, _with_notes(info, header, colours), alpha)


def _with_notes(info: PhotoInfo, header: PhotoHeader, colours: _Colours) -> PhotoInfo:
    notes = info.notes
    if colours.ignored:
        notes += (_IGNORED_PROFILE,)
    if is_hdr(header.cicp):
        notes += (_HDR_CLIPPED,)
    return replace(info, notes=notes)


def load_photo(
    path: Path, *, min_scale: float = 1.0, background: Rgb | None = BLACK, limits: PhotoLimits | None = None
) -> Photo:
    """Decode a photo to upright sRGB.

    Args:
        path: the file; its content decides the format, not its name.
        min_scale: the caller needs at least this many decoded pixels per full-size pixel, 0 < min_scale <= 1. JPEG is
            decoded at 1/2, 1/4 or 1/8 by its DCT, which saves time and memory; other formats have no such way and are
            decoded whole. The DCT's reduction is no good filter: it folds what it leaves out at -15 to -25 dB, so ask
            for more than is shown.
        background: R, G, B 0..255 under transparent pixels; alpha is mixed on sRGB codes, as browsers do. None keeps
            the transparency in ``Photo.alpha``.
        limits: what the photo may cost; by default the site's settings.

    Raises:
        OptionError: ``min_scale`` is out of range.
        UnreadableMedia, UnsupportedMedia, CorruptMedia, MediaLimitExceeded: see :func:`engine.media.probe_photo`.
    """
    if not 0 < min_scale <= 1:
        raise OptionError(f"min_scale is {min_scale}; give a number above 0 and up to 1.")
    with open_photo_source(path, limits or PhotoLimits.from_settings()) as source:
        return _load(source, min_scale, background)
