"""What an MP4 shall be: size, rate, quality, encoder, metadata."""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Literal, get_args

from engine.core.errors import OptionError
from engine.core.time import DEFAULT_FRAME_RATE, FRAME_RATES
from engine.media.presets import DEFAULT_PRESET, Preset

EncoderChoice = Literal["auto", "x264", "nvenc"]
"""Who encodes.

* ``x264``: on the CPU, everywhere, and the same bits for the same frames, settings and threads.
* ``nvenc``: an NVIDIA card's own encoder; refused where it does not open.
* ``auto``: ``nvenc`` where it opens for this size, else ``x264``.
"""

MIN_SIDE = 16
"""The shortest side of a video in pixels: one macroblock."""

MAX_SIDE = 4096
"""The longest side of a video in pixels."""

MAX_THREADS = 128
"""x264's own limit on frame threads."""

EARLIEST_CREATION = datetime(1904, 1, 1, tzinfo=UTC)
"""Second zero of an MP4's creation time (ISO/IEC 14496-12, ``mvhd``)."""


@dataclass(frozen=True, slots=True)
class Mp4Options:
    """A complete order for one MP4: H.264 High, yuv420p, BT.709 limited range, constant frame rate.

    Attributes:
        width, height: pixels, even, :data:`MIN_SIDE` to :data:`MAX_SIDE`.
        frame_rate: frames per second, one of :data:`engine.core.time.FRAME_RATES`.
        preset: how much work and how many bits.
        encoder: see :data:`EncoderChoice`. x264 unless asked otherwise: the same pictures on every machine.
        title: shown by players and file managers; empty for none.
        creation_time: an aware time, from 1904; None takes the time when the writer opens.
        threads: x264's frame threads; 0 lets x264 choose (1.5 for each core). The bits depend on this number slightly.
            :class:`engine.media.GopEncoder` always takes one.

    Files that are equal byte for byte need a given ``creation_time`` and, with :class:`engine.media.Mp4Writer`, a fixed
    number of ``threads``. See :mod:`engine.media.x264_instructions` for what else it took.

    Raises:
        OptionError: a value is outside what we write.
    """

    width: int = 1920
    height: int = 1080
    frame_rate: Fraction = DEFAULT_FRAME_RATE
    preset: Preset = DEFAULT_PRESET
    encoder: EncoderChoice = "x264"
    title: str = ""
    creation_time: datetime | None = None
    threads: int = 0

    def __post_init__(self) -> None:
        _check_size(self.width, self.height)
        if self.frame_rate not in FRAME_RATES.values():
            raise OptionError(
                f"{self.frame_rate} frames per second is not supported: use one of {', '.join(FRAME_RATES)}."
            )
        if self.encoder not in get_args(EncoderChoice):
            raise OptionError(f"{self.encoder!r} is not an encoder: use one of {', '.join(get_args(EncoderChoice))}.")
        if not 0 <= self.threads <= MAX_THREADS:
            raise OptionError(f"{self.threads} encoder threads is not usable: give 0 (automatic) to {MAX_THREADS}.")
        if "\0" in self.title:
            raise OptionError("The title holds a zero byte: remove it.")
        if self.creation_time is not None:
            if self.creation_time.tzinfo is None:
                raise OptionError("The creation time has no time zone: add one, for example +00:00.")
            if self.creation_time < EARLIEST_CREATION:
                raise OptionError("The creation time is before 1904, where an MP4's clock starts: give a later one.")


def _check_size(width: int, height: int) -> None:
    size = f"{width}x{height}"
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise OptionError(f"A video of {size} is not possible: each side must be {MIN_SIDE} to {MAX_SIDE} pixels.")
    if width % 2 or height % 2:
        even = f"{width - width % 2}x{height - height % 2}"
        raise OptionError(f"A video of {size} is not possible: H.264 in 4:2:0 needs even sides, for example {even}.")
