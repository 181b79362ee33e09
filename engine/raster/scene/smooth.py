"""Disparity inside one layer: smooth enough that every ray meets it once."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.lipschitz import lower_envelope
from engine.raster.kernels.scene_mesh import STEEPEST

Field = NDArray[np.float32]
"""A map over the whole photo, (h, w) float32; the centre of sample (i, j) is at ((i + 0.5) / w, (j + 0.5) / h) of
it."""


def gentle(field: Field, reach: float) -> Field:
    """A map whose slope is limited, near the given one.

    The mean of the largest map below and the least map above that keep the limit: both are extensions of what keeps it
    already (McShane 1934), so gentle slopes stay as they are and a step becomes a ramp around its middle.

    Args:
        field: disparity, 0..1.
        reach: the largest displacement of a point of disparity 1, in samples of the map.
    """
    slope = STEEPEST / max(reach, 1e-3)
    below, above = field.astype(np.float32, copy=True), -field.astype(np.float32)
    lower_envelope(below, slope)
    lower_envelope(above, slope)
    return np.asarray(0.5 * (below - above), np.float32)
