"""Which interpolator a machine has: RIFE where its pack and torch are, optical flow otherwise; both behind the gate."""

from pathlib import Path

from models.interpolation.flow import FlowInterpolator
from models.interpolation.interface import Interpolator
from models.interpolation.luma_gate import gated
from models.interpolation.rife import PACK as PACK
from models.interpolation.rife import Rife, memory
from models.runtime import ON_CPU, Placement, has_torch

FLOW_BYTES_PER_PIXEL = 250
"""Of working memory: 180 were measured at 1024 x 576."""


def open_interpolator(folder: Path | None, placement: Placement = ON_CPU) -> Interpolator:
    """What makes pictures between pictures here.

    Args:
        folder: of the pack ``rife``; None where it is not installed.
        placement: where RIFE runs; optical flow runs on the processor.

    Raises:
        WeightsError: the folder is given, and its file is missing, damaged, or another model's.
    """
    if folder is None or not has_torch():
        return gated(FlowInterpolator())
    return gated(Rife.open(folder, placement))


def interpolator_memory(folder: Path | None, size: tuple[int, int]) -> int:
    """Bytes to declare before it is opened; ``size`` is width and height of the pictures."""
    if folder is None or not has_torch():
        return size[0] * size[1] * FLOW_BYTES_PER_PIXEL
    return memory(folder, size)
