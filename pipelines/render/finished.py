"""The GOPs of a scene that the cache holds already, and those that are put there."""

import json
import time
from contextlib import suppress
from pathlib import Path

from engine.core.content import digest
from engine.core.errors import MediaError
from engine.media.packets import EncodedGop, gop_to_bytes, read_gop
from engine.timeline import TEXT
from pipelines.render.cache import Cache
from pipelines.render.keys import gop_key
from pipelines.render.needs import needs_of
from pipelines.render.options import RenderOptions
from pipelines.render.painter import near
from pipelines.render.scene import Gop, Scene

KIND = "gop"
"""What sort of part a GOP is in the cache."""

NOTES = "gop-notes"
"""What sort of part the sentences about a GOP are: what a user was told of a photo holds for the cached video, too."""

TRIM_SHARE = 1 / 16
"""Of the budget: how much a rendering adds before it makes room."""


class Finished:
    """The GOPs of a scene that the cache holds, and those that it does not.

    Args:
        scene: what is rendered.
        options: how.
        cache: where finished GOPs are; None keeps none.

    Attributes:
        missing: the GOPs that must be rendered, in order.
        notes: sentences for the user about those that need not, each once.
    """

    def __init__(self, scene: Scene, options: RenderOptions, cache: Cache | None) -> None:
        self._scene = scene
        self._options = options
        self._cache = cache
        self._fonts = _fonts_key(scene) if cache is not None else ""
        self._keys: dict[int, str] = {}
        self._found: dict[int, Path] = {}
        self._held = self._added = 0
        self.missing: list[Gop] = []
        notes: dict[str, None] = {}
        for gop in scene.gops:
            if cache is not None:
                self._keys[gop.index] = self._key(gop)
                path = cache.find(KIND, self._keys[gop.index])
                if path is not None:
                    self._found[gop.index] = path
                    notes.update(dict.fromkeys(self._notes(cache, gop)))
                    continue
            self.missing.append(gop)
        self.notes = tuple(notes)
        self._held = sum(_size(path) for path in set(self._found.values()))

    def has(self, gop: Gop) -> bool:
        """Whether a GOP was in the cache when the rendering began."""
        return gop.index in self._found

    def get(self, gop: Gop) -> EncodedGop | None:
        """A GOP from the cache; None where it was removed or damaged meanwhile."""
        try:
            return read_gop(self._found[gop.index])
        except MediaError:
            return None

    def keep(self, gop: Gop, made: EncodedGop, notes: tuple[str, ...] = ()) -> None:
        """Put a GOP that was rendered just now into the cache, where there is one.

        Not where the video fills the budget already: what it takes from the cache would be the next to go. Nor where a
        file that is seen in it has changed since its content was hashed: nobody knows which content that was.
        """
        if self._cache is None or not self._unchanged(gop):
            return
        data = gop_to_bytes(made)
        if self._held + len(data) > self._cache.budget:
            return

        def write(path: Path) -> None:
            path.write_bytes(data)

        if self._cache.keep(KIND, self._keys[gop.index], write) is None:
            return
        if notes:
            said = json.dumps(notes)
            self._cache.keep(NOTES, self._notes_key(gop), lambda path: path.write_text(said, encoding="utf-8"))
        self._held += len(data)
        self._added += len(data)
        if self._added > self._cache.budget * TRIM_SHARE:
            self._added = 0
            self._cache.trim(time.time())

    def _key(self, gop: Gop) -> str:
        return gop_key(self._scene, gop, near(self._scene, gop), self._options, self._fonts)

    def _notes(self, cache: Cache, gop: Gop) -> tuple[str, ...]:
        path = cache.find(NOTES, self._notes_key(gop))
        with suppress(OSError, ValueError):
            return tuple(str(note) for note in json.loads(path.read_bytes())) if path is not None else ()
        return ()

    def _notes_key(self, gop: Gop) -> str:
        # A GOP does not depend on what its files are called, but sentences name them.
        shots = near(self._scene, gop)
        names = [path.name for shot in shots for path in needs_of(shot, self._options.base).files]
        return digest(self._keys[gop.index], names)

    def _unchanged(self, gop: Gop) -> bool:
        try:
            return self._key(gop) == self._keys[gop.index]
        except MediaError:
            return False


def _fonts_key(scene: Scene) -> str:
    # Finding the fonts takes time that a draft without texts need not spend.
    if all(shot.kind != TEXT for shot in scene.shots):
        return ""
    from pipelines.render.fonts import fonts_key

    return fonts_key()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
