"""The GOPs of a scene that the cache holds already."""

from pathlib import Path

from engine.core.errors import MediaError
from engine.media.packets import EncodedGop, gop_to_bytes, read_gop
from engine.timeline import TEXT
from pipelines.render.cache import Cache
from pipelines.render.keys import gop_key
from pipelines.render.options import RenderOptions
from pipelines.render.painter import near
from pipelines.render.scene import Gop, Scene

KIND = "gop"
"""What sort of part a GOP is in the cache."""


class Finished:
    """The GOPs of a scene that the cache holds, and those that it does not."""

    def __init__(self, scene: Scene, options: RenderOptions, cache: Cache | None) -> None:
        self._cache = cache
        self._keys: dict[int, str] = {}
        self.missing: list[Gop] = []
        # Finding the fonts takes time that a draft without texts need not spend.
        texts = any(shot.kind == TEXT for shot in scene.shots)
        fonts = ""
        if cache is not None and texts:
            from pipelines.render.fonts import fonts_key

            fonts = fonts_key()
        for gop in scene.gops:
            if cache is not None:
                self._keys[gop.index] = gop_key(scene, gop, near(scene, gop), options, fonts)
                if cache.find(KIND, self._keys[gop.index]) is not None:
                    continue
            self.missing.append(gop)
        self._absent = {gop.index for gop in self.missing}

    def has(self, gop: Gop) -> bool:
        """Whether a GOP was in the cache when the rendering began."""
        return gop.index not in self._absent

    def get(self, gop: Gop) -> EncodedGop | None:
        """A GOP from the cache; None where it is damaged, or was removed meanwhile."""
        if self._cache is None:
            return None
        try:
            return read_gop(self._cache.path(KIND, self._keys[gop.index]))
        except MediaError:
            self._cache.discard(KIND, self._keys[gop.index])
            return None

    def keep(self, index: int, gop: EncodedGop) -> None:
        """Put a GOP into the cache, where there is one."""
        if self._cache is not None:
            data = gop_to_bytes(gop)

            def write(path: Path) -> None:
                path.write_bytes(data)

            self._cache.keep(KIND, self._keys[index], write)
