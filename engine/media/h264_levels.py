"""Levels of H.264: what a decoder promises to keep up with.

Source: ITU-T H.264 (08/2021) Annex A, table A-1 for the limits, table A-2 for the High profile's bit-rate factor, A.3.1
and A.3.2 for how the limits apply.
"""

from dataclasses import dataclass
from fractions import Fraction

MACROBLOCK = 16
"""Width and height of a macroblock in luma pixels."""

HIGH_PROFILE_FACTOR = 1250
"""cpbBrVclFactor of the High profile: bits for each unit of MaxBR and MaxCPB (table A-2)."""

MAX_DPB_FRAMES = 16
"""No level allows more reference frames than this, however small the picture (A.3.1)."""


@dataclass(frozen=True, slots=True)
class Level:
    """One row of table A-1.

    Attributes:
        name: as users and encoders write it, ``"4.0"``.
        idc: ``level_idc``, ten times the number.
        macroblock_rate: MaxMBPS, macroblocks per second.
        frame_size: MaxFS, macroblocks in a frame.
        dpb_size: MaxDpbMbs, macroblocks in the decoded picture buffer.
        bit_rate: MaxBR, in units of :data:`HIGH_PROFILE_FACTOR` bits per second.
        buffer_size: MaxCPB, in units of :data:`HIGH_PROFILE_FACTOR` bits.
    """

    name: str
    idc: int
    macroblock_rate: int
    frame_size: int
    dpb_size: int
    bit_rate: int
    buffer_size: int

    @property
    def max_bit_rate(self) -> int:
        """The greatest bit rate of a High profile stream, bits per second."""
        return self.bit_rate * HIGH_PROFILE_FACTOR

    @property
    def max_buffer_size(self) -> int:
        """The greatest coded picture buffer of a High profile stream, bits."""
        return self.buffer_size * HIGH_PROFILE_FACTOR

    def dpb_frames(self, width: int, height: int) -> int:
        """MaxDpbFrames: decoded frames of this size in pixels that a decoder can hold."""
        return min(MAX_DPB_FRAMES, self.dpb_size // _macroblocks(width, height))

    def holds(self, width: int, height: int, rate: Fraction, dpb_frames: int) -> bool:
        """Whether a stream of this size (pixels), rate (frames per second) and buffering stays inside the level."""
        columns, rows = _in_macroblocks(width), _in_macroblocks(height)
        size = columns * rows
        return (
            size <= self.frame_size
            # A.3.1 f and g: neither side may be longer than the square root of 8 * MaxFS.
            and max(columns, rows) ** 2 <= 8 * self.frame_size
            and size * rate <= self.macroblock_rate
            and self.dpb_frames(width, height) >= dpb_frames
        )


# Levels below 3.0 are left out: every decoder in use reaches 3.0, and the bit rates of the lower ones (64 kbit/s for
# level 1) would make thumbnails ugly for nobody's benefit.
LEVELS = (
    Level("3.0", 30, 40_500, 1_620, 8_100, 10_000, 10_000),
    Level("3.1", 31, 108_000, 3_600, 18_000, 14_000, 14_000),
    Level("3.2", 32, 216_000, 5_120, 20_480, 20_000, 20_000),
    Level("4.0", 40, 245_760, 8_192, 32_768, 20_000, 25_000),
    Level("4.1", 41, 245_760, 8_192, 32_768, 50_000, 62_500),
    Level("4.2", 42, 522_240, 8_704, 34_816, 50_000, 62_500),
    Level("5.0", 50, 589_824, 22_080, 110_400, 135_000, 135_000),
    Level("5.1", 51, 983_040, 36_864, 184_320, 240_000, 240_000),
    Level("5.2", 52, 2_073_600, 36_864, 184_320, 240_000, 240_000),
    Level("6.0", 60, 4_177_920, 139_264, 696_320, 240_000, 240_000),
    Level("6.1", 61, 8_355_840, 139_264, 696_320, 480_000, 480_000),
    Level("6.2", 62, 16_711_680, 139_264, 696_320, 800_000, 800_000),
)
"""The levels that we write, lowest first."""


def lowest_level(width: int, height: int, rate: Fraction, dpb_frames: int) -> Level:
    """The lowest level that holds the stream, so that the most decoders play it.

    Args:
        width, height: luma pixels.
        rate: frames per second.
        dpb_frames: decoded frames that the stream's references and reordering need.

    Raises:
        ValueError: no level holds it (it is outside what the writer accepts).
    """
    for level in LEVELS:
        if level.holds(width, height, rate, dpb_frames):
            return level
    raise ValueError(f"no H.264 level holds {width}x{height} at {rate} frames per second")


def _in_macroblocks(pixels: int) -> int:
    return -(-pixels // MACROBLOCK)


def _macroblocks(width: int, height: int) -> int:
    return _in_macroblocks(width) * _in_macroblocks(height)
