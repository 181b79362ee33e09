"""One interface for the samplers of scenes."""

from typing import Protocol

from engine.core.camera import Camera
from engine.core.errors import DeviceUnavailable, OptionError
from engine.core.frames import YuvFrame
from engine.raster.sampler import DEVICES
from engine.raster.scene.sampler import SceneSampler
from engine.raster.scene.scene import Scene


class SceneRenderer(Protocol):
    """Fills frames from cameras in front of one scene. Safe to call from several threads at once."""

    def render(self, camera: Camera, frame: YuvFrame) -> None:
        """Write what a camera sees into a frame's planes."""
        ...


def make_scene_sampler(scene: Scene, device: str = "auto") -> SceneRenderer:
    """What fills frames of a scene on a device.

    Args:
        scene: what is seen.
        device: one of :data:`engine.raster.sampler.DEVICES`, or ``torch-cpu``; see there.

    Raises:
        DeviceUnavailable: cuda was asked for and torch or the GPU is missing.
        OptionError: the device has an unknown name.
    """
    if device not in (*DEVICES, "torch-cpu"):
        raise OptionError(f"--device {device} is unknown: use one of {', '.join(DEVICES)}.")
    if device in ("auto", "cpu"):
        return SceneSampler(scene)
    try:
        import torch
    except ImportError as error:
        raise DeviceUnavailable(
            "--device cuda needs torch, which is not installed: install the extra 'gpu', or use --device cpu.",
            detail=str(error),
        ) from error
    from engine.raster.scene.torch_sampler import TorchSceneSampler

    if device == "cuda" and not torch.cuda.is_available():
        raise DeviceUnavailable("--device cuda found no usable CUDA GPU on this machine: use --device cpu.")
    return TorchSceneSampler(scene, "cpu" if device == "torch-cpu" else "cuda")
