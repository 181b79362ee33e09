"""Opening a video file with FFmpeg, without surprises.

Only regular files, and only as :mod:`engine.media.demuxers` opens them. Sizes are checked before anything is decoded.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av

from engine.core.errors import CorruptMedia, MediaError, UnreadableMedia, UnsupportedMedia
from engine.media.demuxers import open_local
from engine.media.sniff import SNIFF_BYTES, sniff
from engine.media.video.limits import VideoLimits

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

CONTAINERS: dict[str, str] = {
    "mov": "MP4",
    "matroska": "Matroska",
    "mpegts": "MPEG-TS",
    "mpeg": "MPEG",
    "mpegvideo": "MPEG",
    "avi": "AVI",
    "asf": "Windows Media",
    "flv": "Flash video",
    "ogg": "Ogg",
    "mxf": "MXF",
    "dv": "DV",
}
"""What users call the files of each demuxer."""

ADVICE = "give a video as MP4, MOV, MKV, WEBM, AVI or MPEG-TS, or an animated GIF, WEBP or PNG."
DAMAGED = "the file is damaged and no picture of it can be decoded; copy or export it again."


def read_head(path: Path, limits: VideoLimits) -> bytes:
    """The first bytes of a regular file that is not too large.

    Raises:
        UnreadableMedia: missing, a directory, a pipe or device, no permission, or empty.
        MediaLimitExceeded: it has more bytes than allowed.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableMedia(path, "this is a directory; give the video file itself.")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableMedia(path, "this is not a regular file (a pipe, socket or device); save it to a file.")
        if status.st_size == 0:
            raise UnreadableMedia(path, "the file is empty; copy or download it again.")
        limits.check_file(path, status.st_size)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.read(descriptor, SNIFF_BYTES)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise UnreadableMedia(path, "there is no such file; check the path.", detail=str(error)) from error
    except PermissionError as error:
        raise UnreadableMedia(
            path, "reading it is not permitted; give yourself read permission.", detail=str(error)
        ) from error
    except (OSError, ValueError) as error:
        raise UnreadableMedia(
            path, "the system could not open it; check the path and the disk.", detail=str(error)
        ) from error


@contextmanager
def ffmpeg_errors(path: Path) -> Iterator[None]:
    """Turn FFmpeg's errors into a sentence about the file."""
    try:
        yield
    except MediaError:
        raise
    except av.error.FFmpegError as error:
        raise CorruptMedia(path, DAMAGED, detail=str(error)) from error
    except (OSError, ValueError, MemoryError) as error:
        raise CorruptMedia(path, DAMAGED, detail=f"{type(error).__name__}: {error}") from error


def open_container(path: Path, limits: VideoLimits) -> "InputContainer":
    """Open a video file.

    Raises:
        UnsupportedMedia: FFmpeg knows no video container in it; the message says what it is.
        CorruptMedia: it begins like a video and cannot be opened.
        UnreadableMedia, MediaLimitExceeded: see :func:`read_head`.
    """
    head = read_head(path, limits)
    options = {"fflags": "+genpts", "max_pixels": str(limits.pixels)}
    try:
        return open_local(path, options, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        verdict = sniff(head)
        if not verdict.container and "video" not in verdict.description and "transport" not in verdict.description:
            raise UnsupportedMedia(path, f"this is {verdict.description}; {ADVICE}", detail=str(error)) from error
        if verdict.container and verdict.container != "ISOBMFF":
            raise UnsupportedMedia(path, f"this is a {verdict.container} photo; {ADVICE}", detail=str(error)) from error
        raise CorruptMedia(path, DAMAGED, detail=str(error)) from error


def video_stream(path: Path, container: "InputContainer", limits: VideoLimits) -> "VideoStream":
    """The video stream to show: the first that is not a cover picture. All others are left unread.

    Raises:
        UnsupportedMedia: there is none, or nobody here can decode it.
        CorruptMedia: its header claims pictures without a size.
        MediaLimitExceeded: they are too large.
    """
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        raise UnsupportedMedia(path, f"there is no video in it; {ADVICE}")
    stream = streams[0]
    if stream.codec_context is None:
        raise UnsupportedMedia(path, "its video has a coding that we cannot decode; export it as H.264.")
    width, height = stream.codec_context.width, stream.codec_context.height
    if width < 1 or height < 1:
        raise CorruptMedia(path, DAMAGED, detail=f"claims {width}x{height} pixels")
    limits.check_size(path, width, height)
    for other in container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    return stream
