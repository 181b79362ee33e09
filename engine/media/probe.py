"""Probing: what a photo is, before anything is decoded."""

from collections.abc import Callable
from pathlib import Path

from engine.core.errors import UnsupportedMedia
from engine.media.headers.bmp import parse_bmp
from engine.media.headers.gif import parse_gif
from engine.media.headers.heif import parse_heif
from engine.media.headers.jpeg import parse_jpeg
from engine.media.headers.model import PhotoHeader
from engine.media.headers.png import parse_png
from engine.media.headers.tiff import parse_tiff
from engine.media.headers.webp import parse_webp
from engine.media.icc import cicp_description, icc_description
from engine.media.limits import PhotoLimits
from engine.media.orientation import swaps_sides
from engine.media.photo import PhotoInfo
from engine.media.sniff import EXTENSIONS, SNIFF_BYTES, sniff
from engine.media.source import PhotoSource, open_photo_source

_PARSERS: dict[str, Callable[[PhotoSource], PhotoHeader]] = {
    "JPEG": parse_jpeg,
    "PNG": parse_png,
    "WEBP": parse_webp,
    "ISOBMFF": parse_heif,
    "TIFF": parse_tiff,
    "BMP": parse_bmp,
    "GIF": parse_gif,
}


def read_header(source: PhotoSource) -> PhotoHeader:
    """Sniff the content and parse its header, with limits enforced.

    Raises:
        UnsupportedMedia: not a photo in a format that we read; the message says what it is.
        CorruptMedia, MediaLimitExceeded: see :func:`probe_photo`.
    """
    verdict = sniff(source.up_to(0, SNIFF_BYTES))
    if not verdict.container:
        named = ""
        suffix = source.path.suffix.lower()
        if any(suffix in names for names in EXTENSIONS.values()):
            named = f", whatever its name {suffix} says"
        raise UnsupportedMedia(source.path, f"this is {verdict.description}{named}; {verdict.advice}")
    return _PARSERS[verdict.container](source)


def _notes(source: PhotoSource, header: PhotoHeader) -> tuple[str, ...]:
    notes = []
    suffix = source.path.suffix.lower()
    if suffix not in EXTENSIONS[header.format] and any(suffix in names for names in EXTENSIONS.values()):
        notes.append(f"Its name says {suffix}, but it is a {header.format} photo and was read as one.")
    if header.frames > 1:
        rest = (
            "it is animated, and animations are not taken as video yet"
            if header.moving
            else "it has several pages, and only one can be shown"
        )
        notes.append(f"Only the first picture is used: {rest}.")
    return tuple(notes)


def describe(source: PhotoSource, header: PhotoHeader) -> PhotoInfo:
    """Turn a parsed header into what callers see."""
    width, height = header.width, header.height
    if swaps_sides(header.orientation):
        width, height = height, width
    return PhotoInfo(
        path=source.path,
        format=header.format,
        width=width,
        height=height,
        file_bytes=source.size,
        bit_depth=header.bit_depth,
        has_alpha=header.has_alpha,
        orientation=header.orientation,
        color_profile=icc_description(header.icc) if header.icc else cicp_description(header.cicp),
        notes=_notes(source, header),
    )


def probe_photo(path: Path, limits: PhotoLimits | None = None) -> PhotoInfo:
    """Read a photo's header; no pixel is decoded and no canvas allocated.

    Args:
        path: the file.
        limits: what it may cost; by default the site's settings.

    Raises:
        UnreadableMedia: missing, empty, a directory, a pipe or device, or without permission.
        UnsupportedMedia: a format or feature that we do not read.
        CorruptMedia: cut off or damaged where the header can tell.
        MediaLimitExceeded: the file, the pixel count or a side is above its limit.
    """
    with open_photo_source(path, limits or PhotoLimits.from_settings()) as source:
        return describe(source, read_header(source))
