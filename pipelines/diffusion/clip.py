"""A clip that was generated for a shot."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class GeneratedClip:
    """A finished clip, and how it came about.

    Attributes:
        shot: id of the segment that it was made for.
        path: an MP4, for as long as the rendering lasts, or in the folder that the caller named.
        key: the hash of all that it depends on: the same key is the same clip.
        prompt: what moves, as the model was told; empty for models that take no text.
        seed: of all that is random.
        quality: the preset that holds for it: one of :data:`engine.motion.QUALITIES`.
        model: pack of the weights.
        licence: SPDX identifier of the weights' licence.
        width, height: pixels.
        duration: seconds.
        rate: pictures a second.
        way: how a length beyond one generation is filled, see :class:`pipelines.diffusion.length.Course`.
        strength: motion bucket and noise of models that take them.
        reused: whether it was made before.
        notes: sentences for the user.
    """

    shot: str
    path: Path
    key: str
    prompt: str
    seed: int
    quality: str
    model: str
    licence: str
    width: int
    height: int
    duration: Fraction
    rate: Fraction
    way: str
    strength: tuple[int, float]
    reused: bool = False
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What is worth keeping beside the clip; nothing of this machine in it."""
        return {
            "shot": self.shot,
            "key": self.key,
            "prompt": self.prompt,
            "seed": self.seed,
            "preset": self.quality,
            "model": self.model,
            "licence": self.licence,
            "way": self.way,
            "motion_bucket": self.strength[0],
            "noise": self.strength[1],
        }
