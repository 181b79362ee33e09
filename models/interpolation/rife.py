"""RIFE 4.0: pictures between pictures by a network of 5 million weights (see ``rife_network``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import DeviceMemoryError, WeightsError
from models.interpolation.pairs import check_pair, picture_itself
from models.runtime import ON_CPU, Placement, has_torch

if TYPE_CHECKING:
    from torch import Tensor

    from models.interpolation.rife_network import RifeNetwork

NAME = "RIFE"
PACK = "rife"
FILE = "flownet.pkl"

PREFIX = "module."
"""Before each name in the file: what it was trained in."""

UNUSED = ("block_tea.", "contextnet.", "unet.")
"""Parts that only the training, or a slower variant of release 4.0, uses; the file holds them."""

BYTES_PER_PIXEL = 700
"""Of working memory in float32: 450 were measured at 1024 x 576."""


class Rife:
    """An :class:`models.interpolation.interface.Interpolator`; any number of threads may use it at a time."""

    def __init__(self, network: RifeNetwork, placement: Placement = ON_CPU) -> None:
        self._network = network
        self._placement = placement

    @classmethod
    def open(cls, folder: Path, placement: Placement = ON_CPU) -> Rife:
        """Load it from a folder that holds ``flownet.pkl``. The file is read as numbers only: no code in it is run.

        Raises:
            WeightsError: torch is not installed, or the file is missing, damaged, or another model's.
        """
        path = folder / FILE
        if not path.is_file():
            raise WeightsError(NAME, f"its file {FILE} is missing: install the pack {PACK} again.", detail=str(folder))
        if not has_torch():
            raise WeightsError(NAME, "torch, which runs it, is not installed (extra 'gpu').")
        import torch

        from models.interpolation.rife_network import RifeNetwork

        try:
            read = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises whatever its readers do
            raise WeightsError(
                NAME, f"{FILE} is damaged or holds more than weights: install the pack {PACK} again.", detail=str(error)
            ) from error
        with torch.device("meta"):
            network = RifeNetwork()
        network.load_state_dict(_own(read, network.state_dict()), assign=True)
        network.to(placement.device, placement.torch_dtype()).eval().requires_grad_(False)
        return cls(network, placement)

    @property
    def name(self) -> str:
        """See :class:`models.interpolation.interface.Interpolator`."""
        return f"rife-4.0-{self._placement.dtype}"

    @property
    def weights_size(self) -> int:
        """Bytes of its weights."""
        return sum(item.numel() * item.element_size() for item in self._network.parameters())

    def between(
        self, first: NDArray[np.uint8], second: NDArray[np.uint8], times: Sequence[float]
    ) -> list[NDArray[np.uint8]]:
        """See :meth:`models.interpolation.interface.Interpolator.between`. Pictures of any size.

        Raises:
            ValueError: the two are no pictures of one shape, or a time is outside 0..1.
            DeviceMemoryError: the GPU has not enough free memory for pictures of this size.
        """
        import torch

        check_pair(first, second, times)
        try:
            with torch.inference_mode():
                padded = [self._padded(picture) for picture in (first, second)]
                return [self._at(time, first, second, padded) for time in times]
        except torch.OutOfMemoryError as error:
            raise DeviceMemoryError(
                f"{NAME} needs more memory than {self._placement.device} has free: free some or take smaller pictures.",
                detail=str(error),
            ) from error

    def _at(
        self, time: float, first: NDArray[np.uint8], second: NDArray[np.uint8], padded: list[Tensor]
    ) -> NDArray[np.uint8]:
        itself = picture_itself(first, second, time)
        if itself is not None:
            return itself
        made = self._network(*padded, time)[0, :, : first.shape[0], : first.shape[1]]
        pixels: NDArray[np.uint8] = (made * 255).round().clamp(0, 255).byte().permute(1, 2, 0).cpu().numpy()
        return np.ascontiguousarray(pixels)

    def _padded(self, picture: NDArray[np.uint8]) -> Tensor:
        """(1, 3, H, W) float32 from 0 to 1 on the device; right and below the border goes on to whole multiples."""
        import torch

        from models.interpolation.rife_network import MULTIPLE

        height, width = picture.shape[:2]
        right, below = -width % MULTIPLE, -height % MULTIPLE
        whole = np.pad(picture, ((0, below), (0, right), (0, 0)), mode="edge")
        on_device = torch.from_numpy(whole).to(self._placement.device)
        return on_device.permute(2, 0, 1)[None].float() / 255


def memory(folder: Path, size: tuple[int, int]) -> int:
    """Bytes to declare for it before it is loaded.

    Args:
        folder: that holds ``flownet.pkl``.
        size: width and height of the pictures.
    """
    path = folder / FILE
    return (path.stat().st_size if path.is_file() else 0) + size[0] * size[1] * BYTES_PER_PIXEL


def _own(read: Any, wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:  # noqa: ANN401  whatever the file holds
    """The file's weights under our names; every one of the file and every one of the network is accounted for."""
    from torch import Tensor

    if not isinstance(read, Mapping) or not all(isinstance(item, Tensor) for item in read.values()):
        raise WeightsError(NAME, f"{FILE} is another model's: install the pack {PACK} again.", detail=str(type(read)))
    named = {str(name).removeprefix(PREFIX): item for name, item in read.items()}
    used = {name: item for name, item in named.items() if not name.startswith(UNUSED)}
    missing = sorted(wanted.keys() - used.keys())
    unexpected = sorted(used.keys() - wanted.keys())
    other = sorted(name for name in wanted.keys() & used.keys() if wanted[name].shape != used[name].shape)
    if missing or unexpected or other:
        raise WeightsError(
            NAME,
            f"{FILE} is of another release, or not complete: install the pack {PACK} again.",
            detail=f"missing {missing[:5]}, unexpected {unexpected[:5]}, of another shape {other[:5]}",
        )
    return used
