"""How much of what is hidden each direction of travel uncovers."""

from dataclasses import dataclass

import numpy as np

from engine.raster.scene.smooth import Field

STEP = 0.02
"""Difference of disparity between neighbours from which the nearer hides something of the farther."""

LONG_SIDE = 256
"""Samples along the longer side of the map that is looked at: a share is wanted, not a map."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Sums over all edges of what a small travel uncovers, in one unit.

    Attributes:
        right, left: travel along x.
        down, up: along y.
        forward, back: along z.
    """

    right: float
    left: float
    down: float
    up: float
    forward: float
    back: float

    def shares(self) -> tuple[float, float, float]:
        """Of right against left, down against up, forward against back: 0..1; one half where nothing is uncovered."""
        return (
            _share(self.right, self.left),
            _share(self.down, self.up),
            _share(self.forward, self.back),
        )


def _share(one: float, other: float) -> float:
    return one / (one + other) if one + other > 0 else 0.5


def exposure(disparity: Field) -> Exposure:
    """What each direction of travel uncovers.

    Under travel e (pixels that a point of disparity 1 moves), the nearer side of an edge with step s moves s e . n
    against the farther; where it moves off it, that much of the edge is uncovered. Travel to the right moves near
    points left, and forward moves them away from the middle.

    Args:
        disparity: (h, w) float32, 0..1.
    """
    import cv2

    height, width = disparity.shape
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = cv2.resize(disparity, size, interpolation=cv2.INTER_NEAREST)
    # Positive: the right (lower) one is nearer.
    dx, dy = np.diff(small, axis=1).astype(np.float64), np.diff(small, axis=0).astype(np.float64)
    dx[np.abs(dx) < STEP], dy[np.abs(dy) < STEP] = 0, 0
    from_middle_x = (np.arange(dx.shape[1]) + 1) / size[0] - 0.5
    from_middle_y = ((np.arange(dy.shape[0]) + 1) / size[1] - 0.5) * size[1] / size[0]
    # Forward, a point right of the middle moves right: its left side is uncovered where it is the nearer one.
    ahead_x, ahead_y = dx * from_middle_x[None, :], dy * from_middle_y[:, None]
    return Exposure(
        right=float(-dx[dx < 0].sum()),
        left=float(dx[dx > 0].sum()),
        down=float(-dy[dy < 0].sum()),
        up=float(dy[dy > 0].sum()),
        forward=float(ahead_x[ahead_x > 0].sum() + ahead_y[ahead_y > 0].sum()),
        back=float(-ahead_x[ahead_x < 0].sum() - ahead_y[ahead_y < 0].sum()),
    )
