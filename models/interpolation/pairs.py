"""What every interpolator asks of the two pictures and the times."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.pictures import check_rgb


def check_pair(first: NDArray[np.uint8], second: NDArray[np.uint8], times: Sequence[float]) -> None:
    """Raise ValueError unless both are (H, W, 3) uint8 of one shape, and each time lies in 0..1."""
    check_rgb(first)
    check_rgb(second)
    if first.shape != second.shape:
        raise ValueError(f"the two pictures have one shape, not {first.shape} and {second.shape}")
    if outside := [time for time in times if not 0 <= time <= 1]:
        raise ValueError(f"a time between two pictures lies in 0..1, not {outside[0]}")


def picture_itself(first: NDArray[np.uint8], second: NDArray[np.uint8], time: float) -> NDArray[np.uint8] | None:
    """A copy of the picture that stands at this time; None between the two."""
    if time == 0:
        return first.copy()
    return second.copy() if time == 1 else None


def blend(first: NDArray[np.uint8], second: NDArray[np.uint8], time: float) -> NDArray[np.uint8]:
    """The mean of the two, weighted by time, in sRGB code values: mean luma lies on the line between theirs."""
    mixed = first.astype(np.float32) * np.float32(1 - time) + second.astype(np.float32) * np.float32(time)
    return np.asarray(np.rint(mixed), np.uint8)
