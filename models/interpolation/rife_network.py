"""The network of RIFE 4.0: motion from a picture in between to its two neighbours, found from coarse to fine.

Huang et al., "Real-Time Intermediate Flow Estimation for Video Frame Interpolation", ECCV 2022, in the form of release
4.0: four blocks at 1/8, 1/4, 1/2 and the full size, each told the time and what the ones before it found. The two
pictures are fetched along the motion by backward lookup and mixed by a mask. Names of layers are those of the
published weights.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

SCALES = (8, 4, 2, 1)
"""How much smaller than the pictures each block looks at them."""

FAR = 32.0
"""Pixels: where the second block corrects both motions by more than this, all blocks look at half the size instead."""

MULTIPLE = 64
"""Sides are multiples: the coarsest block, at 1/16 of the size, halves twice more."""

_CHANNELS = (192, 128, 96, 64)
_SEEN = 7  # two pictures and the time
_SEEN_WARPED = 12  # the same, the mask, and the motion so far


class _Block(nn.Module):
    """One level: what it sees at 1/scale of the size, down to a quarter of that, eight layers, and back."""

    def __init__(self, seen: int, channels: int) -> None:
        super().__init__()
        self.conv0 = nn.Sequential(_layer(seen, channels // 2, stride=2), _layer(channels // 2, channels, stride=2))
        self.convblock = nn.Sequential(*(_layer(channels, channels) for _ in range(8)))
        self.lastconv = nn.ConvTranspose2d(channels, 5, 4, 2, 1)

    def forward(self, seen: Tensor, scale: int) -> tuple[Tensor, Tensor]:
        """Motion (N, 4, H, W) in pixels and mask (N, 1, H, W), both to be added to what was found before.

        Args:
            seen: (N, C, H, W) float32; its channels from the 9th on are motion in pixels.
            scale: a power of two.
        """
        small = _resized(seen, 1 / scale)
        if small.shape[1] == _SEEN_WARPED:
            small = torch.cat((small[:, :8], small[:, 8:] / scale), 1)
        features = self.conv0(small.to(self.lastconv.weight.dtype))
        found = _resized(self.lastconv(self.convblock(features) + features).float(), 2 * scale)
        return found[:, :4] * (2 * scale), found[:, 4:]


class RifeNetwork(nn.Module):
    """The four blocks. The weights may be half floats; positions and pictures stay float32.

    In half floats a position in a picture 1024 wide would be known to a quarter of a pixel only.
    """

    def __init__(self) -> None:
        super().__init__()
        self.block0 = _Block(_SEEN, _CHANNELS[0])
        self.block1 = _Block(_SEEN_WARPED, _CHANNELS[1])
        self.block2 = _Block(_SEEN_WARPED, _CHANNELS[2])
        self.block3 = _Block(_SEEN_WARPED, _CHANNELS[3])

    def forward(self, first: Tensor, second: Tensor, time: float) -> Tensor:
        """The picture in between.

        Args:
            first: (1, 3, H, W) float32, R, G, B from 0 to 1, at time 0; H and W multiples of ``MULTIPLE``.
            second: the same at time 1.
            time: between 0 and 1.

        Returns:
            (1, 3, H, W) float32 from 0 to 1.
        """
        flow, mask = self.motion(first, second, time)
        weight = torch.sigmoid(mask)
        return fetched(first, flow[:, :2]) * weight + fetched(second, flow[:, 2:]) * (1 - weight)

    def motion(self, first: Tensor, second: Tensor, time: float) -> tuple[Tensor, Tensor]:
        """Where each pixel of the picture in between comes from.

        Returns:
            (1, 4, H, W): x and y in pixels, from the pixel to its place in the first picture, then in the second; and
            (1, 1, H, W): the share of the first picture, before the sigmoid.
        """
        times = torch.full_like(first[:, :1], time)
        coarser = 1
        flow, mask = self._coarsest(first, second, times, coarser)
        for number, (block, scale) in enumerate(zip((self.block1, self.block2, self.block3), SCALES[1:], strict=True)):
            more, more_mask = block(_seen(first, second, times, flow, mask), scale * coarser)
            if number == 0 and _is_far(more):
                coarser = 2
                flow, first_mask = self._coarsest(first, second, times, coarser)
                mask = first_mask
                more, more_mask = block(_seen(first, second, times, flow, mask), scale * coarser)
            flow, mask = flow + more, mask + more_mask
        return flow, mask

    def _coarsest(self, first: Tensor, second: Tensor, times: Tensor, coarser: int) -> tuple[Tensor, Tensor]:
        found: tuple[Tensor, Tensor] = self.block0(torch.cat((first, second, times), 1), SCALES[0] * coarser)
        return found


def fetched(picture: Tensor, flow: Tensor) -> Tensor:
    """A picture (N, C, H, W) looked up at each pixel's place plus its motion (N, 2, H, W), x and y in pixels.

    Bilinear between pixel centres; outside, the nearest pixel of the border.
    """
    height, width = picture.shape[2:]
    across = torch.arange(width, device=flow.device, dtype=flow.dtype)
    down = torch.arange(height, device=flow.device, dtype=flow.dtype)[:, None]
    x = (flow[:, 0] + across) * (2 / max(width - 1, 1)) - 1
    y = (flow[:, 1] + down) * (2 / max(height - 1, 1)) - 1
    return functional.grid_sample(
        picture, torch.stack((x, y), 3), mode="bilinear", padding_mode="border", align_corners=True
    )


def _layer(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1), nn.PReLU(after))


def _seen(first: Tensor, second: Tensor, times: Tensor, flow: Tensor, mask: Tensor) -> Tensor:
    return torch.cat((fetched(first, flow[:, :2]), fetched(second, flow[:, 2:]), times, mask, flow), 1)


def _is_far(more: Tensor) -> bool:
    return bool(more[:, :2].abs().max() > FAR) and bool(more[:, 2:].abs().max() > FAR)


def _resized(planes: Tensor, factor: float) -> Tensor:
    if factor == 1:
        return planes
    return functional.interpolate(
        planes, scale_factor=factor, mode="bilinear", align_corners=False, recompute_scale_factor=False
    )
