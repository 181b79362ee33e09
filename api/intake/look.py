"""What an uploaded file is, found by decoding a little of it with the engine's own readers.

Only for the confined child (:mod:`api.intake.inspect_file`): the file has not been looked at before.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.audio.container import moving_picture, open_sound, probe_audio
from engine.audio.decode import decode_sound
from engine.core.errors import CorruptMedia, UnsupportedMedia
from engine.media.kind import media_kind
from engine.media.load import load_photo
from engine.media.poster import poster_jpeg, poster_of
from engine.media.video.animation import animation_format
from engine.media.video.container import read_head
from engine.media.video.limits import VideoLimits
from engine.media.video.probe import probe_video

POSTER = "poster.jpg"
"""What the child leaves in its working folder, where it could make one."""


def look(path: Path) -> dict[str, Any]:
    """Measure a file, and make sure that it can be decoded: a photo whole, of what moves the first picture, of a sound
    the first second.

    Returns:
        kind (``photo``, ``animation``, ``video`` or ``audio``), width and height (upright; 0 without a picture),
        seconds (0 for a photo), fps (0 without moving pictures), has_audio, frames.

    Raises:
        MediaError: it cannot be read, or is larger than this site allows.
    """
    if media_kind(path) == "photo":
        photo = load_photo(path)
        _keep_poster(lambda: poster_jpeg(photo.pixels))
        return _found("photo", photo.info.width, photo.info.height, frames=1)
    head = read_head(path, VideoLimits.from_settings())
    if not animation_format(head):
        with open_sound(path) as container:
            moving = moving_picture(container) is not None
        if not moving:
            return _sound(path)
    video = probe_video(path)
    _keep_poster(lambda: poster_of(path))
    return _found(
        "animation" if video.animated else "video",
        video.width,
        video.height,
        seconds=float(video.duration),
        fps=float(video.frame_rate),
        has_audio=video.has_audio,
        frames=video.frames,
    )


def _keep_poster(make: Callable[[], bytes]) -> None:
    """Leave a poster in the working folder, for the parent to take; a file without one is no worse a file."""
    with suppress(Exception):
        Path(POSTER).write_bytes(make())


def _sound(path: Path) -> dict[str, Any]:
    info = probe_audio(path)
    if info is None:
        raise UnsupportedMedia(path, "there is neither picture nor sound in it; give another file.")
    first = next(decode_sound(path), None)
    if first is None or not len(first):
        raise CorruptMedia(path, "its sound cannot be decoded: the file is damaged; export it again.")
    return _found("audio", 0, 0, seconds=float(info.duration), has_audio=True)


def _found(
    kind: str,
    width: int,
    height: int,
    *,
    seconds: float = 0,
    fps: float = 0,
    has_audio: bool = False,
    frames: int = 0,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "width": width,
        "height": height,
        "seconds": seconds,
        "fps": fps,
        "has_audio": has_audio,
        "frames": frames,
    }
