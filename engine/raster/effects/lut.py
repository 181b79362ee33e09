"""Looks that no matrix makes: vintage and .cube files, together with the matrices beside them in one table in Y'CbCr.

Luma has whole code values, so the table has an entry for each and only chroma is interpolated; that costs an eighth of
tetrahedral interpolation in three dimensions (11 against 90 ms for a 1080p frame), and is exact along luma. The grid
spans all of Y'CbCr, of which a screen's colours fill a quarter. Near them, the look of the nearest colour is taken and
what lies beyond is added again, so that interpolation between points inside and outside stays true; far from them
nothing is looked up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.raster.color import KB, KG, KR, ycbcr_matrix
from engine.raster.kernels.looks import lut_rows
from engine.raster.memory import flat

Colors = NDArray[np.float64]
"""(n, 3) R', G', B' in 0..1."""

Look = Callable[[Colors], Colors]

GRID = 65
"""Points of the table along Cb and along Cr: 4 code values apart, about 8 of blue or red, as in a .cube of 33."""

UNIT = 64
"""What a code value counts in the table."""

NEAR = 0.12
"""How far outside of R'G'B' (0..1) grid points are still used: the width of a cell."""


@dataclass(frozen=True)
class _Grid:
    """The points of the table: all as they are, and those near R'G'B' by their nearest colour.

    Attributes:
        codes: (3, n) int16, UNIT times Y', Cb, Cr.
        near: (m,) which of the n points lie near R'G'B'.
        inside: (m, 3) the nearest colours, 0..1.
        beyond: (m, 3) what the points lie beyond them.
    """

    codes: NDArray[np.int16]
    near: NDArray[np.int64]
    inside: Colors
    beyond: Colors


@cache
def _grid() -> _Grid:
    chroma = np.linspace(0, 255, GRID)
    cr, cb, y = np.meshgrid(chroma, chroma, np.arange(256.0), indexing="ij")
    codes = np.stack([y.ravel(), cb.ravel(), cr.ravel()])
    to = ycbcr_matrix()
    rgb = np.linalg.inv(to[:, :3]) @ (codes - to[:, 3:]) / 255
    near = np.flatnonzero((rgb.min(0) > -NEAR) & (rgb.max(0) < 1 + NEAR))
    points = np.ascontiguousarray(rgb[:, near].T)
    inside = np.clip(points, 0, 1)
    return _Grid(np.rint(UNIT * codes).astype(np.int16), near, inside, points - inside)


@dataclass(frozen=True)
class LutStep:
    """Applies a table; see :class:`engine.raster.effects.step.Step`.

    Attributes:
        tables: (3, GRID * GRID * 256) int16, see ``kernels.looks.lut_rows``.
    """

    tables: NDArray[np.int16]

    @classmethod
    def of(cls, looks: Sequence[Look]) -> "LutStep":
        """One table for looks that are applied one after the other."""
        grid = _grid()
        result = grid.inside
        for look in looks:
            result = look(result)
        result = np.clip(result, 0, 1) + grid.beyond
        tables = grid.codes.copy()
        to = ycbcr_matrix()
        tables[:, grid.near] = np.rint(UNIT * ((255 * result) @ to[:, :3].T + to[:, 3])).T
        return cls(tables)

    def apply(self, frame: YuvFrame, time: Fraction, lens: View) -> None:
        """Change the colours of a frame."""
        lut_rows(
            flat(frame.y), flat(frame.u), flat(frame.v), frame.y.strides[0], frame.u.strides[0], frame.v.strides[0],
            frame.width, frame.height, *self.tables, GRID, UNIT,
        )  # fmt: skip


def matrix_look(matrix: NDArray[np.float64]) -> Look:
    """A (3, 4) matrix of R'G'B' as a look."""
    linear, offset = matrix[:, :3].T, matrix[:, 3]
    return lambda rgb: np.asarray(rgb @ linear + offset, np.float64)


def mixed_look(look: Look, amount: float) -> Look:
    """A look, mixed with the picture: 0 is the picture, 1 the look."""
    return lambda rgb: rgb + amount * (look(np.clip(rgb, 0, 1)) - rgb)


def vintage(rgb: Colors) -> Colors:
    """Faded print: lifted blacks, soft highlights, less colour, shadows towards teal and lights towards cream."""
    luma = (rgb @ np.array([KR, KG, KB]))[:, None]
    faded = luma + 0.72 * (rgb - luma)
    curved = 0.075 + 0.86 * (faded + 0.16 * np.sin(2 * np.pi * (faded - 0.5)) / np.pi)
    shadows, lights = np.array([-0.018, 0.006, 0.026]), np.array([0.05, 0.018, -0.062])
    return np.asarray(curved + (1 - luma) ** 2 * shadows + luma**1.3 * lights, np.float64)
