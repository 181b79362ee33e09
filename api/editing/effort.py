"""How much work one video may be: one user's must not keep a site's workers for days."""

from engine.core.errors import BadRequest
from engine.core.settings import Setting
from engine.motion import in_depth
from engine.timeline import Draft, Segment

MOST_SECONDS = Setting(
    "MULTIPLANE_MAX_VIDEO_S", 3600, "s", 1, 10_000_000,
    "longest video, in seconds of 1080p at 30 frames a second; larger and quicker ones must be shorter, a photo in "
    "depth counts 15 more",
)  # fmt: skip

UNIT = 1920 * 1080 * 30
"""Pixels of a second of that."""


SCENE = 15.0
"""Seconds of that which taking one photo apart into a scene with depth takes as long as."""


def check_effort(draft: Draft) -> None:
    """Refuse a video that is too much work.

    Raises:
        BadRequest: so it is.
    """
    seconds = float(draft.duration) * draft.canvas.width * draft.canvas.height * float(draft.frame_rate) / UNIT
    scenes = sum(_has_depth(segment) for track in draft.tracks for segment in track.segments)
    seconds += SCENE * scenes
    if seconds > MOST_SECONDS.value():
        raise BadRequest(
            f"This video is as much work as {seconds / 60:.0f} minutes of 1080p, and this site makes "
            f"{MOST_SECONDS.value() / 60:.0f} at most: make it shorter or smaller"
            + (f", or fewer of its photos in depth ({SCENE:g} s each)." if scenes else ".")
        )


def _has_depth(segment: Segment) -> bool:
    return segment.motion is not None and in_depth(segment.motion)
