"""Probing: what a video is, from its header, the times of its pictures and the first picture.

What the scan of a file found is remembered by its path, size and time of change, so that opening it again is cheap.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from av.sidedata.sidedata import Type

from engine.core.errors import CorruptMedia
from engine.media.limits import PhotoLimits
from engine.media.probe import probe_photo
from engine.media.video.animation import animation_format, decode_animation, scan_animation
from engine.media.video.color import coding_of
from engine.media.video.container import (
    ADVICE,
    CONTAINERS,
    DAMAGED,
    ffmpeg_errors,
    open_container,
    read_head,
    video_stream,
)
from engine.media.video.convert import PictureForm, form_of, pixel_has_alpha
from engine.media.video.index import PictureIndex
from engine.media.video.info import VideoInfo
from engine.media.video.limits import VideoLimits
from engine.media.video.orientation import orientation_of
from engine.media.video.picture import side_data
from engine.media.video.square import square_size
from engine.media.video.stream import CodedStream, has_hidden_alpha, scan

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

_CUT_OFF = "The file is cut off or damaged; what can be played is used."
_TONE_MAPPED = "It is HDR video and was tone-mapped to BT.709."
_DEINTERLACED = "It is interlaced and was deinterlaced."
_VARIABLE = "Its frame rate varies; each picture is shown at its own time."


@dataclass(frozen=True, slots=True)
class Scanned:
    """All that is known of a video without decoding more than one picture.

    Attributes:
        info: what callers see.
        index: when each picture is shown.
        form: what every picture is brought into.
        animation: ``"GIF"``, ``"WEBP"``, ``"PNG"``, or empty for a video.
    """

    info: VideoInfo
    index: PictureIndex
    form: PictureForm
    animation: str


def probe_video(path: Path, limits: VideoLimits | None = None) -> VideoInfo:
    """What a video file or an animation is.

    The times of all pictures are read, which takes as long as reading the file; one picture is decoded.

    Args:
        path: the file; its content decides, not its name.
        limits: what it may cost; by default the site's settings.

    Raises:
        UnreadableMedia: missing, empty, a directory, a pipe or device, or without permission.
        UnsupportedMedia: not a video, or one that we cannot decode; the message says what it is.
        CorruptMedia: no picture of it can be decoded.
        MediaLimitExceeded: larger or longer than allowed.
    """
    return scan_video(path, limits).info


def scan_video(path: Path, limits: VideoLimits | None = None) -> Scanned:
    """Like :func:`probe_video`, with what a reader needs besides."""
    limits = limits or VideoLimits.from_settings()
    head = read_head(path, limits)
    status = path.stat()
    identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    return _scan(path, animation_format(head), identity, limits)


@lru_cache(maxsize=32)
def _scan(path: Path, kind: str, identity: tuple[int, ...], limits: VideoLimits) -> Scanned:
    return _scan_animation(path, kind, limits) if kind else _scan_video(path, limits)


def _scan_animation(path: Path, kind: str, limits: VideoLimits) -> Scanned:
    bounds = PhotoLimits(limits.file_bytes, limits.pixels, limits.dimension)
    photo = probe_photo(path, bounds)
    index, cut_off = scan_animation(path, kind, limits)
    size = (photo.width, photo.height)
    first = next(decode_animation(path, kind, size), None)
    if first is None:
        raise CorruptMedia(path, DAMAGED, detail="no first picture")
    notes = (_CUT_OFF,) if cut_off else ()
    info = VideoInfo(
        path, kind, kind.lower(), *size, index.duration, index.frame_rate, index.variable, index.count,
        has_alpha=photo.has_alpha or bool(first[1][..., 3].min() < 255) or index.count > 1,
        animated=True, color="sRGB", notes=notes,
    )  # fmt: skip
    return Scanned(info, index, PictureForm(*size, size=size, has_alpha=info.has_alpha, memory=first[1].nbytes), kind)


def _scan_video(path: Path, limits: VideoLimits) -> Scanned:
    index, cut_off = scan(path, limits)
    frame = _first_picture(path, index, limits)
    limits.check_size(path, frame.width, frame.height)
    with open_container(path, limits) as container, ffmpeg_errors(path):
        stream = video_stream(path, container, limits)
        has_audio, audio_duration = _sound(container)
        codec = stream.codec_context.name
        # The picture's own ratio is the truth of the coded stream; the container's wins, as it does in players.
        aspect = stream.sample_aspect_ratio
        has_alpha = has_hidden_alpha(stream) or pixel_has_alpha(frame)
        name = container.format.name.partition(",")[0]
    orientation = orientation_of(side_data(frame, Type.DISPLAYMATRIX))
    width, height = frame.width, frame.height
    if orientation.transpose:
        width, height, aspect = height, width, 1 / aspect if aspect else None
    size = square_size(width, height, aspect)
    limits.check_size(path, *size)
    coding = coding_of(frame)
    notes = [
        note
        for note, holds in (
            (_CUT_OFF, cut_off),
            (_TONE_MAPPED, coding.transfer != "SDR"),
            (_DEINTERLACED, frame.interlaced_frame),
            (_VARIABLE, index.variable),
        )
        if holds
    ]
    info = VideoInfo(
        path, CONTAINERS.get(name, name), codec, *size, index.duration, index.frame_rate, index.variable,
        index.count, has_audio, audio_duration, has_alpha, False, bool(frame.interlaced_frame), coding.words,
        tuple(notes),
    )  # fmt: skip
    return Scanned(info, index, form_of(frame, orientation, size, has_alpha), "")


def _first_picture(path: Path, index: PictureIndex, limits: VideoLimits) -> "VideoFrame":
    stream = CodedStream(path, index, limits)
    try:
        for _, frame in stream.decode_from(0):
            return frame
    finally:
        stream.close()
    raise CorruptMedia(path, DAMAGED, detail="no picture could be decoded")


def _sound(container: "InputContainer") -> tuple[bool, Fraction | None]:
    if not container.streams.audio:
        return False, None
    stream = container.streams.audio[0]
    if stream.duration and stream.time_base:
        return True, stream.duration * stream.time_base
    return True, Fraction(container.duration, 1_000_000) if container.duration else None


__all__ = ["ADVICE", "Scanned", "probe_video", "scan_video"]
