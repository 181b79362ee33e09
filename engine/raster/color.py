"""sRGB to 8-bit Y'CbCr as H.264 carries it: BT.709 matrix, limited range (ITU-R BT.709-6, section 3).

The sRGB code values are taken as BT.709 code values, as every player does in return: a picture comes out of the video
with the numbers that went in. The tags of the stream say BT.709 throughout.
"""

import numpy as np

KR, KG, KB = 0.2126, 0.7152, 0.0722
"""Luma weights of BT.709."""

LUMA_OFFSET, LUMA_RANGE = 16.0, 219.0
CHROMA_OFFSET, CHROMA_RANGE = 128.0, 224.0
"""Limited range: luma 16..235, chroma 16..240 around 128."""


def ycbcr_matrix() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(3, 4) matrix: rows Y', Cb, Cr; columns R, G, B (0..255) and the offset."""
    luma = np.array([KR, KG, KB])
    cb = (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - KB))
    cr = (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - KR))
    return np.array(
        [
            [*(luma * LUMA_RANGE / 255), LUMA_OFFSET],
            [*(cb * CHROMA_RANGE / 255), CHROMA_OFFSET],
            [*(cr * CHROMA_RANGE / 255), CHROMA_OFFSET],
        ]
    )


def rgb_to_ycbcr(red: float, green: float, blue: float) -> tuple[int, int, int]:
    """One sRGB colour (0..255 each) as 8-bit limited-range Y', Cb, Cr."""
    y, cb, cr = ycbcr_matrix() @ np.array([red, green, blue, 1.0])
    return round(float(y)), round(float(cb)), round(float(cr))
