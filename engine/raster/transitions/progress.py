"""How a transition spends its time."""

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Patch

DISSOLVE_FROM, DISSOLVE_TO = 0.25, 0.75
"""The part of a zoom's or a blur's time in which one picture dissolves into the other."""


def smooth(share: float) -> float:
    """Smoothstep: from 0 to 1 with speed 0 at both ends."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def smoother(share: float) -> float:
    """From 0 to 1 with speed and acceleration 0 at both ends.

    K. Perlin, Improving Noise, SIGGRAPH 2002.
    """
    share = min(max(share, 0.0), 1.0)
    return share**3 * (share * (6 * share - 15) + 10)


def dissolve_weight(progress: float) -> float:
    """The weight of the incoming picture."""
    return smooth((progress - DISSOLVE_FROM) / (DISSOLVE_TO - DISSOLVE_FROM))


def constant(patch: Patch, weight: float) -> NDArray[np.float32]:
    """The same weight for every column of a picture."""
    return np.full(patch.frame.width, weight, np.float32)
