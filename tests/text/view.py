"""Patches as pictures, by plain arithmetic of the tests' own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import Patch

GREY = 90.0
"""The ground that golden images are made on."""


def alpha_of(patches: Sequence[tuple[Patch, float]], size: tuple[int, int]) -> NDArray[np.float64]:
    """Coverage of the canvas, shape (H, W), 0..1: patches over each other."""
    clear = np.ones((size[1], size[0]))
    for patch, opacity in patches:
        if patch.alpha is not None:
            here = np.s_[patch.y : patch.y + patch.frame.height, patch.x : patch.x + patch.frame.width]
            clear[here] *= 1 - patch.alpha / 255 * opacity
    return 1 - clear


def on_grey(patches: Sequence[tuple[Patch, float]], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Patches over a grey canvas, sRGB, shape (H, W, 3); chroma samples are repeated."""
    canvas = np.full((size[1], size[0], 3), GREY)
    for patch, opacity in patches:
        rgb = to_rgb(patch)
        assert patch.alpha is not None
        weight = (patch.alpha / 255 * opacity)[:, :, None]
        here = np.s_[patch.y : patch.y + patch.frame.height, patch.x : patch.x + patch.frame.width]
        canvas[here] = canvas[here] * (1 - weight) + rgb * weight
    return np.clip(canvas + 0.5, 0, 255).astype(np.uint8)


def to_rgb(patch: Patch) -> NDArray[np.float64]:
    """A patch's colours as sRGB, 0..255, not clipped (ITU-R BT.709, limited range)."""
    y = (patch.frame.y.astype(float) - 16) * 255 / 219
    cb, cr = (
        (plane.repeat(2, 0).repeat(2, 1).astype(float) - 128) * 255 / 224 for plane in (patch.frame.u, patch.frame.v)
    )
    red, blue = y + 1.5748 * cr, y + 1.8556 * cb
    return np.stack([red, (y - 0.2126 * red - 0.0722 * blue) / 0.7152, blue], axis=-1)


def box_of(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom (one past) of what is true."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def middle_of(weight: NDArray[np.float64]) -> tuple[float, float]:
    """The centre of mass in continuous pixels (pixel centres at +0.5): x, y."""
    y, x = np.mgrid[0 : weight.shape[0], 0 : weight.shape[1]] + 0.5
    total = weight.sum()
    return float((weight * x).sum() / total), float((weight * y).sum() / total)
