"""How the colours of a video are coded (ITU-T H.273), and the matrices that make them BT.709 limited range."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Matrix = NDArray[np.float64]
"""(3, 3) or (3, 4)."""

LUMA_WEIGHTS: dict[str, tuple[float, float]] = {
    "BT.709": (0.2126, 0.0722),
    "BT.601": (0.299, 0.114),
    "FCC": (0.30, 0.11),
    "SMPTE 240M": (0.212, 0.087),
    "BT.2020": (0.2627, 0.0593),
}
"""Kr and Kb of the matrices (H.273 table 4)."""

_MATRICES = {1: "BT.709", 4: "FCC", 5: "BT.601", 6: "BT.601", 7: "SMPTE 240M", 9: "BT.2020", 10: "BT.2020"}
_PRIMARIES = {9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}
_TRANSFERS = {16: "PQ", 18: "HLG"}

HD_HEIGHT, HD_WIDTH = 720, 1280
"""Pixels: an untagged video of that size or more is taken as BT.709, a smaller one as BT.601, as players do."""


@dataclass(frozen=True, slots=True)
class ColorCoding:
    """What the numbers of a picture mean.

    Attributes:
        matrix: a name in :data:`LUMA_WEIGHTS`.
        full_range: luma fills 0..255 rather than 16..235.
        transfer: ``"PQ"`` or ``"HLG"`` for HDR, ``"SDR"`` for everything else.
        primaries: ``"BT.709"``, ``"BT.2020"``, ``"Display P3"`` or ``"DCI-P3"``. The primaries of old television are
            taken as BT.709, as nearly all players do.
    """

    matrix: str = "BT.709"
    full_range: bool = False
    transfer: str = "SDR"
    primaries: str = "BT.709"

    @property
    def linear(self) -> bool:
        """Whether a matrix alone makes it BT.709: same transfer, same primaries."""
        return self.transfer == "SDR" and self.primaries == "BT.709"

    @property
    def words(self) -> str:
        """For people: ``"BT.2020 HLG (HDR)"``."""
        if self.transfer != "SDR":
            return f"{self.primaries} {self.transfer} (HDR)"
        name = self.primaries if self.primaries != "BT.709" else self.matrix
        return name + (", full range" if self.full_range else "")


def coding_of(frame: "VideoFrame") -> ColorCoding:
    """The coding of a decoded picture: its tags, and what players assume where there are none."""
    name = frame.format.name
    primaries = _PRIMARIES.get(int(frame.color_primaries), "BT.709")
    transfer = _TRANSFERS.get(int(frame.color_trc), "SDR")
    matrix = _MATRICES.get(int(frame.colorspace))
    full = int(frame.color_range) == 2 or name.startswith("yuvj")
    if matrix is None:
        if primaries == "BT.2020" or transfer != "SDR":
            matrix = "BT.2020"
        elif name.startswith("yuvj") or (frame.height < HD_HEIGHT and frame.width < HD_WIDTH):
            matrix = "BT.601"
        else:
            matrix = "BT.709"
    if transfer != "SDR" and primaries == "BT.709" and int(frame.color_primaries) != 1:
        primaries = "BT.2020"  # HDR without a tag
    return ColorCoding(matrix, full, transfer, primaries)


def to_rgb_matrix(coding: ColorCoding, bits: int) -> Matrix:
    """(3, 4): from code values Y, Cb, Cr, 1 to R', G', B' of 0..1 (H.273 section 8.3)."""
    kr, kb = LUMA_WEIGHTS[coding.matrix]
    kg = 1 - kr - kb
    unit = float(1 << (bits - 8))
    top = float((1 << bits) - 1)
    if coding.full_range:
        luma_zero, luma_one, chroma_one = 0.0, top, top
    else:
        luma_zero, luma_one, chroma_one = 16 * unit, 219 * unit, 224 * unit
    rgb = np.array(
        [
            [1.0, 0.0, 2 * (1 - kr)],
            [1.0, -2 * (1 - kb) * kb / kg, -2 * (1 - kr) * kr / kg],
            [1.0, 2 * (1 - kb), 0.0],
        ]
    )
    scaled = rgb / np.array([luma_one, chroma_one, chroma_one])
    zero = np.array([luma_zero, 128 * unit, 128 * unit])
    return np.hstack([scaled, -(scaled @ zero)[:, None]])


def from_rgb_matrix() -> Matrix:
    """(3, 4): from R', G', B' of 0..1 and 1 to 8-bit BT.709 limited range."""
    from engine.raster.color import ycbcr_matrix

    matrix = ycbcr_matrix().copy()
    matrix[:, :3] *= 255
    return matrix


def recode_matrix(coding: ColorCoding, bits: int) -> Matrix:
    """(3, 4): from code values of ``bits`` bits to 8-bit BT.709 limited range, without a change of transfer.

    Grey stays grey, so the chroma rows do not depend on luma.
    """
    forward, back = from_rgb_matrix(), to_rgb_matrix(coding, bits)
    matrix = forward[:, :3] @ back
    matrix[:, 3] += forward[:, 3]
    matrix[1:, 0] = 0.0
    return matrix
