"""The one way in which FFmpeg opens a file: that local file alone, with a demuxer that reads nothing but it.

A play list, a "concat" script, a session description or the pattern of an image sequence would otherwise make FFmpeg
read other files of this machine, or reach for the network, and what it finds there would end up in somebody's video.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer

DEMUXERS = (
    # videos, and sounds in the same containers; mov is MP4, M4A and 3GP too
    "mov",
    "matroska",
    "avi",
    "mpegts",
    "mpeg",
    "mpegvideo",
    "asf",
    "flv",
    "ogg",
    "mxf",
    "dv",
    # sounds
    "mp3",
    "aac",
    "wav",
    "w64",
    "flac",
    "aiff",
    "caf",
    "amr",
    # animations, which are asked whether they sound; webp_pipe reads the one file that is open
    "gif",
    "apng",
    "webp_pipe",
)
"""FFmpeg's demuxers that may be used. None of them opens a second file, as hls, concat, dash, imf, image2 or sdp do."""

_CLOSED = {
    "format_whitelist": ",".join(DEMUXERS),
    "protocol_whitelist": "file",
    # A QuickTime movie may keep its media in other files, and name them by path or address; these are the defaults,
    # written out so that no build of FFmpeg may have others.
    "enable_drefs": "0",
    "use_absolute_path": "0",
}


def open_local(
    path: Path, options: Mapping[str, str] | None = None, *, demuxer: str | None = None, metadata_errors: str = "strict"
) -> "InputContainer":
    """Open one local file with FFmpeg.

    Args:
        path: the file. Its name is never read as an address or a pattern.
        options: more of FFmpeg's options; those that keep the file to itself cannot be taken back.
        demuxer: the one to use; by default FFmpeg chooses one of :data:`DEMUXERS` by content.
        metadata_errors: what becomes of texts in the file that are no UTF-8, as for ``bytes.decode``.

    Raises:
        av.FFmpegError, OSError, ValueError: it cannot be opened, or is nothing that may be opened.
    """
    import av

    return av.open(
        # Without the scheme, "concat:a|b" or "http://..." as a file's name would be a protocol.
        f"file:{path.absolute()}",
        "r",
        format=demuxer,
        options={**(options or {}), **_CLOSED},
        metadata_errors=metadata_errors,
    )
