"""What a file of a draft is: a photo, or a medium with a time of its own."""

from pathlib import Path
from typing import Literal

from engine.media.limits import PhotoLimits
from engine.media.probe import read_header
from engine.media.sniff import SNIFF_BYTES, sniff
from engine.media.source import open_photo_source

MediaKind = Literal["photo", "clip"]
"""``clip``: a video, an animation or a sound; ``photo``: everything else, what is no picture at all included, so that
whoever opens it as a photo says what it is."""


def media_kind(path: Path) -> MediaKind:
    """Tell photos from what moves or sounds, by content.

    Raises:
        UnreadableMedia: missing, empty, a directory, a pipe or device, or without permission.
    """
    # What a clip may cost is the business of whoever opens it as one.
    with open_photo_source(path, PhotoLimits.none()) as source:
        verdict = sniff(source.up_to(0, SNIFF_BYTES))
        if verdict.timed:
            return "clip"
        if verdict.container not in ("GIF", "WEBP", "PNG"):
            return "photo"
        header = read_header(source)
        return "clip" if header.frames > 1 and header.moving else "photo"
