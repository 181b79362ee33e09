"""One interface for the samplers of scenes."""

from typing import Protocol

from engine.core.camera import Camera
from engine.core.frames import YuvFrame
from engine.raster.sampler import torch_device
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
    on = torch_device(device)
    if on is None:
        return SceneSampler(scene)
    from engine.raster.scene.torch_sampler import TorchSceneSampler

    return TorchSceneSampler(scene, on)
