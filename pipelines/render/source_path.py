"""Where a file that a draft names lies."""

from pathlib import Path

from engine.core.errors import UnreadableMedia
from engine.packs import pack_source

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
