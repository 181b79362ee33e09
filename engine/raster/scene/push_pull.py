"""Smooth continuation of what is known into a hole: push-pull.

Gortler, Grzeszczuk, Szeliski & Cohen, "The Lumigraph", SIGGRAPH 1996, section 3.4: weighted means on ever coarser grids
(pull), then from the coarsest to the finest, what is not known comes from the grid before (push). A few sweeps of
relaxation on each grid turn the result into nearly a membrane: Laplace's equation, its border held by what is known.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.push_pull import pull, push, relax

MARGIN = 32
"""Pixels about a hole that take part: what lies farther away no longer decides."""

SMALLEST = 2
"""Samples along the shorter side of the coarsest grid."""

SWEEPS = 3
"""Of relaxation on each grid; the grids before have left only the fine errors to these."""


def fill_smooth(
    plane: NDArray[np.float32], hole: NDArray[np.bool_], weights: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Continue a plane smoothly into a hole, within the range of what is known.

    Args:
        plane: (H, W) or (H, W, C) float32, finite outside the hole.
        hole: (H, W) True where the plane is to be made up.
        weights: (H, W) 0..1, how far to believe each known sample; 0 as little as a hole. None: all fully.

    Returns:
        An array like ``plane``, its samples outside the hole unchanged. 0 throughout the hole if nothing is known.

    Raises:
        ValueError: the shapes do not fit.
    """
    if hole.shape != plane.shape[:2] or (weights is not None and weights.shape != hole.shape):
        raise ValueError(f"a plane of {plane.shape} and a hole of {hole.shape} do not fit")
    if not hole.any():
        return plane.copy()
    known = np.where(hole, np.float32(0), np.float32(1) if weights is None else weights).astype(np.float32)
    window = around(hole, MARGIN)
    if not known[window].any():
        window = (slice(0, hole.shape[0]), slice(0, hole.shape[1]))
    part = plane[window] if plane.ndim == 3 else plane[window][..., None]
    smooth = spread(np.moveaxis(part, 2, 0), known[window])
    out = plane.copy()
    out[window][hole[window]] = np.moveaxis(smooth, 0, 2).reshape(plane[window].shape)[hole[window]]
    return out


def around(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """The rows and columns that hold a mask, which is not empty, and a margin about them."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (
        slice(max(int(rows[0]) - margin, 0), int(rows[-1]) + 1 + margin),
        slice(max(int(columns[0]) - margin, 0), int(columns[-1]) + 1 + margin),
    )


def spread(planes: NDArray[np.float32], weight: NDArray[np.float32], finest: int = 0) -> NDArray[np.float32]:
    """Fill planes where their weight is below 1.

    Args:
        planes: (n, h, w); not read where the weight is 0.
        weight: (h, w) 0..1.
        finest: grids, the full one first, on which known samples do not count by themselves any more: details of
            2 ** finest samples and less are smoothed away.

    Returns:
        (n, h, w) float32, memory of its own.
    """
    height, width = weight.shape
    depth = max(finest, (min(height, width) // SMALLEST).bit_length() - 1, 0)
    unit = 1 << depth
    rim = ((0, -height % unit), (0, -width % unit))
    # Contiguous, always: the kernels are compiled for that and no other layout.
    believed = np.ascontiguousarray(np.pad(weight, rim))
    filled = np.ascontiguousarray(np.pad(np.where(weight > 0, planes, np.float32(0)), ((0, 0), *rim)))
    grids = [(filled, believed)]
    for _ in range(depth):
        finer, finer_weight = grids[-1]
        half = np.empty((finer.shape[0], finer.shape[1] // 2, finer.shape[2] // 2), np.float32)
        half_weight = np.empty(half.shape[1:], np.float32)
        pull(finer, finer_weight, half, half_weight)
        grids.append((half, half_weight))
    coarsest, coarsest_weight = grids[-1]
    _mean_where_unknown(coarsest, coarsest_weight)
    for k in range(depth, -1, -1):
        grid, known = grids[k]
        if k < finest:
            known = np.zeros_like(known)
        if k < depth:
            push(grids[k + 1][0], grid, known)
        if k >= finest:
            relax(grid, known, SWEEPS)
    return np.ascontiguousarray(filled[:, :height, :width])


def _mean_where_unknown(planes: NDArray[np.float32], weight: NDArray[np.float32]) -> None:
    total = float(weight.sum())
    for plane in planes:
        mean = float((plane * weight).sum()) / total if total > 0 else 0.0
        plane[weight <= 0] = mean
