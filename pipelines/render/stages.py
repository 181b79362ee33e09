"""The stages of the renderer: what sources prepare is kept in the site's cache, beside finished GOPs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.core.content import digest
from engine.core.stages import Stages
from pipelines.render.cache import Cache
from pipelines.render.options import RenderOptions
from pipelines.render.software import software

LARGEST_SHARE = 1 / 4
"""Of the budget: a larger result would push out more than it saves."""


@dataclass(frozen=True, slots=True)
class CachedStages:
    """Results by their key and by the version of what makes them; see :class:`engine.core.stages.Stages`."""

    cache: Cache

    def find(self, kind: str, key: str) -> Path | None:
        """The file of a result; it counts as used now."""
        return self.cache.find(kind, digest(software(), key))

    def keep(self, kind: str, key: str, write: Callable[[Path], object]) -> Path | None:
        """Keep a result, where the budget has room for it; what was not used for the longest time goes."""

        def write_small(path: Path) -> None:
            write(path)
            if path.stat().st_size > LARGEST_SHARE * self.cache.budget:
                raise OSError("too large to be kept")

        kept = self.cache.keep(kind, digest(software(), key), write_small)
        if kept is not None:
            # A preview keeps results too, and nothing else of it would ever make room.
            self.cache.trim(time.time())
        return kept

    def discard(self, kind: str, key: str) -> None:
        """Forget a result."""
        self.cache.discard(kind, digest(software(), key))


def stages_of(options: RenderOptions) -> Stages | None:
    """Where a rendering keeps what its sources prepare; None where nothing is to be kept.

    Raises:
        OptionError: a setting of the cache is not usable.
    """
    return CachedStages(Cache.of_site()) if options.cached else None
