"""Who makes the pictures between and who enlarges them, by the packs that are installed."""

from engine.core.content import digest
from engine.packs import installed, installed_packs
from models.interpolation.choose import PACK as RIFE
from models.interpolation.choose import open_interpolator
from models.interpolation.interface import Interpolator
from models.runtime import Placement, has_torch
from models.super_resolution.choose import OTHER_PACK, SPAN_PACK, open_upscaler
from models.super_resolution.interface import Upscaler

PACKS = (RIFE, SPAN_PACK, OTHER_PACK)


def finishing_key() -> str:
    """Changes with what would make and enlarge pictures here; nothing is loaded for it."""
    manifests = installed_packs()
    there = [(pack, manifests[pack]) for pack in PACKS if installed(pack) is not None and pack in manifests]
    contents = [(pack, sorted((name, file.sha256) for name, file in each.files.items())) for pack, each in there]
    return digest(has_torch(), contents)


def open_finishers(placement: Placement) -> tuple[Interpolator, Upscaler]:
    """Load them.

    Raises:
        WeightsError: the files of a pack are not what they should be.
    """
    return (
        open_interpolator(installed(RIFE), placement),
        open_upscaler(installed(SPAN_PACK), installed(OTHER_PACK), placement),
    )


def finishing_names() -> tuple[str, str]:
    """Both in words, for the doctor."""
    between = "RIFE" if installed(RIFE) is not None and has_torch() else f"optical flow; pack {RIFE} is better"
    for pack in (OTHER_PACK, SPAN_PACK):
        if installed(pack) is not None and has_torch():
            return between, f"pack {pack}"
    return between, f"Lanczos; pack {SPAN_PACK} is sharper"
