"""Put a picture with alpha over another, plane by plane in code values (Porter and Duff's *over*).

T. Porter, T. Duff, Compositing Digital Images, SIGGRAPH 1984. Colours are straight (not multiplied by alpha). Mixing
Y'CbCr code values with one weight is the same as mixing R'G'B' code values, because the matrix between them is linear.

The weight of a chroma sample is the alpha filtered to where the sample lies (see ``engine.core.frames``): columns
2i - 1, 2i, 2i + 1 with weights 1 2 1, rows 2j and 2j + 1 alike. Alpha continues beyond the patch's edges.
"""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32

_RUN = 64
"""Pixels that are tested together for being clear or solid."""


@jit
def _mix_run(target: NDArray[np.uint8], source: NDArray[np.uint8], weight: NDArray[np.uint8], strength: float) -> None:
    for i in range(target.shape[0]):
        old = F32(target[i])
        target[i] = np.uint8(I32(old + F32(weight[i]) * strength * (F32(source[i]) - old) + F32(0.5)))


@jit
def _copy_run(target: NDArray[np.uint8], source: NDArray[np.uint8]) -> None:
    for i in range(target.shape[0]):
        target[i] = source[i]


@jit
def _mix_samples(target: NDArray[np.uint8], source: NDArray[np.uint8], weight: NDArray[np.float32]) -> None:
    for i in range(target.shape[0]):
        old = F32(target[i])
        target[i] = np.uint8(I32(old + weight[i] * (F32(source[i]) - old) + F32(0.5)))


@jit
def _largest(row: NDArray[np.uint8]) -> int:
    value = np.uint8(0)
    for i in range(row.shape[0]):
        value = max(value, row[i])
    return int(value)


@jit
def _smallest(row: NDArray[np.uint8]) -> int:
    value = np.uint8(255)
    for i in range(row.shape[0]):
        value = min(value, row[i])
    return int(value)


@jit
def _luma_row(
    target: NDArray[np.uint8], source: NDArray[np.uint8], alpha: NDArray[np.uint8], strength: float, solid: bool
) -> tuple[int, int]:
    """Mix one row; returns the first and one past the last column of the runs that are not clear."""
    width = target.shape[0]
    first, last = width, 0
    for begin in range(0, width, _RUN):
        end = min(begin + _RUN, width)
        weight = alpha[begin:end]
        if _largest(weight) == 0:
            continue
        first, last = min(first, begin), end
        if solid and _smallest(weight) == 255:
            _copy_run(target[begin:end], source[begin:end])
        else:
            _mix_run(target[begin:end], source[begin:end], weight, F32(strength))
    return first, last


@jit
def chroma_alpha(
    alpha: NDArray[np.uint8],
    upper: int,
    lower: int,
    left: int,
    size: int,
    first: int,
    last: int,
    scale: float,
    out: NDArray[np.float32],
) -> None:
    """Filter two rows of alpha to chroma samples [first, last).

    Args:
        alpha: flat memory.
        upper, lower: where the two rows begin in it.
        left: the row's column that chroma sample 0 lies on.
        size: columns of a row; beyond them the edge columns are repeated.
        first, last: chroma samples to fill.
        scale: factor of the result.
        out: filled from ``out[first]`` on: 0..255 times ``scale``.
    """
    eighth = F32(scale) * F32(0.125)
    for i in range(first, last):
        middle = left + 2 * i
        if 0 < middle < size - 1:
            a, b = U64(upper + middle), U64(lower + middle)
            one = U64(1)
            total = (
                I32(alpha[a - one])
                + I32(2) * I32(alpha[a])
                + I32(alpha[a + one])
                + I32(alpha[b - one])
                + I32(2) * I32(alpha[b])
                + I32(alpha[b + one])
            )
        else:
            before, after = max(middle - 1, 0), min(middle + 1, size - 1)
            total = (
                I32(alpha[U64(upper + before)])
                + I32(2) * I32(alpha[U64(upper + middle)])
                + I32(alpha[U64(upper + after)])
                + I32(alpha[U64(lower + before)])
                + I32(2) * I32(alpha[U64(lower + middle)])
                + I32(alpha[U64(lower + after)])
            )
        out[i] = F32(total) * eighth


@jit
def over_opaque(
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    c_stride: int,
    source_y: NDArray[np.uint8],
    source_u: NDArray[np.uint8],
    source_v: NDArray[np.uint8],
    source_y_stride: int,
    source_c_stride: int,
    alpha: NDArray[np.uint8],
    alpha_stride: int,
    alpha_left: int,
    alpha_size: int,
    width: int,
    height: int,
    opacity: float,
    weights: NDArray[np.float32],
) -> None:
    """Mix a patch into an opaque frame.

    Args:
        y, u, v: flat planes of the frame, beginning at the patch's visible corner.
        y_stride, c_stride: bytes from row to row; likewise for the source.
        source_y, source_u, source_v: the patch, beginning at its visible corner.
        alpha: its alpha, beginning at the first column of the patch in the first visible row.
        alpha_left: the first visible column of the patch.
        alpha_size: columns of the patch.
        width, height: the visible size, even.
        opacity: 0..1.
        weights: (width / 2,) scratch.
    """
    strength = F32(opacity / 255.0)
    solid = opacity >= 1.0
    for j in range(height // 2):
        first, last = width, 0
        for k in range(2):
            row = 2 * j + k
            a = row * alpha_stride + alpha_left
            begin, end = _luma_row(
                y[row * y_stride : row * y_stride + width],
                source_y[row * source_y_stride : row * source_y_stride + width],
                alpha[a : a + width],
                strength,
                solid,
            )
            first, last = min(first, begin), max(last, end)
        # Chroma sample 0 also sees the column to its left, which is cut off where the patch hangs over.
        before = 2 * j * alpha_stride + alpha_left - 1
        if alpha_left > 0 and (alpha[U64(before)] != 0 or alpha[U64(before + alpha_stride)] != 0):
            first, last = 0, max(last, 1)
        if last == 0:
            continue
        begin, end = max(first // 2 - 1, 0), min(last // 2 + 1, width // 2)
        upper = 2 * j * alpha_stride
        chroma_alpha(alpha, upper, upper + alpha_stride, alpha_left, alpha_size, begin, end, strength, weights)
        t, s = j * c_stride, j * source_c_stride
        _mix_samples(u[t + begin : t + end], source_u[s + begin : s + end], weights[begin:end])
        _mix_samples(v[t + begin : t + end], source_v[s + begin : s + end], weights[begin:end])


@jit
def over_alpha(
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    c_stride: int,
    below: NDArray[np.uint8],
    below_stride: int,
    below_left: int,
    below_size: int,
    source_y: NDArray[np.uint8],
    source_u: NDArray[np.uint8],
    source_v: NDArray[np.uint8],
    source_y_stride: int,
    source_c_stride: int,
    alpha: NDArray[np.uint8],
    alpha_stride: int,
    alpha_left: int,
    alpha_size: int,
    width: int,
    height: int,
    opacity: float,
    weights: NDArray[np.float32],
    below_weights: NDArray[np.float32],
) -> None:
    """Mix a patch into a picture that has an alpha of its own, and that alpha with it.

    Args:
        below: the alpha of the picture below; its first visible column is ``below_left`` of ``below_size``.
        weights, below_weights: (width / 2,) scratch.

    All others as in :func:`over_opaque`.
    """
    strength = F32(opacity / 255.0)
    scale = F32(1 / 255.0)
    for j in range(height // 2):
        upper, under = 2 * j * alpha_stride, 2 * j * below_stride
        some = 0
        for k in range(2):
            begin = upper + k * alpha_stride + max(alpha_left - 1, 0)  # the column that chroma sample 0 also sees
            end = upper + k * alpha_stride + alpha_left + width
            some = max(some, _largest(alpha[begin:end]))
        if some == 0:
            continue
        half = width // 2
        chroma_alpha(alpha, upper, upper + alpha_stride, alpha_left, alpha_size, 0, half, strength, weights)
        chroma_alpha(below, under, under + below_stride, below_left, below_size, 0, half, scale, below_weights)
        for i in range(half):
            total = weights[i] + below_weights[i] * (F32(1) - weights[i])
            weights[i] = weights[i] / total if total > F32(0) else F32(0)
        t, s = j * c_stride, j * source_c_stride
        _mix_samples(u[t : t + half], source_u[s : s + half], weights[:half])
        _mix_samples(v[t : t + half], source_v[s : s + half], weights[:half])
        for k in range(2):
            row = 2 * j + k
            for x in range(width):
                top = F32(alpha[U64(row * alpha_stride + alpha_left + x)]) * strength
                if top == F32(0):
                    continue
                at = U64(row * below_stride + below_left + x)
                total = top + F32(below[at]) * scale * (F32(1) - top)
                place = U64(row * y_stride + x)
                old = F32(y[place])
                new = F32(source_y[U64(row * source_y_stride + x)])
                y[place] = np.uint8(I32(old + top / total * (new - old) + F32(0.5)))
                below[at] = np.uint8(I32(total * F32(255) + F32(0.5)))
