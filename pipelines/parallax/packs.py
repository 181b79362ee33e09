"""Which packs a scene with depth is made with."""

from importlib import util
from pathlib import Path

from engine.packs import installed
from models.depth.depth_anything import PACK as DEPTH_PACK
from models.inpaint.lama import PACK as INPAINT_PACK
from models.matte.u2netp import PACK as MATTE_PACK

DEPTH_LIBRARIES = ("torch", "transformers")
"""What the depth model runs on, beside its pack."""


def missing_libraries() -> tuple[str, ...]:
    """What the depth model would need and this installation has not; nothing is loaded for that."""
    return tuple(name for name in DEPTH_LIBRARIES if util.find_spec(name) is None)


def depth_pack() -> Path | None:
    """The folder of the depth model; None where it is not installed, or nothing is there to run it on."""
    return None if missing_libraries() else installed(DEPTH_PACK)


def packs_in_use() -> tuple[str, ...]:
    """Where the packs lie that a scene is made with: a text that changes with what is installed."""
    return (str(depth_pack()), *(str(installed(pack)) for pack in (MATTE_PACK, INPAINT_PACK)))
