"""Which workers make a video."""

from api.editing.clips import generated_shots
from api.work.slots import GPU, RENDER
from engine.timeline import Draft


def lane_of(draft: Draft) -> str:
    """The lane of a draft: generated clips need a GPU, where the site has one."""
    return GPU if generated_shots(draft) else RENDER
