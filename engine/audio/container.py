"""What a file with sound says about itself."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.audio.clip import AudioInfo
from engine.core.errors import CorruptMedia, UnreadableMedia
from engine.media.demuxers import open_local

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream


def probe_audio(path: Path) -> AudioInfo | None:
    """Read what a file says about its sound; None when it has none.

    Raises:
        UnreadableMedia: the file is missing, empty or may not be read.
        CorruptMedia: it is neither a sound nor a video file, or its header is damaged.
    """
    with open_sound(path) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        length = stated_length(container, stream)
        return AudioInfo(
            duration=length if length is not None else Fraction(container.duration or 0, 1_000_000),
            rate=stream.rate or 0,
            layout=stream.layout.name,
            channels=stream.channels,
            codec=stream.codec_context.name,
        )


def begin_of(stream: "Stream") -> Fraction:
    """Seconds of the file's clock where a stream starts."""
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    return Fraction(stream.start_time) * Fraction(stream.time_base)


def moving_picture(container: "InputContainer") -> "Stream | None":
    """The first video stream that is not a cover."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def stated_length(container: "InputContainer", stream: "AudioStream") -> Fraction | None:
    """Seconds from time 0 to the end of the sound, as the file says; None where it does not."""
    picture = moving_picture(container)
    lead = begin_of(stream) - begin_of(picture) if picture is not None else Fraction(0)
    if stream.duration is None or stream.time_base is None or stream.duration <= 0:
        return None
    length = Fraction(stream.duration) * stream.time_base
    if container.format.name == "ogg" and stream.codec_context.name.endswith("opus"):
        # Granule positions count the pre-skip (RFC 7845, section 4); libavformat leaves it in the duration.
        length -= Fraction(_opus_pre_skip(stream.codec_context.extradata), 48_000)
    return length + lead


def _opus_pre_skip(header: bytes | None) -> int:
    """Samples at 48 kHz that an OpusHead says to drop (RFC 7845, section 5.1)."""
    if header is None or len(header) < 12:
        return 0
    return int.from_bytes(header[10:12], "little")


def open_sound(path: Path) -> "InputContainer":
    """Open a file with libavformat, which reads that file only.

    Raises:
        UnreadableMedia: the file is missing, empty, a folder, or may not be read.
        CorruptMedia: it is no media file that libavformat knows, or its header is damaged.
    """
    import av

    try:
        if path.stat().st_size == 0:
            raise UnreadableMedia(path, "the file is empty: copy or export it again.")
        return open_local(path)
    except FileNotFoundError as error:
        raise UnreadableMedia(path, "there is no such file: check the name and the folder.") from error
    except IsADirectoryError as error:
        raise UnreadableMedia(path, "is a folder: give a sound file.") from error
    except PermissionError as error:
        raise UnreadableMedia(path, "may not be read: change its permissions.") from error
    except av.FFmpegError as error:
        raise CorruptMedia(
            path,
            "is neither a sound nor a video that can be read, or is damaged: give MP3, M4A, WAV, FLAC, OGG or a video.",
            detail=str(error),
        ) from error
