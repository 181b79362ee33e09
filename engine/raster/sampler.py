"""One interface for the two samplers: from a view of a photo to a planar frame."""

from typing import Protocol

from engine.core.errors import DeviceUnavailable, OptionError
from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.cpu_sampler import CpuSampler
from engine.raster.levels import PhotoPlanes, build_levels, level_ratios

DEVICES = ("auto", "cpu", "cuda")
"""Where the sampler may run: ``auto`` takes the CPU sampler, which keeps up with any H.264 encoder; ``cuda`` wants
torch and a CUDA GPU. ``torch-cpu`` also exists: it is how the torch sampler is tested without a GPU."""


class Sampler(Protocol):
    """Fills frames from views of one photo. Safe to call from several threads at once."""

    def render(self, view: View, frame: YuvFrame) -> None:
        """Write the view into the frame's planes; view.angle within 45 degrees."""
        ...


def make_sampler(
    photo: PhotoPlanes, scale_range: tuple[float, float], *, device: str = "auto", threads: int = 2
) -> Sampler:
    """Prepare a photo for all views of a path.

    Args:
        photo: from :func:`engine.raster.levels.photo_planes`.
        scale_range: smallest and largest ``View.scale`` of the path; others work, but softer or with more aliasing.
        device: one of DEVICES, or ``torch-cpu``.
        threads: threads for the preparation.

    Raises:
        DeviceUnavailable: cuda was asked for and torch or the GPU is missing.
        OptionError: the device has an unknown name.
    """
    on = torch_device(device)
    levels = build_levels(photo, level_ratios(*scale_range), threads)
    if on is None:
        return CpuSampler(levels)
    from engine.raster.torch_sampler import TorchSampler

    return TorchSampler(levels, on)


def torch_device(device: str) -> str | None:
    """What torch calls a device; None where no torch is needed for it.

    Args:
        device: one of DEVICES, or ``torch-cpu``.

    Raises:
        DeviceUnavailable: cuda was asked for and torch or the GPU is missing.
        OptionError: the device has an unknown name.
    """
    if device not in (*DEVICES, "torch-cpu"):
        raise OptionError(f"--device {device} is unknown: use one of {', '.join(DEVICES)}.")
    if device in ("auto", "cpu"):
        return None
    try:
        import torch
    except ImportError as error:
        raise DeviceUnavailable(
            "--device cuda needs torch, which is not installed: install the extra 'gpu', or use --device cpu.",
            detail=str(error),
        ) from error
    if device == "cuda" and not torch.cuda.is_available():
        raise DeviceUnavailable("--device cuda found no usable CUDA GPU on this machine: use --device cpu.")
    return "cpu" if device == "torch-cpu" else "cuda"
