"""The torch sampler: the same two passes as the CPU sampler, in float32 on any torch device.

The results are those of :class:`engine.raster.cpu_sampler.CpuSampler` within one code value. Levels live on the device;
the finished planes are copied to the frame in host memory.
"""

import threading
from collections.abc import Callable
from math import ceil

import numpy as np
import torch

from engine.core.frames import Plane, YuvFrame
from engine.core.view import View
from engine.raster.filters import KERNEL_COEFFICIENTS, RADIUS, axis_table, tap_count
from engine.raster.levels import PAD, UNITS, Level, LevelPlane, choose_level
from engine.raster.mapping import PlaneMap, plane_map

Index = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
"""From sample numbers along the filtered axis to the two indices of the picture."""


class TorchSampler:
    """See :class:`engine.raster.sampler.Sampler`.

    Args:
        levels: finest first, from :func:`engine.raster.levels.build_levels`.
        device: a torch device name.
    """

    def __init__(self, levels: list[Level], device: str) -> None:
        self.levels = levels
        self.device = torch.device(device)
        self._planes = {
            id(plane): torch.from_numpy(plane.astype(np.float32) / UNITS).to(self.device)
            for level in levels
            for plane in (level.y, level.u, level.v)
        }
        # One frame at a time: the device is busy with one anyway, and its memory stays bounded.
        self._lock = threading.Lock()

    def render(self, view: View, frame: YuvFrame) -> None:
        """Write the view into the frame's planes; view.angle within 45 degrees."""
        level = choose_level(self.levels, view.scale)
        size = (frame.width, frame.height)
        luma = plane_map(view, size, level.ratio, PAD, chroma=False)
        chroma = plane_map(view, size, level.ratio, PAD, chroma=True)
        with self._lock, torch.inference_mode():
            done = [
                self._fill(luma, level.y, frame.y),
                self._fill(chroma, level.u, frame.u),
                self._fill(chroma, level.v, frame.v),
            ]
            for plane, out in zip(done, (frame.y, frame.u, frame.v), strict=True):
                out[:] = plane.cpu().numpy()

    def _fill(self, plane: PlaneMap, level: LevelPlane, out: Plane) -> torch.Tensor:
        source = self._planes[id(level)]
        height, width = out.shape
        passes = self._rotated if plane.rotated else self._separable
        return passes(plane, source, width, height).clamp_(0, 255).add_(0.5).to(torch.uint8)

    def _separable(self, plane: PlaneMap, source: torch.Tensor, width: int, height: int) -> torch.Tensor:
        """(height, width) float32."""
        taps = tap_count(plane.a)
        first_x, weights_x = axis_table(plane.u0, plane.a, width, taps, source.shape[0])
        first_y, weights_y = axis_table(plane.v0, plane.d, height, taps, source.shape[1])
        top = int(first_y[0])
        columns = torch.from_numpy(first_x).to(self.device)
        rows = torch.from_numpy(first_y - top).to(self.device)
        w_x, w_y = torch.from_numpy(weights_x).to(self.device), torch.from_numpy(weights_y).to(self.device)
        band = source[:, top : top + int(rows[-1]) + taps]
        across = sum_taps([w_x[:, k, None] * band[columns + k] for k in range(taps)])
        return sum_taps([w_y[:, k] * across[:, rows + k] for k in range(taps)]).T

    def _rotated(self, plane: PlaneMap, source: torch.Tensor, width: int, height: int) -> torch.Tensor:
        """(height, width) float32; the decomposition of :mod:`engine.raster.kernels.rotated`."""
        shear = plane.b / plane.d
        column_step = plane.a - shear * plane.c
        stretch_x, stretch_y = max(1.0, column_step), max(1.0, plane.d)
        x = torch.arange(width, dtype=torch.float64, device=self.device)[:, None]
        y = torch.arange(height, dtype=torch.float64, device=self.device)[None, :]
        v = plane.v0 + plane.c * x + plane.d * y  # (width, height)
        reach = RADIUS * stretch_y + 1
        top = max(0, int(v.min() - reach))
        bottom = min(source.shape[1], ceil(float(v.max()) + reach) + 1)
        row = torch.arange(top, bottom, device=self.device)
        u = plane.u0 - shear * plane.v0 + column_step * x + shear * (row.double() + 0.5)[None, :]
        across = filter_along(source, u, stretch_x, lambda i: (i, row[None, :].expand_as(i)), source.shape[0])
        line = torch.arange(width, device=self.device)[:, None]
        down = filter_along(across, v - top, stretch_y, lambda i: (line.expand_as(i), i), across.shape[1])
        return down.T


def sum_taps(terms: list[torch.Tensor]) -> torch.Tensor:
    """Add in order, in place of the first term."""
    total = terms[0]
    for term in terms[1:]:
        total += term
    return total


def filter_along(source: torch.Tensor, position: torch.Tensor, stretch: float, index: Index, size: int) -> torch.Tensor:
    """Filter ``source`` around continuous positions (any 2-D shape, float64) along one axis of ``size`` samples."""
    first = torch.floor(position - 0.5 - RADIUS * stretch).long() + 1
    offset = (first.double() + 0.5 - position).float()
    total = torch.zeros_like(offset)
    norm = torch.zeros_like(offset)
    for k in range(tap_count(stretch)):
        distance = (offset + k) / stretch
        u = torch.clamp(distance * distance, max=RADIUS**2)
        weight = torch.full_like(u, float(KERNEL_COEFFICIENTS[-1]))
        for coefficient in KERNEL_COEFFICIENTS[-2::-1]:
            weight = weight * u + float(coefficient)
        norm += weight
        total += weight * source[index((first + k).clamp(0, size - 1))]
    return total / norm
