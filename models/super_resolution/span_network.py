"""The network of SPAN: six blocks whose attention has no weights of its own.

Wan et al., "Swift Parameter-free Attention Network for Efficient Super-Resolution", CVPR Workshops 2024 (arXiv
2311.12770), as it is run: the branches of its training are folded into one convolution each. Names of layers are those
of the published weights.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS = 6

REACH = BLOCKS * 3 + 3
"""Pixels around it that a pixel of the result depends on: one for each 3 x 3 convolution in a row."""

MEAN = (0.4488, 0.4371, 0.4040)
"""Of R, G, B from 0 to 1 over the photographs that it was trained with (DIV2K)."""

RANGE = 255.0


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.c1_r = nn.Conv2d(channels, channels, 3, padding=1)
        self.c2_r = nn.Conv2d(channels, channels, 3, padding=1)
        self.c3_r = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, before: Tensor) -> tuple[Tensor, Tensor]:
        """What comes after the block, and after its first layer; all (N, C, H, W)."""
        first = functional.silu(self.c1_r(before))
        last = self.c3_r(functional.silu(self.c2_r(first)))
        return (last + before) * (torch.sigmoid(last) - 0.5), first


class SpanNetwork(nn.Module):
    """Enlarges by a whole factor.

    Args:
        channels: of each block.
        factor: 2 or 4.
    """

    def __init__(self, channels: int, factor: int) -> None:
        super().__init__()
        self.conv_1 = nn.Conv2d(3, channels, 3, padding=1)
        for number in range(1, BLOCKS + 1):
            setattr(self, f"block_{number}", _Block(channels))
        self.conv_2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv_cat = nn.Conv2d(4 * channels, channels, 1)
        self.upsampler = nn.Conv2d(channels, 3 * factor * factor, 3, padding=1)
        self.factor = factor

    def forward(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) R, G, B from 0 to 1 to (N, 3, factor H, factor W), a little beyond 0 and 1 at edges."""
        mean = torch.tensor(MEAN, dtype=rgb.dtype, device=rgb.device)[:, None, None]
        shallow = self.conv_1((rgb - mean) * RANGE)
        deep, first_deep, first = shallow, shallow, shallow
        for number in range(1, BLOCKS + 1):
            deep, first = getattr(self, f"block_{number}")(deep)
            if number == 1:
                first_deep = deep
        # The layer after block 6 and the first one within it skip to the end, beside the first features and block 1's.
        joined = self.conv_cat(torch.cat((shallow, self.conv_2(deep), first_deep, first), 1))
        return functional.pixel_shuffle(self.upsampler(joined), self.factor)
