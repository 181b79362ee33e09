"""One picture through a torch network and back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import DeviceMemoryError
from models.runtime import Placement


def run_on_device(name: str, network: Any, rgb: NDArray[np.uint8], placement: Placement) -> NDArray[np.float32]:  # noqa: ANN401
    """What a network makes of a picture.

    Args:
        name: of the model, for sentences.
        network: a torch module, or a callable over one; (1, 3, H, W) from 0 to 1 to the same, larger.
        rgb: (H, W, 3) uint8.
        placement: where the network lies.

    Returns:
        (factor H, factor W, 3) float32, code values; a little outside of 0..255 where the network says so.

    Raises:
        DeviceMemoryError: the device has not enough free memory.
    """
    import torch

    try:
        with torch.inference_mode():
            batch = torch.from_numpy(np.ascontiguousarray(rgb)).to(placement.device).permute(2, 0, 1)[None]
            made = network(batch.to(placement.torch_dtype()) / 255)
            levels = (made[0].float() * 255).permute(1, 2, 0).cpu().numpy()
    except torch.OutOfMemoryError as error:
        raise DeviceMemoryError(
            f"{name} needs more memory than {placement.device} has free: free some, or set "
            "MULTIPLANE_MODEL_DEVICE to cpu.",
            detail=str(error),
        ) from error
    return np.ascontiguousarray(levels, np.float32)
