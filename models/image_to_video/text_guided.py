"""What the adapters of text-guided models share: looking at requests, seeds, pictures in and out, checkpoints."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import EngineError
from models.image_to_video.diffusers_folder import weights_on_disk
from models.image_to_video.interface import Checkpoint, ClipRequest, Traits
from models.pictures import check_rgb
from models.runtime import Placement

if TYPE_CHECKING:
    import torch

    from models.recipes.presets import Preset

WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2}
"""Bytes of one number."""

LATENTS = "latents"
"""Name of the latents in a :class:`Checkpoint`."""


def check_requests(name: str, requests: Sequence[ClipRequest], traits: Traits, side: int) -> None:
    """Look whether a model can make these clips in one batch.

    Args:
        name: of the model, for sentences.
        requests: to be looked at.
        traits: of the model.
        side: pixels that both sides must be a multiple of.

    Raises:
        ValueError: it cannot; the sentence says why.
    """
    if not requests:
        raise ValueError(f"{name}: there is no request")
    for request in requests:
        check_rgb(request.picture)
    shapes = {(item.picture.shape, item.frames, item.steps, item.fps, item.guidance) for item in requests}
    if len(shapes) > 1:
        raise ValueError(f"{name}: the requests of one batch must agree in size, pictures, steps, fps and guidance")
    first = requests[0]
    height, width = first.picture.shape[:2]
    if height % side or width % side:
        raise ValueError(f"{name}: both sides must be multiples of {side}, not {width} x {height}")
    if first.frames < 1 or (first.frames - 1) % traits.frame_multiple:
        raise ValueError(f"{name} makes 1 + {traits.frame_multiple} k pictures, not {first.frames}")
    if first.steps < 1 or first.fps < 1:
        raise ValueError(f"{name}: steps and fps must be at least 1")
    if first.guidance[0] != first.guidance[1]:
        raise ValueError(f"{name} takes one scale of guidance for all pictures, not {first.guidance}")


def continued(name: str, resume: Checkpoint | None, steps: int, latents: "torch.Tensor") -> int:
    """Steps that are done already; 0 without a checkpoint.

    Raises:
        ValueError: the checkpoint is of other requests.
    """
    if resume is None:
        return 0
    found = resume.arrays[LATENTS].shape if LATENTS in resume.arrays else ()
    if resume.total != steps or not 0 <= resume.step <= steps or found != tuple(latents.shape):
        raise ValueError(f"{name}: the checkpoint is of other requests")
    return resume.step


def to_host(tensor: "torch.Tensor") -> NDArray[np.float32]:
    """A tensor's own copy in host memory, as a :class:`Checkpoint` keeps it."""
    return np.array(tensor.detach().float().cpu().numpy(), np.float32)


def from_host(array: NDArray[np.float32], device: Any) -> "torch.Tensor":  # noqa: ANN401  torch's many ways to name one
    """What :func:`to_host` gave, on a device."""
    import torch

    return torch.tensor(array, device=device)


def pictures(name: str, video: "torch.Tensor") -> NDArray[np.uint8]:
    """A video (1, 3, N, H, W) from -1 to 1 as (N, H, W, 3) uint8.

    Raises:
        EngineError: they hold values that are no numbers.
    """
    import torch

    if not bool(torch.isfinite(video).all()):
        raise EngineError(
            f"{name} gave no pictures for this photo: try another seed.",
            detail="its output holds values that are no numbers",
        )
    levels = ((video[0].float() / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    return np.ascontiguousarray(levels.permute(1, 2, 3, 0).cpu().numpy())


def one_by_one(batch: "torch.Tensor") -> list["torch.Tensor"]:
    """The items of a batch, each as a batch of one: what a VAE does to them is exactly what it would do to each."""
    return [batch[place : place + 1] for place in range(len(batch))]


def photos(requests: Sequence[ClipRequest], device: Any) -> "torch.Tensor":  # noqa: ANN401
    """The requests' pictures as videos of one picture (B, 3, 1, H, W) from -1 to 1, float32."""
    import torch

    stacked = np.stack([request.picture for request in requests])
    return (torch.tensor(stacked, device=device).permute(0, 3, 1, 2).float() / 255 * 2 - 1).unsqueeze(2)


def generators(requests: Sequence[ClipRequest]) -> list["torch.Generator"]:
    """One source of randomness for each request, on the processor: the same numbers whatever the device."""
    import torch

    return [torch.Generator().manual_seed(request.seed) for request in requests]


def brain_floats(placement: Placement) -> Placement:
    """A placement with bfloat16 in place of float16, which these models' encoders overflow in."""
    return replace(placement, dtype="bfloat16") if placement.dtype == "float16" else placement


def loaded_size(folder: Path, parts: Sequence[str], placement: Placement) -> int:
    """Bytes that parts will take once loaded, from the sizes of their files, which hold bfloat16 as published.

    Where files hold float32 it says more than will be taken on a GPU.
    """
    on_disk = sum(weights_on_disk(folder / part, half=False) for part in parts)
    return on_disk * WIDTHS[placement.dtype] // WIDTHS["bfloat16"]


def is_guided(preset: "Preset | None", step: int, steps: int) -> bool:
    """Whether a step is guided, where guidance was asked for; a preset may leave it out of some."""
    from models.recipes import guidance_interval

    return preset is None or guidance_interval.is_guided(preset.guidance_interval, step, steps)
