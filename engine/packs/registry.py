"""The registry of this site: our packs, and those of the site's own file."""

from functools import lru_cache
from pathlib import Path

from engine.core.errors import OptionError
from engine.core.settings import PathSetting
from engine.packs.model import Pack
from engine.packs.parse import read_registry

OWN_REGISTRY = Path(__file__).with_name("registry.toml")

SITE_REGISTRY = PathSetting(
    "MULTIPLANE_PACKS_REGISTRY", lambda: None, "a registry of packs of your own, beside ours (TOML)"
)


def registry() -> dict[str, Pack]:
    """Every pack that this site knows, by id: ours, then the site's; the site's takes the place of one of ours.

    Raises:
        OptionError: the site's file is not there, or something in it does not hold.
    """
    site = SITE_REGISTRY.value()
    return dict(_read(OWN_REGISTRY, 0) if site is None else _both(site))


def find_pack(pack_id: str) -> Pack:
    """The pack of that id.

    Raises:
        OptionError: there is none.
    """
    packs = registry()
    if pack_id not in packs:
        raise OptionError(f"{pack_id} is not a pack: {', '.join(packs)} are known.")
    return packs[pack_id]


def _both(site: Path) -> dict[str, Pack]:
    try:
        changed = site.stat().st_mtime_ns
    except OSError as error:
        raise OptionError(
            f"{SITE_REGISTRY.variable} names {site}, which cannot be read: mend the setting.", detail=str(error)
        ) from error
    packs = {**_read(OWN_REGISTRY, 0), **_read(site, changed)}
    for pack in packs.values():
        for needed in pack.needs:
            if needed not in packs:
                raise OptionError(f"{site.name}, pack {pack.id}: needs {needed}, which is no pack.")
    return packs


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> dict[str, Pack]:
    """Read once; ``changed`` makes a file that was edited another one."""
    return {pack.id: pack for pack in read_registry(path)}
