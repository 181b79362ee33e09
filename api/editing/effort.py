"""How much work one video may be: one user's must not keep a site's workers for days."""

from fractions import Fraction
from math import ceil

from engine.core.errors import BadRequest
from engine.core.settings import Setting
from engine.motion import generated, in_depth
from engine.timeline import Draft, Segment

MOST_SECONDS = Setting(
    "MULTIPLANE_MAX_VIDEO_S", 3600, "s", 1, 10_000_000,
    "longest video, in seconds of 1080p at 30 frames a second; larger and quicker ones must be shorter, a photo in "
    "depth counts 15 more, each clip that a model generates 120",
)  # fmt: skip

UNIT = 1920 * 1080 * 30
"""Pixels of a second of that."""


SCENE = 15.0
"""Seconds of that which taking one photo apart into a scene with depth takes as long as."""

GENERATION = 120.0
"""Seconds of that which one generation counts as. A second of 1080p costs about 0.3 s of a worker; 25 pictures of a
model in its full quality are meant to cost 20 to 40 s of a GPU, with their way to 1080p."""

GENERATED_S = Fraction(25, 7)
"""Seconds of one generation, where one goes on from another: 25 pictures, 7 a second."""


def check_effort(draft: Draft) -> None:
    """Refuse a video that is too much work.

    Raises:
        BadRequest: so it is.
    """
    segments = [segment for track in draft.tracks for segment in track.segments]
    seconds = float(draft.duration) * draft.canvas.width * draft.canvas.height * float(draft.frame_rate) / UNIT
    scenes = sum(_has_depth(segment) for segment in segments)
    generations = sum(_generations(segment) for segment in segments)
    seconds += SCENE * scenes + GENERATION * generations
    if seconds > MOST_SECONDS.value():
        fewer = [f"of its photos in depth ({SCENE:g} s each)"] if scenes else []
        fewer += [f"generated clips ({GENERATION:g} s each)"] if generations else []
        raise BadRequest(
            f"This video is as much work as {seconds / 60:.0f} minutes of 1080p, and this site makes "
            f"{MOST_SECONDS.value() / 60:.0f} at most: make it shorter or smaller"
            + (f", or fewer {' and '.join(fewer)}." if fewer else ".")
        )


def _has_depth(segment: Segment) -> bool:
    return segment.motion is not None and in_depth(segment.motion)


def _generations(segment: Segment) -> int:
    """How many clips a model generates for a segment."""
    if segment.motion is None or not generated(segment.motion):
        return 0
    return ceil(segment.duration / GENERATED_S) if segment.motion.extend == "chain" else 1
