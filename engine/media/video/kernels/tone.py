# mypy: disallow-untyped-decorators=False
"""HDR and wide-gamut pictures to 8-bit 4:2:0 BT.709 limited range, row by row.

The formulas are those of :mod:`engine.media.video.hdr`; the powers in them are looked up in tables of one dimension. A
table of three dimensions over Y', Cb and Cr costs the same time and errs by up to 18 code values at the edge of the
gamut, where the formula has a kink.
"""

import numpy as np
from numpy.typing import NDArray

from engine.media.video.kernels.recode import TAPS, _mixed_row
from engine.raster.kernels.compile import jit

U64 = np.uint64
F32 = np.float32


@jit
def _curve(table: NDArray[np.float32], places: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Linear interpolation in a table over 0..1; a place beyond that is its end."""
    last = np.int32(table.shape[0] - 1)
    top, scale = np.int32(last - 1), F32(last)
    for x in range(places.shape[0]):
        at = min(max(places[x], F32(0)), F32(1)) * scale
        node = min(np.int32(at), top)
        low, high = table[U64(node)], table[U64(node) + U64(1)]
        out[x] = low + (at - F32(node)) * (high - low)


@jit
def _curve_of_root(table: NDArray[np.float32], values: NDArray[np.float32], scratch: NDArray[np.float32]) -> None:
    """In place: a table over the fourth root of a value."""
    for x in range(values.shape[0]):
        scratch[x] = np.sqrt(np.sqrt(max(values[x], F32(0))))
    _curve(table, scratch, values)


@jit
def tone_row(
    y: NDArray[np.float32],
    u: NDArray[np.float32],
    v: NDArray[np.float32],
    rgb: NDArray[np.float32],
    light: NDArray[np.float32],
    system: NDArray[np.float32],
    rolled: NDArray[np.float32],
    encoded: NDArray[np.float32],
    into: NDArray[np.float32],
    gamut: NDArray[np.float32],
    scales: NDArray[np.float32],
) -> None:
    """Convert a row of colours.

    Args:
        y, u, v: (w,) code values.
        rgb: (5, w): the first three rows are filled with R', G', B' of BT.709, 0..1; the rest is scratch.
        light, system, rolled, encoded, into, gamut, scales: the fields of :class:`engine.media.video.hdr.ToneCurves`.
    """
    width = y.shape[0]
    red, green, blue, gain, scratch = rgb[0], rgb[1], rgb[2], rgb[3], rgb[4]
    for c in range(3):
        a, b, d, e = into[U64(c), U64(0)], into[U64(c), U64(1)], into[U64(c), U64(2)], into[U64(c), U64(3)]
        for x in range(width):
            scratch[x] = a * y[x] + b * u[x] + d * v[x] + e
        _curve(light, scratch, rgb[c])
    if system.shape[0] > 1:
        for x in range(width):
            gain[x] = F32(0.2627) * red[x] + F32(0.6780) * green[x] + F32(0.0593) * blue[x]
        _curve_of_root(system, gain, scratch)
    else:
        gain[:] = F32(1)
    white, peak = scales[0], scales[1]
    for x in range(width):
        gain[x] *= white
    if rolled.shape[0] > 1:
        for x in range(width):
            brightest = gain[x] * max(max(red[x], green[x]), blue[x]) * peak
            gain[x] /= max(brightest, F32(1))
            scratch[x] = np.sqrt(np.sqrt(brightest))
        _curve(rolled, scratch, scratch)
        for x in range(width):
            gain[x] *= scratch[x]
    g = gamut
    m00, m01, m02 = g[U64(0), U64(0)], g[U64(0), U64(1)], g[U64(0), U64(2)]
    m10, m11, m12 = g[U64(1), U64(0)], g[U64(1), U64(1)], g[U64(1), U64(2)]
    m20, m21, m22 = g[U64(2), U64(0)], g[U64(2), U64(1)], g[U64(2), U64(2)]
    for x in range(width):
        p, q, s, k = red[x], green[x], blue[x], gain[x]
        r, h, t = (
            k * (m00 * p + m01 * q + m02 * s),
            k * (m10 * p + m11 * q + m12 * s),
            k * (m20 * p + m21 * q + m22 * s),
        )
        grey = min(max(F32(0.2126) * r + F32(0.7152) * h + F32(0.0722) * t, F32(0)), F32(1))
        # What keeps the largest at or below 1 and the smallest at or above 0; the tiny sums only keep 0 / 0 away.
        over, under = max(max(max(r, h), t) - grey, F32(0)), max(grey - min(min(r, h), t), F32(0))
        keep = min(
            F32(1), min((F32(1) - grey + F32(1e-9)) / (over + F32(1e-9)), (grey + F32(1e-9)) / (under + F32(1e-9)))
        )
        red[x], green[x], blue[x] = grey + keep * (r - grey), grey + keep * (h - grey), grey + keep * (t - grey)
    _curve_of_root(encoded, red, scratch)
    _curve_of_root(encoded, green, scratch)
    _curve_of_root(encoded, blue, scratch)


@jit
def tone_luma(
    y: NDArray[np.uint16],
    u: NDArray[np.uint16],
    v: NDArray[np.uint16],
    rows: NDArray[np.int64],
    row_weights: NDArray[np.float32],
    columns: NDArray[np.int64],
    column_weights: NDArray[np.float32],
    light: NDArray[np.float32],
    system: NDArray[np.float32],
    rolled: NDArray[np.float32],
    encoded: NDArray[np.float32],
    into: NDArray[np.float32],
    gamut: NDArray[np.float32],
    scales: NDArray[np.float32],
    out_matrix: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """Fill the luma plane; the planes and taps are those of :func:`.recode.recode_luma`.

    Args:
        y, u, v, rows, row_weights, columns, column_weights, out: see there.
        light, system, rolled, encoded, into, gamut, scales: see :func:`tone_row`.
        out_matrix: (3, 4): from R', G', B', 1 to Y', Cb, Cr.
    """
    height, width = y.shape
    cb = np.zeros(u.shape[1], F32)
    cr = np.zeros(u.shape[1], F32)
    row = np.empty((3, width), F32)
    rgb = np.empty((5, width), F32)
    m0, m1, m2, m3 = out_matrix[0, 0], out_matrix[0, 1], out_matrix[0, 2], out_matrix[0, 3] + F32(0.5)
    for i in range(out.shape[0]):
        source = U64(min(i, height - 1))
        _mixed_row(u, rows[source], row_weights[source], cb)
        _mixed_row(v, rows[source], row_weights[source], cr)
        for x in range(U64(width)):
            p, q = U64(columns[x, 0]), U64(columns[x, 1])
            row[0, x] = F32(y[source, x])
            row[1, x] = column_weights[x, 0] * cb[p] + column_weights[x, 1] * cb[q]
            row[2, x] = column_weights[x, 0] * cr[p] + column_weights[x, 1] * cr[q]
        tone_row(row[0], row[1], row[2], rgb, light, system, rolled, encoded, into, gamut, scales)
        for x in range(U64(width)):
            out[U64(i), x] = np.uint8(np.int32(m0 * rgb[0, x] + m1 * rgb[1, x] + m2 * rgb[2, x] + m3))
        for x in range(width, out.shape[1]):
            out[U64(i), U64(x)] = out[U64(i), U64(width - 1)]


@jit
def tone_chroma(
    y: NDArray[np.uint16],
    u: NDArray[np.uint16],
    v: NDArray[np.uint16],
    luma_rows: NDArray[np.int64],
    luma_row_weights: NDArray[np.float32],
    luma_columns: NDArray[np.int64],
    luma_column_weights: NDArray[np.float32],
    rows: NDArray[np.int64],
    row_weights: NDArray[np.float32],
    columns: NDArray[np.int64],
    column_weights: NDArray[np.float32],
    light: NDArray[np.float32],
    system: NDArray[np.float32],
    rolled: NDArray[np.float32],
    encoded: NDArray[np.float32],
    into: NDArray[np.float32],
    gamut: NDArray[np.float32],
    scales: NDArray[np.float32],
    out_matrix: NDArray[np.float32],
    out_u: NDArray[np.uint8],
    out_v: NDArray[np.uint8],
) -> None:
    """Fill both chroma planes: Y, Cb and Cr are filtered to the places of the output's chroma, then converted.

    Args:
        y, u, v, rows, row_weights, columns, column_weights, out_u, out_v: see :func:`.recode.recode_chroma`.
        luma_rows, luma_row_weights, luma_columns, luma_column_weights: likewise, for luma.
        light, system, rolled, encoded, into, gamut, scales, out_matrix: see :func:`tone_luma`.
    """
    line = np.zeros(y.shape[1], F32)
    cb = np.zeros(u.shape[1], F32)
    cr = np.zeros(u.shape[1], F32)
    row = np.empty((3, out_u.shape[1]), F32)
    rgb = np.empty((5, out_u.shape[1]), F32)
    for i in range(U64(out_u.shape[0])):
        _mixed_row(y, luma_rows[i], luma_row_weights[i], line)
        _mixed_row(u, rows[i], row_weights[i], cb)
        _mixed_row(v, rows[i], row_weights[i], cr)
        for x in range(U64(out_u.shape[1])):
            luma, blue, red = F32(0), F32(0), F32(0)
            for k in range(U64(TAPS)):
                luma += luma_column_weights[x, k] * line[U64(luma_columns[x, k])]
                blue += column_weights[x, k] * cb[U64(columns[x, k])]
                red += column_weights[x, k] * cr[U64(columns[x, k])]
            row[0, x], row[1, x], row[2, x] = luma, blue, red
        tone_row(row[0], row[1], row[2], rgb, light, system, rolled, encoded, into, gamut, scales)
        for x in range(U64(out_u.shape[1])):
            r, g, b = rgb[0, x], rgb[1, x], rgb[2, x]
            first = out_matrix[1, 0] * r + out_matrix[1, 1] * g + out_matrix[1, 2] * b + out_matrix[1, 3] + F32(0.5)
            second = out_matrix[2, 0] * r + out_matrix[2, 1] * g + out_matrix[2, 2] * b + out_matrix[2, 3] + F32(0.5)
            out_u[i, x] = np.uint8(np.int32(first))
            out_v[i, x] = np.uint8(np.int32(second))
