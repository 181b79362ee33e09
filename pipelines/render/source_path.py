"""Where a file that a draft names lies."""

from pathlib import Path

from engine.core.errors import DraftError, UnreadableMedia
from engine.packs import pack_source
from engine.timeline import Segment

PACK_SCHEME = "pack:"


def source_path(src: str, base: Path) -> Path:
    """The file that a segment's ``src`` names.

    Raises:
        MediaError: it lies in a pack that is not installed, or on the web.
    """
    if src.startswith(PACK_SCHEME):
        return pack_source(src)
    if "://" in src:
        raise UnreadableMedia(src, "this is an address, and nothing is fetched here: download it, and name the file.")
    return base / src


def named_source(segment: Segment) -> str:
    """The ``src`` of a segment on a video track.

    Raises:
        DraftError: it has none.
    """
    if not segment.src:
        raise DraftError(f"The clip {segment.id!r} has no source: give it a file in src, or color:#rrggbb.")
    return segment.src
