"""The fonts of this site."""

from functools import lru_cache

from engine.core.content import digest, tree_digest
from engine.packs import font_folders
from engine.text import FontLibrary


@lru_cache(maxsize=1)
def font_library() -> FontLibrary:
    """Those of the packs, of the studio, of the system and our own; found once in a process."""
    return FontLibrary(font_folders())


def fonts_key() -> str:
    """A hash that changes when a font that texts may use is added, removed or replaced."""
    return digest([tree_digest(folder, "") for folder in font_library().folders])
