"""A studio's own depth map from a file."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.core.errors import CorruptMedia, UnsupportedMedia
from engine.depth.fill import fill_invalid
from engine.depth.float_files import NPY_MAGIC, is_pfm, read_float_tiff, read_npy, read_pfm
from engine.depth.guided import Map
from engine.depth.resize import resized
from engine.media.decoders import decode, decoder_errors
from engine.media.limits import PhotoLimits
from engine.media.orientation import TRANSPOSES, UPRIGHT
from engine.media.probe import read_header
from engine.media.sniff import SNIFF_BYTES, sniff
from engine.media.source import PhotoSource, open_photo_source

ASPECT_TOLERANCE = 0.02
"""By how much, as a share, the shape of a depth map may differ from the photo's."""

GREY_TOLERANCE = 6
"""Codes of 255 by which the channels of a grey picture saved as RGB may differ (JPEG's chroma)."""

MOST_PIXELS_ASIDE = 4096
"""Longest side, in pixels, that is kept; what is larger is reduced to it."""

SPARE_BITS = 8
"""A 16-bit map whose largest code is below 65535 / 8 holds fewer bits (12-bit cameras): that code is its full range."""

FORMATS = "8- or 16-bit PNG or TIFF, float TIFF, PFM or NumPy .npy"


def read_depth_file(
    path: Path, photo_size: tuple[int, int], *, invert: bool = False, limits: PhotoLimits | None = None
) -> Map:
    """Read a depth map of a photo.

    Codes of 8 and 16 bits count from 0, infinitely far, to full range, nearest. Floats within 0..1 are taken as they
    are; others are stretched, the least to 0 and the largest to 1. Pixels that are transparent, NaN or infinite hold no
    value, and are filled from their neighbours.

    Args:
        path: the file; its content decides the format.
        photo_size: (width, height) of the upright photo, in pixels, whose shape the map must have.
        invert: larger values are farther in this file.
        limits: what a file may cost; by default what the site allows a photo.

    Returns:
        shape (h, w), float32, 0..1, larger is nearer; at most :data:`MOST_PIXELS_ASIDE` long.

    Raises:
        UnreadableMedia, CorruptMedia, MediaLimitExceeded: see :func:`engine.media.probe_photo`.
        UnsupportedMedia: another format, colours, another shape than the photo's, or no valid value.
    """
    with open_photo_source(path, limits or PhotoLimits.from_settings()) as source:
        raw, transparent = _raw(source)
    _check_shape(path, raw.shape[1::-1], photo_size)
    values, valid = _grey(path, raw)
    if transparent is not None:
        valid &= ~transparent
    if not valid.any():
        raise UnsupportedMedia(path, "this depth map holds no valid value; export it again.")
    filled = _reduced(fill_invalid(_to_unit(values, valid, raw.dtype), valid))
    return np.asarray(np.clip(1 - filled if invert else filled, 0, 1), np.float32)


def _raw(source: PhotoSource) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
    """Upright values, shape (h, w) or (h, w, 3), and where they are transparent."""
    head = source.up_to(0, SNIFF_BYTES)
    if head.startswith(NPY_MAGIC):
        return read_npy(source), None
    if is_pfm(head):
        return read_pfm(source), None
    container = sniff(head).container
    if container == "TIFF" and (values := read_float_tiff(source)) is not None:
        return values, None
    if container not in ("PNG", "TIFF"):
        what = sniff(head).description or f"a {container} picture"
        raise UnsupportedMedia(source.path, f"this is {what}; give the depth map as {FORMATS}.")
    return _from_picture(source)


def _from_picture(source: PhotoSource) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
    header = read_header(source)
    decoded = decode(source, header, 1.0)
    content = decoded.content
    with decoder_errors(source, header):
        if isinstance(content, Image.Image):
            if decoded.orientation != UPRIGHT:
                content = content.transpose(TRANSPOSES[decoded.orientation])
            pixels = np.asarray(_plain(content))
        else:
            pixels = _turned(content.values, decoded.orientation)
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    channels = pixels.shape[2]
    transparent = pixels[..., -1] == 0 if channels in (2, 4) else None
    return (pixels[..., :3] if channels >= 3 else pixels[..., 0]), transparent


def _plain(picture: Image.Image) -> Image.Image:
    """Grey or RGB samples, with alpha where there is any."""
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        return picture.convert("RGBA")
    if picture.mode in ("La", "RGBa"):
        return picture.convert(picture.mode.upper())
    return picture


def _turned(pixels: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels[::-1] if orientation in (3, 4, 7, 8) else pixels


def _check_shape(path: Path, size: tuple[int, ...], photo_size: tuple[int, int]) -> None:
    """Within the tolerance, or within the rounding of a small map's sides to whole pixels."""
    width, height = size
    shape, wanted = width / height, photo_size[0] / photo_size[1]
    slack = max(ASPECT_TOLERANCE, 0.5 / width + 0.5 / height)
    if abs(shape / wanted - 1) > slack:
        raise UnsupportedMedia(
            path,
            f"this depth map of {width}x{height} pixels has another shape than the photo of "
            f"{photo_size[0]}x{photo_size[1]}; export it for the whole photo, at any size.",
        )


def _grey(path: Path, raw: NDArray[np.generic]) -> tuple[Map, NDArray[np.bool_]]:
    if raw.dtype.kind not in "biuf":
        raise CorruptMedia(path, "the depth map holds no numbers; export it again.", detail=str(raw.dtype))
    with np.errstate(over="ignore", invalid="ignore"):  # a float64 beyond float32 becomes infinite, which is invalid
        values = raw.astype(np.float32)
    if values.ndim == 3:
        step = GREY_TOLERANCE * _full_range(raw.dtype) / 255
        spread = values.max(axis=2) - values.min(axis=2)
        if not np.all(~np.isfinite(spread) | (spread <= step)):
            raise UnsupportedMedia(
                path, "this picture has colours; give the depth map itself in grey, not a coloured view of it."
            )
        values = values.mean(axis=2, dtype=np.float32)
    return values, np.isfinite(values)


def _full_range(kind: np.dtype[np.generic]) -> float:
    return {"uint8": 255.0, "uint16": 65535.0}.get(kind.name, 1.0)


def _to_unit(values: Map, valid: NDArray[np.bool_], kind: np.dtype[np.generic]) -> Map:
    """Valid values as 0..1."""
    known = values[valid]
    least, most = float(known.min()), float(known.max())
    values = np.where(valid, values, np.float32(least))
    if kind in (np.dtype(np.uint8), np.dtype(np.uint16)):
        full = _full_range(kind)
        if kind == np.uint16 and 0 < most < full / SPARE_BITS:
            full = most
        return np.asarray(values / np.float32(full), np.float32)
    if least >= 0 and most <= 1:
        return values
    if most == least:
        return np.full_like(values, 0.5)
    # In float64: the range of float32 values may be wider than float32 holds.
    return ((values.astype(np.float64) - least) / (most - least)).astype(np.float32)


def _reduced(values: Map) -> Map:
    height, width = values.shape
    factor = MOST_PIXELS_ASIDE / max(height, width)
    if factor >= 1:
        return values
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return resized(values, size)
