"""From words to edit operations."""

from collections.abc import Sequence

from engine.motion import Motion
from engine.timeline import Draft, SetMotion
from pipelines.director.plan import Asset, Plan, Understood


def direct(text: str, draft: Draft, assets: Sequence[Asset] = ()) -> Plan:
    """Turn an instruction into edit operations on a draft.

    Deterministic; applying the operations to ``draft`` never fails.
    """
    del assets
    words = text.casefold()
    if "zoom" not in words or not draft.photos:
        return Plan((), "I did not understand.", (), (f"“{text}”",))
    move = "zoom_out" if "zoom out" in words else "zoom_in"
    motion = Motion((move,), speed="slow" if "slow" in words else None)
    return Plan((SetMotion(motion),), f"{move}.", (Understood("move", move),))
