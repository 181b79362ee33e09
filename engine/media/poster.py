"""A small picture that stands for a medium: of a photo itself, of what moves its first picture, as a JPEG."""

import io
from fractions import Fraction
from pathlib import Path

from engine.core.frames import RgbImage
from engine.media.kind import media_kind
from engine.media.load import load_photo
from engine.media.probe import probe_photo

POSTER_SIDE = 640
"""Pixels of the longer side, at most."""

_QUALITY = 82
_SPARE = 2
"""Decoded pixels for one that is shown: the DCT's own reduction folds (see ``load_photo``)."""


def poster_of(path: Path, side: int = POSTER_SIDE) -> bytes:
    """The poster of a photo, a video or an animation, upright sRGB.

    Raises:
        MediaError: the file cannot be read, or shows nothing.
    """
    if media_kind(path) == "photo":
        info = probe_photo(path)
        scale = min(1.0, _SPARE * side / max(info.width, info.height))
        return poster_jpeg(load_photo(path, min_scale=scale).pixels, side)
    from engine.media.video.reader import VideoReader
    from engine.media.video.rgb import to_rgb

    with VideoReader(path) as reader:
        return poster_jpeg(to_rgb(reader.frame_at(Fraction(0))), side)


def poster_jpeg(pixels: RgbImage, side: int = POSTER_SIDE) -> bytes:
    """A picture of shape (H, W, 3), uint8 sRGB, made as small as a poster and encoded."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()
