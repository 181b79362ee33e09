"""Which packs a scene with depth is made with."""

from engine.packs import installed
from models.depth.depth_anything import PACK as DEPTH_PACK
from models.inpaint.lama import PACK as INPAINT_PACK
from models.matte.u2netp import PACK as MATTE_PACK


def packs_in_use() -> tuple[str, ...]:
    """Where the packs lie that a scene is made with: a text that changes with what is installed."""
    return tuple(str(installed(pack)) for pack in (DEPTH_PACK, MATTE_PACK, INPAINT_PACK))
