"""What every model that brings a photo to life takes and gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model was trained for.

    Attributes:
        family: ``svd``, ``wan`` or ``ltx``.
        follows_text: a prompt says what moves; otherwise a prompt is not looked at.
        sizes: widths and heights that it was trained at, the best first.
        frames: pictures of one clip.
        frame_multiple: a clip may have ``1 + k * frame_multiple`` pictures.
        fps: pictures a second that a clip stands for.
        steps: of denoising, in its full quality.
        guidance: scale for the first and for the last picture; equal where it is one number.
        licence: SPDX identifier of the weights' licence, or ``LicenseRef-...``.
    """

    family: str
    follows_text: bool
    sizes: tuple[tuple[int, int], ...]
    frames: int
    frame_multiple: int
    fps: int
    steps: int
    guidance: tuple[float, float]
    licence: str


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """One clip to be made.

    Attributes:
        picture: (H, W, 3) uint8, sRGB: the first picture, at the size to generate; sides are multiples of 64.
        frames: pictures to make.
        steps: of denoising.
        seed: of all its randomness: the same request on the same device and software gives the same pictures.
        fps: that the model is told.
        motion_bucket: SVD: 1 (still) to 255; other families do not look at it.
        noise: SVD: standard deviation of noise that is put on the photo; more lets the picture move further from it.
        guidance: scale of classifier-free guidance for the first and the last picture.
        prompt: what moves, in words; empty for models that do not follow text.
        negative: what is not wanted.
    """

    picture: NDArray[np.uint8]
    frames: int
    steps: int
    seed: int
    fps: int
    motion_bucket: int = 127
    noise: float = 0.02
    guidance: tuple[float, float] = (1.0, 3.0)
    prompt: str = ""
    negative: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A denoising that can go on later, in another process.

    Attributes:
        step: steps that are done.
        total: steps in all.
        arrays: by name, what the rest depends on: latents first of all; float32.
    """

    step: int
    total: int
    arrays: Mapping[str, NDArray[np.float32]]


class Watch(Protocol):
    """Who is told of each step: the single seam for progress, cancel and checkpoints."""

    def __call__(self, done: int, total: int, state: Callable[[], Checkpoint | None]) -> None:
        """A step is done. An exception from here ends the generation at once and leaves the model usable.

        Args:
            done: steps that are done, from 1 to total.
            total: steps in all.
            state: copies the state to host memory, which costs something: ask only when it will be kept. None where
                the generation could not go on exactly from here (a cached feature would be missing).
        """
        ...


class ImageToVideo(Protocol):
    """A model that is loaded."""

    @property
    def traits(self) -> Traits:
        """What it was trained for."""
        ...

    def generate(
        self, requests: Sequence[ClipRequest], watch: Watch | None = None, resume: Checkpoint | None = None
    ) -> list[NDArray[np.uint8]]:
        """Make clips; several requests of one shape are made in one batch, each as if it were alone.

        Args:
            requests: of one size, number of pictures, steps and guidance.
            watch: told of each step.
            resume: where an earlier call with the same requests stopped; what follows is as if it had not.

        Returns:
            For each request (N, H, W, 3) uint8, sRGB.

        Raises:
            ValueError: a request is not possible for this model.
            DeviceMemoryError: the device has not enough memory; the model stays usable.
            EngineError: the model gave no picture.
        """
        ...
