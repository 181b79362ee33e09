"""How a draft is rendered: everything that is not in the draft itself."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from engine.core.settings import Setting
from engine.media import EncoderChoice, Preset
from engine.media.presets import DEFAULT_PRESET

FRAMES_AHEAD = Setting(
    variable="MULTIPLANE_FRAMES_AHEAD",
    default=8,
    unit="frames",
    minimum=1,
    maximum=256,
    about="frames that may wait between the sampler and the encoder; 3 MB each at 1080p",
)


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How to render.

    Attributes:
        preset: the encoder's quality preset.
        encoder: see :data:`engine.media.EncoderChoice`.
        device: where frames are sampled, see :data:`engine.raster.sampler.DEVICES`.
        seed: of everything that is random; the same seed gives the same frames.
        overwrite: whether a file at the target may be replaced.
        base: folder that relative sources of the draft count from.
    """

    preset: Preset = DEFAULT_PRESET
    encoder: EncoderChoice = "x264"
    device: str = "auto"
    seed: int = 0
    overwrite: bool = False
    base: Path = Path()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rendering is: ``frame`` of ``total`` frames are encoded."""

    frame: int
    total: int


ProgressCallback = Callable[[Progress], None]
"""Called from the rendering thread after each frame. An exception that it raises ends the rendering, cleanly: that is
how a rendering is cancelled."""


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What was made.

    Attributes:
        path: the MP4.
        frames: how many.
        duration: seconds of video.
        wall: seconds it took.
        notes: sentences for the user, each once.
    """

    path: Path
    frames: int
    duration: Fraction
    wall: float
    notes: tuple[str, ...]
