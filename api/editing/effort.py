"""How much work one video may be: one user's must not keep a site's workers for days."""

from engine.core.errors import BadRequest
from engine.core.settings import Setting
from engine.timeline import Draft

MOST_SECONDS = Setting(
    "MULTIPLANE_MAX_VIDEO_S", 3600, "s", 1, 10_000_000,
    "longest video, in seconds of 1080p at 30 frames a second; larger and quicker ones must be shorter",
)  # fmt: skip

UNIT = 1920 * 1080 * 30
"""Pixels of a second of that."""


def check_effort(draft: Draft) -> None:
    """Refuse a video that is too much work.

    Raises:
        BadRequest: so it is.
    """
    seconds = float(draft.duration) * draft.canvas.width * draft.canvas.height * float(draft.frame_rate) / UNIT
    if seconds > MOST_SECONDS.value():
        raise BadRequest(
            f"This video is as much work as {seconds / 60:.0f} minutes of 1080p, and this site makes "
            f"{MOST_SECONDS.value() / 60:.0f} at most: make it shorter or smaller."
        )
