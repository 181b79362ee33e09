"""The files that a command line names: photos, videos, sounds, captions, and what the director may know of them."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.core.errors import UnsupportedMedia
from engine.media import PhotoInfo, probe_photo
from engine.media.kind import media_kind
from engine.media.sniff import EXTENSIONS
from pipelines.director import Asset

PHOTO_SUFFIXES = frozenset().union(*EXTENSIONS.values())

CAPTION_SUFFIXES = frozenset({".srt", ".vtt"})


@dataclass(frozen=True, slots=True)
class Medium:
    """A file, and what its header says.

    Attributes:
        path: where it is.
        asset: what the director is told of it.
        notes: sentences for the user about what is not obvious.
    """

    path: Path
    asset: Asset
    notes: tuple[str, ...] = ()


def probe_medium(path: Path, src: str | None = None) -> Medium:
    """Look at a file: by its content, not its name; captions have nothing but their name.

    Args:
        path: of the file.
        src: how a draft shall name it; its path by default.

    Raises:
        MediaError: it is missing, or nothing that we can use.
    """
    source = str(path) if src is None else src
    if path.suffix.lower() in CAPTION_SUFFIXES:
        from engine.text.captions import read_captions

        cues = read_captions(path)
        end = float(max((cue.end for cue in cues), default=Fraction(0)))
        return Medium(path, Asset(path.name, kind="captions", duration=end, src=source))
    # An animation that is called a picture is a photo to whoever animates photos.
    if path.suffix.lower() in PHOTO_SUFFIXES or media_kind(path) == "photo":
        photo = probe_photo(path)
        return _photo(photo, source)
    return _timed(path, source)


def _photo(photo: PhotoInfo, source: str) -> Medium:
    return Medium(photo.path, Asset(photo.path.name, photo.width, photo.height, src=source), photo.notes)


def _timed(path: Path, source: str) -> Medium:
    """A video, or a sound where there is no moving picture."""
    from engine.audio.container import moving_picture, open_sound, probe_audio
    from engine.media.video import probe_video

    with open_sound(path) as container:
        has_picture = moving_picture(container) is not None
    if has_picture:
        video = probe_video(path)
        asset = Asset(path.name, video.width, video.height, kind="video", duration=float(video.duration), src=source)
        return Medium(path, asset, video.notes)
    sound = probe_audio(path)
    if sound is None:
        raise UnsupportedMedia(path, "there is neither picture nor sound in it: give another file.")
    return Medium(path, Asset(path.name, kind="audio", duration=float(sound.duration), src=source))
