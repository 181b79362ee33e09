"""Lay 2-D convolutions out as (N, H, W, C) in memory, the layout that Tensor Cores compute half floats in.

The convolutions along time (3 x 1 x 1) and everything else keep their layout: their inputs are views that torch orders
as they need it. The numbers are the same; another order of the sums changes them by rounding.
"""

from models.recipes.applied import DiffusersModule


class ChannelsLast:
    """Convolutions in another layout: an :class:`models.recipes.applied.Applied`."""

    def __init__(self, module: DiffusersModule) -> None:
        import torch

        # Those that lie so already, such as 1 x 1 kernels, which lie both ways at once, are left alone.
        self._convolutions = [
            part
            for part in module.modules()
            if isinstance(part, torch.nn.Conv2d) and not part.weight.is_contiguous(memory_format=torch.channels_last)
        ]
        for part in self._convolutions:
            part.weight.data = part.weight.data.contiguous(memory_format=torch.channels_last)

    @property
    def convolutions(self) -> int:
        """How many lie otherwise now."""
        return len(self._convolutions)

    def remove(self) -> None:
        """See :meth:`models.recipes.applied.Applied.remove`."""
        while self._convolutions:
            part = self._convolutions.pop()
            part.weight.data = part.weight.data.contiguous()


def apply_channels_last(module: DiffusersModule) -> ChannelsLast:
    """Lay the 2-D convolutions of a UNet or a VAE out in channels-last; what they are given follows by itself.

    Apply it after the weights have come to their device and number format, and before compiling.
    """
    return ChannelsLast(module)
