"""Looks that are a matrix of the colours: brightness, contrast, saturation, temperature, grayscale, sepia.

All work on R'G'B' code values 0..1 and are affine, and so is the way to Y'CbCr: any run of them is one 3 x 4 matrix in
Y'CbCr, applied in one pass. Values beyond the range are cut off once, at the end of the run.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.color import KB, KG, KR, ycbcr_matrix
from engine.raster.kernels.looks import affine_rows
from engine.raster.memory import flat

Matrix = NDArray[np.float64]
"""(3, 4): rows R', G', B'; columns R', G', B' in 0..1 and the offset."""

_LUMA = np.array([KR, KG, KB])

MIDDLE = 0.5
"""The code value that contrast leaves alone."""

SEPIA_TONE = np.array([1.12, 0.99, 0.75])
"""What grey becomes; its luma is that of the grey."""


def brightness(amount: float) -> Matrix:
    """Mostly a gain (black stays nearly black), a little offset; -1..1."""
    return _with_offset(np.eye(3) * 2 ** (0.6 * amount), np.full(3, 0.06 * amount))


def contrast(amount: float) -> Matrix:
    """A gain of 1/2 to 2 about the middle; -1..1."""
    gain = 2.0**amount
    return _with_offset(np.eye(3) * gain, np.full(3, MIDDLE * (1 - gain)))


def saturation(amount: float) -> Matrix:
    """The distance from grey of the same luma, times 0 to 2; -1..1."""
    grey = np.tile(_LUMA, (3, 1))
    return _with_offset(grey + (1 + amount) * (np.eye(3) - grey))


def temperature(amount: float) -> Matrix:
    """Warmer above 0, cooler below: gains of red and blue that leave the luma of grey alone; -1..1."""
    gains = np.array([1 + 0.16 * amount, 1 + 0.01 * amount, 1 - 0.24 * amount])
    return _with_offset(np.diag(gains / (_LUMA @ gains)))


def grayscale(amount: float) -> Matrix:
    """Colour fades to luma; 0..1."""
    return saturation(-amount)


def sepia(amount: float) -> Matrix:
    """Colour fades to the brown of old prints; 0..1."""
    toned = SEPIA_TONE[:, None] / (_LUMA @ SEPIA_TONE) * _LUMA
    return _with_offset((1 - amount) * np.eye(3) + amount * toned)


AFFINE_LOOKS = {
    "brightness": brightness,
    "contrast": contrast,
    "saturation": saturation,
    "temperature": temperature,
    "grayscale": grayscale,
    "sepia": sepia,
}


def after(second: Matrix, first: Matrix) -> Matrix:
    """One matrix for ``first``, then ``second``."""
    return np.hstack([second[:, :3] @ first[:, :3], second[:, :3] @ first[:, 3:] + second[:, 3:]])


def in_ycbcr(matrix: Matrix) -> NDArray[np.float64]:
    """The same map of limited-range Y'CbCr code values, (3, 4)."""
    to = ycbcr_matrix()
    forward, offset = to[:, :3] * 255, to[:, 3]  # R'G'B' in 0..1
    linear = forward @ matrix[:, :3] @ np.linalg.inv(forward)
    return np.hstack([linear, (forward @ matrix[:, 3] + offset - linear @ offset)[:, None]])


@dataclass(frozen=True)
class AffineStep:
    """Applies a run of these looks; see :class:`engine.raster.effects.step.Step`."""

    matrix: Matrix
    _codes: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_codes", in_ycbcr(self.matrix).astype(np.float32))

    def apply(self, frame: YuvFrame, time: Fraction, lens: View) -> None:
        """Change the colours of a frame."""
        affine_rows(
            flat(frame.y), flat(frame.u), flat(frame.v), frame.y.strides[0], frame.u.strides[0], frame.v.strides[0],
            frame.width, frame.height, self._codes, np.empty(frame.width // 2, np.float32),
        )  # fmt: skip


def _with_offset(linear: NDArray[np.float64], offset: NDArray[np.float64] | None = None) -> Matrix:
    return np.hstack([linear, np.zeros((3, 1)) if offset is None else offset[:, None]])
