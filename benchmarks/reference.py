"""An exact renderer of small windows, independent of the engine: the measure for :mod:`benchmarks.jitter`.

A window of a frame whose view has a scale and an offset but no rotation is two matrix products, Ky . P . Kx^T, where P
is the luma of the photo around it and each row of a K holds a kernel centred where that sample looks in the photo.
Positions are float64 throughout; nothing is rounded to a grid.

Two kernels. To measure with: a Gaussian, which is smooth, has no ringing, and leaves nothing above the frame's Nyquist
frequency that could pass for motion. To make an exact clip with: a windowed sinc at the frame's resolution.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Luma = NDArray[np.float32]
Kernel = Callable[[Matrix], Matrix]

SINC_RADIUS, SINC_BETA = 4.0, 7.0
"""Support in frame pixels, and Kaiser shape, of the kernel for exact clips."""

GAUSS_REACH = 4.0
"""Standard deviations at which the Gaussian is cut: 0.03 % of its peak."""


def photo_luma(photo: Path) -> Luma:
    """(H, W) float32, BT.709 luma of the upright photo on the limited scale 16..235, unrounded."""
    from PIL import Image, ImageOps

    from engine.raster.color import ycbcr_matrix

    with Image.open(photo) as image:
        pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    matrix = ycbcr_matrix()[0].astype(np.float32)
    luma: Luma = pixels @ matrix[:3] + matrix[3]
    return luma


def gaussian(sigma: float) -> Kernel:
    """A Gaussian of ``sigma`` sample units."""
    return lambda x: np.exp(-0.5 * (x / sigma) ** 2)


def sinc(x: Matrix) -> Matrix:
    """Kaiser-windowed sinc that cuts at the Nyquist frequency of the samples it is centred on."""
    inside = np.clip(1 - (x / SINC_RADIUS) ** 2, 0, 1)
    return np.where(np.abs(x) < SINC_RADIUS, np.sinc(x) * np.i0(SINC_BETA * np.sqrt(inside)) / np.i0(SINC_BETA), 0)


def rows_at(positions: Matrix, step: float, size: int, kernel: Kernel, reach: float) -> tuple[int, Matrix]:
    """One kernel row for each position along one axis of the photo.

    Args:
        positions: (n,) in continuous photo coordinates, ascending.
        step: photo pixels per frame pixel: the kernel's unit.
        size: photo pixels along the axis.
        kernel, reach: the kernel and its reach in frame pixels.

    Returns:
        The first photo pixel that any row uses, and the rows, (n, m), each of sum 1.
    """
    first = max(0, int(np.floor(positions[0] - reach * step)))
    last = min(size, int(np.ceil(positions[-1] + reach * step)) + 1)
    distance = (np.arange(first, last)[None, :] + 0.5 - positions[:, None]) / step
    rows = np.where(np.abs(distance) <= reach, kernel(distance), 0.0)
    return first, rows / rows.sum(axis=1, keepdims=True)


def window(
    luma: Luma,
    view: tuple[float, float, float],
    columns: Matrix,
    lines: Matrix,
    kernel: Kernel,
    reach: float,
) -> Matrix:
    """Sample a frame at columns x lines.

    Args:
        luma: the photo, (H, W).
        view: scale, left, top; see :meth:`benchmarks.clip.Clip.view`.
        columns, lines: continuous frame coordinates, ascending; the centre of frame pixel i is i + 0.5.
        kernel, reach: in frame pixels.
    """
    scale, left, top = view
    x, kx = rows_at(left + scale * columns, scale, luma.shape[1], kernel, reach)
    y, ky = rows_at(top + scale * lines, scale, luma.shape[0], kernel, reach)
    return ky @ luma[y : y + ky.shape[1], x : x + kx.shape[1]].astype(np.float64) @ kx.T


def _centres(pixels: NDArray[np.int64]) -> Matrix:
    return pixels.astype(np.float64) + 0.5


EXACT_TILE = 120  # frame pixels: small tiles keep the matrices narrow


def exact_frame(luma: Luma, view: tuple[float, float, float], width: int, height: int) -> NDArray[np.uint8]:
    """A whole frame's luma, (height, width) uint8, rounded to nearest: as exact as 8 bits allow."""
    scale, left, top = view
    out = np.empty((height, width), np.float32)
    spans = [np.arange(x0, min(x0 + EXACT_TILE, width)) for x0 in range(0, width, EXACT_TILE)]
    across = [rows_at(left + scale * _centres(span), scale, luma.shape[1], sinc, SINC_RADIUS) for span in spans]
    for y0 in range(0, height, EXACT_TILE):
        lines = np.arange(y0, min(y0 + EXACT_TILE, height))
        y, ky = rows_at(top + scale * _centres(lines), scale, luma.shape[0], sinc, SINC_RADIUS)
        band = ky.astype(np.float32) @ luma[y : y + ky.shape[1]]
        for span, (x, kx) in zip(spans, across, strict=True):
            out[y0 : y0 + len(lines), span] = band[:, x : x + kx.shape[1]] @ kx.astype(np.float32).T
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)
