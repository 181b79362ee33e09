"""How long a medium lasts: what a segment takes that states no duration."""

from fractions import Fraction
from pathlib import Path

from engine.core.errors import UnsupportedMedia
from engine.media.kind import media_kind
from pipelines.render.source_path import source_path


def media_length(src: str, base: Path) -> Fraction | None:
    """Seconds of a video, an animation or a sound; None for a photo, which lasts as long as one likes.

    Args:
        src: as in the draft.
        base: folder that relative sources count from.

    Raises:
        MediaError: the file cannot be read.
    """
    path = source_path(src, base)
    if media_kind(path) == "photo":
        return None
    from engine.audio import probe_audio
    from engine.media.video import probe_video

    try:
        return probe_video(path).duration
    except UnsupportedMedia:
        sound = probe_audio(path)
        return None if sound is None else sound.duration
