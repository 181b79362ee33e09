"""The fonts of this site."""

import threading

from engine.core.content import digest, tree_digest
from engine.packs import font_folders
from engine.text import FontLibrary

_lock = threading.Lock()
_held: tuple[str, FontLibrary] | None = None


def font_library() -> FontLibrary:
    """Those of the packs, of the studio, of the system and our own; as :func:`fonts_key` found them last."""
    with _lock:
        return (_held or _look())[1]


def fonts_key() -> str:
    """A hash that changes when a font that texts may use is added, removed or replaced.

    It looks at the folders anew, so that what is kept under this key is painted with these fonts: a process may live
    longer than the fonts that it began with.
    """
    with _lock:
        return _look()[0]


def _look() -> tuple[str, FontLibrary]:
    global _held
    library = FontLibrary(font_folders())
    key = digest([tree_digest(folder, "") for folder in library.folders])
    if _held is None or _held[0] != key:
        _held = key, library
    return _held
