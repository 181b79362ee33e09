"""How a draft is rendered: everything that is not in the draft itself."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.media import EncoderChoice, Preset
from engine.media.presets import DEFAULT_PRESET

if TYPE_CHECKING:
    from engine.audio import MixReport

IN_PROCESS = 0
"""The value of ``RenderOptions.processes`` that renders in threads of this process."""


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How to render.

    Attributes:
        preset: the encoder's quality preset.
        encoder: see :data:`engine.media.EncoderChoice`.
        device: where photos are sampled, see :data:`engine.raster.sampler.DEVICES`.
        seed: of everything that is random; the same seed gives the same frames.
        overwrite: whether a file at the target may be replaced.
        base: folder that relative sources of the draft count from.
        processes: worker processes; :data:`IN_PROCESS` renders in threads of this one. The frames are the same.
        threads: GOPs that are rendered at a time in this process; None is one for each usable core.
        cached: whether finished parts are taken from the site's cache, and kept there.
    """

    preset: Preset = DEFAULT_PRESET
    encoder: EncoderChoice = "x264"
    device: str = "auto"
    seed: int = 0
    overwrite: bool = False
    base: Path = field(default_factory=Path)
    processes: int = IN_PROCESS
    threads: int | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rendering is: ``frame`` of ``total`` frames are encoded, or were found in the cache."""

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
        gops: how many parts the video has.
        reused: how many of them were found in the cache.
        sound: what was measured on the mix; None for a video without sound.
    """

    path: Path
    frames: int
    duration: Fraction
    wall: float
    notes: tuple[str, ...]
    gops: int = 0
    reused: int = 0
    sound: "MixReport | None" = None
