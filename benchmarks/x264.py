"""One set of x264 settings for every contender: those of our own standard preset, and the proof that they were used.

The settings are derived from what the product uses (:mod:`engine.media.presets`, :mod:`engine.media.encoders`), handed
to each contender in its own language, and then read back: x264 writes the options it ran with into the first picture
of the stream (an SEI message of user data). :func:`options_in` reads them; the report compares them.
"""

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.media import PRESETS, Mp4Options
from engine.media.encoders import MAX_GOP_SECONDS, level_for

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

PRESET = PRESETS["standard"]

_SEI = re.compile(rb"x264 - core (\d+)[^\0]*? - options: ([^\0]*)")


def settings(width: int, height: int, rate: int) -> dict[str, str]:
    """The settings by libavcodec's names; ``threads`` 0 lets x264 choose (1.5 frame threads for each core)."""
    level = level_for(Mp4Options(width, height, Fraction(rate), PRESET))
    return {
        "preset": PRESET.x264_preset,
        "crf": f"{PRESET.crf:g}",
        "profile": "high",
        "level": level.name,
        "refs": str(PRESET.references),
        "g": str(MAX_GOP_SECONDS * rate),
        "maxrate": str(level.max_bit_rate),
        "bufsize": str(level.max_buffer_size),
        "x264-params": "open-gop=0:force-cfr=1",
        "threads": "0",
    }


def ffmpeg_arguments(values: dict[str, str]) -> list[str]:
    """The settings as output options of the ffmpeg command."""
    pairs = {"profile:v" if name == "profile" else name: value for name, value in values.items()}
    return ["-c:v", "libx264", *(part for name, value in pairs.items() for part in (f"-{name}", value))]


def open_stream(container: "OutputContainer", width: int, height: int, rate: int) -> "VideoStream":
    """A yuv420p stream in a PyAV container, its encoder open."""
    from av.codec.context import ThreadType
    from av.video.stream import VideoStream

    values = settings(width, height, rate)
    threads, group = int(values.pop("threads")), int(values.pop("g"))
    stream = container.add_stream("libx264", rate=rate, options=values)
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.gop_size = group
    # PyAV's default cuts each picture into slices, which is slower: nobody here is made to lose by it.
    context.thread_type = ThreadType.FRAME
    context.thread_count = threads
    context.open()
    return stream


def options_in(video: Path) -> tuple[int, dict[str, str]]:
    """x264's core version and the options it ran with, as the stream itself tells.

    Raises:
        ValueError: the stream does not tell.
    """
    match = _SEI.search(video.read_bytes())
    if match is None:
        raise ValueError(f"{video.name} was not made by x264, or does not say so")
    options = (word.partition("=") for word in match[2].decode("ascii").split())
    return int(match[1]), {name: value for name, _, value in options}
