"""The transfer between code values and light: IEC 61966-2-1 (sRGB).

We take sRGB code values as BT.709 code values (see ``engine.raster.color``), so that is the curve by which a screen of
an editor turns our numbers into light; the BT.1886 curve of a television (power 2.4) lies close to it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray


def to_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light, 0..1, of code values 0..1."""
    return np.where(code <= 0.04045, code / 12.92, ((np.maximum(code, 0.04045) + 0.055) / 1.055) ** 2.4)


def to_code(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Code values, 0..1, of linear light 0..1: the inverse of :func:`to_light`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)


@cache
def light_table() -> NDArray[np.float32]:
    """(256,) float32: linear light of the code values 0..255."""
    return to_light(np.arange(256) / 255).astype(np.float32)


CODE_STEPS = 4096
"""Entries of :func:`code_table`: steps of the light's square root, so that the dark is as fine as the bright."""


@cache
def code_table() -> NDArray[np.float32]:
    """(CODE_STEPS + 1,) float32: code values 0..255 of light (i / CODE_STEPS) squared."""
    return (255 * to_code((np.arange(CODE_STEPS + 1) / CODE_STEPS) ** 2)).astype(np.float32)
