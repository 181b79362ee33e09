"""Move a plane sideways by a fraction of a pixel and lay it over another: slides, pushes, wipes."""

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32
I32 = np.int32

TAPS = 6


@jit
def _inner(
    row: NDArray[np.uint8], first: int, taps: NDArray[np.float32], cover: NDArray[np.float32], out: NDArray[np.uint8]
) -> None:
    w0, w1, w2, w3, w4, w5 = taps[0], taps[1], taps[2], taps[3], taps[4], taps[5]
    for x in range(out.shape[0]):
        at = U64(first) + U64(x)
        value = (
            w0 * F32(row[at])
            + w1 * F32(row[at + U64(1)])
            + w2 * F32(row[at + U64(2)])
            + w3 * F32(row[at + U64(3)])
            + w4 * F32(row[at + U64(4)])
            + w5 * F32(row[at + U64(5)])
        )
        value = min(max(value, F32(0)), F32(255))
        old = F32(out[x])
        out[x] = np.uint8(I32(old + cover[x] * (value - old) + F32(0.5)))


@jit
def _edge(
    row: NDArray[np.uint8],
    first: int,
    taps: NDArray[np.float32],
    cover: NDArray[np.float32],
    begin: int,
    end: int,
    out: NDArray[np.uint8],
) -> None:
    last = row.shape[0] - 1
    for x in range(begin, end):
        value = F32(0)
        for k in range(TAPS):
            value += taps[k] * F32(row[U64(min(max(first + x + k, 0), last))])
        value = min(max(value, F32(0)), F32(255))
        old = F32(out[U64(x)])
        out[U64(x)] = np.uint8(I32(old + cover[U64(x)] * (value - old) + F32(0.5)))


@jit
def shift_rows(
    source: NDArray[np.uint8],
    source_stride: int,
    out: NDArray[np.uint8],
    out_stride: int,
    width: int,
    height: int,
    first: int,
    taps: NDArray[np.float32],
    cover: NDArray[np.float32],
    begin: int,
    end: int,
) -> None:
    """Mix columns [begin, end) of a plane with a shifted one: out += cover * (shifted - out).

    Args:
        source, out: flat planes of the same size, strides in bytes.
        first: output column x reads columns x + first to x + first + 5; the edge columns are repeated beyond.
        taps: (6,) weights, their sum is 1.
        cover: (width,) 0..1.
        begin, end: output columns to write.
    """
    safe_begin = min(max(begin, -first), end)
    safe_end = max(min(end, width - TAPS + 1 - first), safe_begin)
    for y in range(height):
        row = source[y * source_stride : y * source_stride + width]
        target = out[y * out_stride : y * out_stride + width]
        _edge(row, first, taps, cover, begin, safe_begin, target)
        _inner(row, first + safe_begin, taps, cover[safe_begin:safe_end], target[safe_begin:safe_end])
        _edge(row, first, taps, cover, safe_end, end, target)


@jit
def mix_columns(
    a: NDArray[np.uint8],
    a_stride: int,
    b: NDArray[np.uint8],
    b_stride: int,
    out: NDArray[np.uint8],
    out_stride: int,
    height: int,
    cover: NDArray[np.float32],
) -> None:
    """out = a + cover * (b - a), flat planes, ``cover`` (width,) 0..1 the weight of each column."""
    width = cover.shape[0]
    for y in range(height):
        row_a, row_b = a[y * a_stride : y * a_stride + width], b[y * b_stride : y * b_stride + width]
        row = out[y * out_stride : y * out_stride + width]
        for x in range(width):
            old = F32(row_a[x])
            row[x] = np.uint8(I32(old + cover[x] * (F32(row_b[x]) - old) + F32(0.5)))
