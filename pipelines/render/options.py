"""How a draft is rendered: everything that is not in the draft itself."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.media import EncoderChoice, Preset
from engine.media.presets import DEFAULT_PRESET

if TYPE_CHECKING:
    from engine.audio import MixReport
    from engine.timeline import Canvas
    from pipelines.diffusion.clip import GeneratedClip

IN_PROCESS = 0
"""The value of ``RenderOptions.processes`` that renders in threads of this process."""


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class ClipOfShot:
    """The clip that a model makes for a shot.

    Attributes:
        shot: id of the segment.
        key: the hash of all that it depends on.
        made: the clip, once it is there.
    """

    shot: str
    key: str
    made: "GeneratedClip | None" = None


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
        clips: what models make for its shots; filled in by the renderer.
        small_of: the canvas that the draft's stands for in a preview, whose sides are rounded: what a model is given
            goes by this one.
        rung: how little at a time generation begins with, as :func:`models.image_to_video.ladder.to_json` writes it,
            where an earlier process ran out of memory; None: as much as fits.
        clips_folder: where generated clips are left; None keeps them no longer than the rendering lasts.
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
    clips: tuple[ClipOfShot, ...] = ()
    small_of: "Canvas | None" = None
    rung: Mapping[str, Any] | None = None
    clips_folder: Path | None = None

    def clip_of(self, shot: str) -> ClipOfShot | None:
        """The clip that a model makes for a shot; None where none does."""
        return next((clip for clip in self.clips if clip.shot == shot), None)


GENERATION_SHARE = 0.8
"""Of a rendering with generated clips that making them counts for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rendering is.

    Attributes:
        frame: so many frames are encoded, or were found in the cache.
        total: of all.
        generated: share of its generated clips that is made, 0..1; None where it has none.
    """

    frame: int
    total: int
    generated: float | None = None

    @property
    def share(self) -> float:
        """Of the whole work that is done, 0..1."""
        frames = self.frame / max(1, self.total)
        if self.generated is None:
            return frames
        return GENERATION_SHARE * self.generated + (1 - GENERATION_SHARE) * frames


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
        generated: the clips that models made for it; those of parts that were found in the cache are not among them.
    """

    path: Path
    frames: int
    duration: Fraction
    wall: float
    notes: tuple[str, ...]
    gops: int = 0
    reused: int = 0
    sound: "MixReport | None" = None
    generated: "tuple[GeneratedClip, ...]" = ()
