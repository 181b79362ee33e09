"""A picture in the encoder's own layout: planar 8-bit Y'CbCr 4:2:0, BT.709, limited range.

Chroma is sited as H.264 expects by default (ITU-T H.264 Annex E, ``chroma_sample_loc_type`` 0): chroma sample (i, j)
lies on luma column 2i and half-way between luma rows 2j and 2j + 1. In continuous luma coordinates, where the centre of
luma pixel (x, y) is (x + 0.5, y + 0.5), that is the point (2i + 0.5, 2j + 1).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
"""One plane, shape (H, W), uint8."""

RgbImage = NDArray[np.uint8]
"""An sRGB picture, shape (H, W, 3), channels R, G, B, uint8, 0..255."""


@dataclass(frozen=True, slots=True)
class YuvFrame:
    """One frame of planar yuv420p.

    Attributes:
        y: luma, shape (H, W), uint8, 16..235 nominal; H and W even.
        u, v: Cb and Cr, shape (H/2, W/2), uint8, 16..240 nominal, 128 neutral.
        owner: whatever keeps the memory alive (a PyAV frame, say); the planes may be views with padded rows.
    """

    y: Plane
    u: Plane
    v: Plane
    owner: Any = None

    def __post_init__(self) -> None:
        height, width = self.y.shape
        if height % 2 or width % 2:
            raise ValueError(f"a 4:2:0 frame needs even sizes, not {width}x{height}")
        half = (height // 2, width // 2)
        if self.u.shape != half or self.v.shape != half:
            raise ValueError(f"chroma planes are {self.u.shape} and {self.v.shape}, expected {half}")

    @property
    def width(self) -> int:
        """Luma width in pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Luma height in pixels."""
        return int(self.y.shape[0])

    @classmethod
    def empty(cls, width: int, height: int) -> "YuvFrame":
        """A frame of uninitialised memory of its own."""
        return cls(
            np.empty((height, width), np.uint8),
            np.empty((height // 2, width // 2), np.uint8),
            np.empty((height // 2, width // 2), np.uint8),
        )


@dataclass(frozen=True, slots=True)
class Patch:
    """A picture that is put over a part of a frame.

    Attributes:
        x, y: where its top left pixel comes to lie on the frame, in luma pixels, both even so that chroma samples meet;
            negative or beyond the frame where a part of it lies outside.
        frame: its colours, not multiplied by alpha; where alpha is 0 they should continue those beside.
        alpha: opacity, shape (H, W) of the luma plane, uint8, 0..255; None is opaque everywhere.
    """

    x: int
    y: int
    frame: YuvFrame
    alpha: Plane | None = None

    def __post_init__(self) -> None:
        if self.x % 2 or self.y % 2:
            raise ValueError(f"a 4:2:0 patch must lie on even pixels, not at {self.x}, {self.y}")
        if self.alpha is not None and self.alpha.shape != self.frame.y.shape:
            raise ValueError(f"alpha is {self.alpha.shape}, expected {self.frame.y.shape}")
