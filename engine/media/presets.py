"""The three qualities that a user can ask for, as settings of the encoders.

============ ==================== ====== ==================== ==========================================================
preset       x264                 crf    NVENC                for
============ ==================== ====== ==================== ==========================================================
``draft``    ``superfast``        26     ``p1``, cq 30        looking at a move before paying for it
``standard`` ``veryfast``         20     ``p4``, cq 23        delivery: visually clean, close to the speed of bare
                                                              encoding
``high``     ``medium``           17     ``p7``, cq 19        masters that will be graded or encoded again
============ ==================== ====== ==================== ==========================================================

crf is x264's constant rate factor, cq its counterpart in NVENC: lower is better and larger, about 6 steps double the
bit rate. ``superfast`` is the quickest x264 preset that keeps CABAC, the 8x8 transform and the loop filter, that is, a
High profile stream without blocks; ``ultrafast`` gives all three up.

Measured on 2 cores, 90 frames of a slow zoom at 1080p30: draft 2.1 s of CPU, 2.2 Mbit/s, 41.2 dB PSNR of luma;
standard 3.5 s, 3.5 Mbit/s, 42.8 dB; high 16.7 s, 8.0 Mbit/s, 45.3 dB. NVENC's values come from its documentation
and have not been compared on a card.
"""

from dataclasses import dataclass

from engine.core.errors import OptionError


@dataclass(frozen=True, slots=True)
class Preset:
    """How much work and how many bits a video gets.

    Attributes:
        name: what the user asks for.
        x264_preset: the speed preset of x264.
        crf: constant rate factor of x264, 1..51.
        references: reference frames that the encoder may search; bounded by the level as well.
        nvenc_preset: ``p1`` (fastest) to ``p7`` (best).
        nvenc_cq: constant quality of NVENC, 1..51.
    """

    name: str
    x264_preset: str
    crf: float
    references: int
    nvenc_preset: str
    nvenc_cq: int


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("draft", x264_preset="superfast", crf=26, references=1, nvenc_preset="p1", nvenc_cq=30),
        Preset("standard", x264_preset="veryfast", crf=20, references=1, nvenc_preset="p4", nvenc_cq=23),
        Preset("high", x264_preset="medium", crf=17, references=3, nvenc_preset="p7", nvenc_cq=19),
    )
}
"""The presets by name."""

DEFAULT_PRESET = PRESETS["standard"]


def preset_named(name: str) -> Preset:
    """The preset that a user asked for.

    Raises:
        OptionError: there is no such preset.
    """
    if name not in PRESETS:
        raise OptionError(f"{name!r} is not a quality: use one of {', '.join(PRESETS)}.")
    return PRESETS[name]
