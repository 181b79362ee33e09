"""Even out what was copied from different places, so that smooth surfaces show no seams.

Copies keep their own gradients, and where two meet, the mean of both; what is known at the border stays (Perez, Gangnet
& Blake, "Poisson Image Editing", SIGGRAPH 2003; for many sources, Pritch, Kav-Venaki & Peleg, "Shift-Map Image
Editing", ICCV 2009). Solved from coarse to fine. Steps too large to be brightness alone are edges that do not meet:
they stay, for taking them away would stain their surroundings.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.seams import FIXED, FREE, enlarge_free, halve_steps, relax_steps, wanted_steps
from engine.raster.scene.patches import Level

MOST_STEP = 14.0
"""Code values 0..255 between neighbours."""

GRIDS = 6
"""At most, each half as fine as the one before: corrections reach 2 ** GRIDS pixels and more."""

SWEEPS = 6
"""Of relaxation on each grid."""


def even_out(level: Level, found: NDArray[np.int32], known: NDArray[np.bool_], free: NDArray[np.bool_]) -> None:
    """Correct a painted level in place.

    Args:
        level: the painted picture of full size.
        found: (n,) the source of each spot.
        known: (h, w) pixels that stay and that what is painted shall join.
        free: (h, w) painted pixels to correct.
    """
    height, width = known.shape
    count = min(GRIDS, max((min(height, width) // 4).bit_length() - 1, 0))
    unit = 1 << count
    rim = ((0, -height % unit), (0, -width % unit))
    state = np.pad(np.where(free, np.uint8(FREE), known * np.uint8(FIXED)), rim)
    shifts = np.zeros(height * width, np.int32)
    shifts[level.spots] = found - level.spots
    across, down = np.zeros((2, 3, *state.shape), np.float32)
    picture = level.picture
    wanted_steps(picture, picture, state, shifts, MOST_STEP, across, down)
    grids = [(state, across, down)]
    for _ in range(count):
        fine_state, fine_across, fine_down = grids[-1]
        half = (fine_state.shape[0] // 2, fine_state.shape[1] // 2)
        half_state = np.empty(half, np.uint8)
        half_across, half_down = np.zeros((2, 3, *half), np.float32)
        halve_steps(fine_state, fine_across, fine_down, half_state, half_across, half_down)
        grids.append((half_state, half_across, half_down))
    correction = np.zeros_like(grids[-1][1])
    for k, (at, right, below) in reversed(list(enumerate(grids))):
        if k < count:
            finer = np.zeros_like(right)
            enlarge_free(correction, at, finer)
            correction = finer
        relax_steps(at, right, below, SWEEPS, correction)
    picture[..., :3] += np.moveaxis(correction[:, :height, :width], 0, 2)
