"""Layers of a scene, sampled and put over each other tile by tile, straight into the planes of a frame.

A tile asks its layers from the front what they have there; the first that is solid ends the search, so that most tiles
cost one bilinear lookup a pixel, and only those at an edge pay for the layers that meet in it.
"""

# mypy: disable-error-code="arg-type, assignment, return-value, no-any-return"
# Inside these functions numbers are numba's, whose min, max and conversions Python's types do not describe.

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit
from engine.raster.kernels.unaliased import load_byte, load_four, store_byte

F32 = np.float32
I32 = np.int32
I64 = np.int64
U32 = np.uint32

TILE = 16
"""Luma pixels along a side of the largest tile; see :func:`tile_side`."""

BLOCK = 8
"""Texels along a side of a block of which the least and the largest alpha are known."""

MOST_LAYERS = 8

# Fields of a layer's row in the table.
LUMA, CHROMA, ALPHA, CHROMA_ALPHA, LEAST, LARGEST = 0, 1, 2, 3, 4, 5
WIDTH, HEIGHT, CHROMA_WIDTH, CHROMA_HEIGHT, BLOCKS = 6, 7, 8, 9, 10
FIELDS = 11


def tile_side(width: int) -> int:
    """Pixels along a side of a tile: where the mesh of a frame so wide has vertices.

    What counts is how much of the photo lies between two of them: a hundredth of a frame as wide as it.
    """
    return TILE if width >= 100 * TILE else TILE // 2 if width >= 50 * TILE else TILE // 4


@jit
def _pair(w0: int, w1: int, shift: int, fu: float, fv: float) -> float:
    """Bilinear between bytes 0 and ``shift / 8`` of two rows."""
    mask = U32(255)
    a, b = F32(I32(w0 & mask)), F32(I32((w0 >> U32(shift)) & mask))
    c, d = F32(I32(w1 & mask)), F32(I32((w1 >> U32(shift)) & mask))
    top, low = a + (b - a) * fu, c + (d - c) * fu
    return F32(top + (low - top) * fv)


@jit
def _luma_row(
    source: int, stride: int, wide: float, tall: float,
    u: float, v: float, du: float, dv: float, out: int, count: int,
) -> None:  # fmt: skip
    """Write ``count`` pixels of a solid layer."""
    for i in range(I32(count)):
        x = F32(min(max(u + du * F32(i), F32(0)), wide))
        y = F32(min(max(v + dv * F32(i), F32(0)), tall))
        ix, iy = I32(x), I32(y)
        at = I32(iy * I32(stride) + ix)
        w0, w1 = load_four(source, I64(at)), load_four(source, I64(I32(at + I32(stride))))
        value = _pair(w0, w1, 8, F32(x - F32(ix)), F32(y - F32(iy)))
        store_byte(out, I64(i), np.uint8(I32(value + F32(0.5))))


@jit
def _put_over(colours: int, alpha: int, out: int, count: int) -> None:
    """Colours that are multiplied by alpha, over what is there; rows of bytes."""
    for i in range(I32(count)):
        clear = F32(255) - F32(I32(load_byte(alpha, I64(i))))
        below = F32(I32(load_byte(out, I64(i))))
        value = F32(I32(load_byte(colours, I64(i)))) + below * clear * F32(1 / 255)
        store_byte(out, I64(i), np.uint8(I32(min(value + F32(0.5), F32(255)))))


@jit
def _chroma_row(
    source: int, width: int, wide: float, tall: float,
    u: float, v: float, du: float, dv: float, out_u: int, out_v: int, count: int,
) -> None:  # fmt: skip
    """Likewise for both chroma planes; source: Cb and Cr by turns."""
    for i in range(I32(count)):
        x = F32(min(max(u + du * F32(i), F32(0)), wide))
        y = F32(min(max(v + dv * F32(i), F32(0)), tall))
        ix, iy = I32(x), I32(y)
        fu, fv = F32(x - F32(ix)), F32(y - F32(iy))
        at = I32(I32(2) * (iy * I32(width) + ix))
        w0, w1 = load_four(source, I64(at)), load_four(source, I64(I32(at + I32(2) * I32(width))))
        store_byte(out_u, I64(i), np.uint8(I32(_pair(w0, w1, 16, fu, fv) + F32(0.5))))
        store_byte(out_v, I64(i), np.uint8(I32(_pair(w0 >> U32(8), w1 >> U32(8), 16, fu, fv) + F32(0.5))))


@jit
def _bounds(row: NDArray[np.int64], mesh: NDArray[np.float32], ty: int, tx: int) -> tuple[int, int]:
    """The least and the largest alpha that a tile can meet in a layer."""
    left = min(min(mesh[ty, tx, 0], mesh[ty, tx + 1, 0]), min(mesh[ty + 1, tx, 0], mesh[ty + 1, tx + 1, 0]))
    right = max(max(mesh[ty, tx, 0], mesh[ty, tx + 1, 0]), max(mesh[ty + 1, tx, 0], mesh[ty + 1, tx + 1, 0]))
    top = min(min(mesh[ty, tx, 1], mesh[ty, tx + 1, 1]), min(mesh[ty + 1, tx, 1], mesh[ty + 1, tx + 1, 1]))
    low = max(max(mesh[ty, tx, 1], mesh[ty, tx + 1, 1]), max(mesh[ty + 1, tx, 1], mesh[ty + 1, tx + 1, 1]))
    # Two texels around: the taps of luma, and those of chroma, which are twice as wide.
    last_x, last_y = F32(row[WIDTH] - 1), F32(row[HEIGHT] - 1)
    x0, x1 = I64(min(max(left - 3, F32(0)), last_x)), I64(min(max(right + 4, F32(0)), last_x))
    y0, y1 = I64(min(max(top - 3, F32(0)), last_y)), I64(min(max(low + 4, F32(0)), last_y))
    least, largest = 255, 0
    for j in range(y0 // BLOCK, y1 // BLOCK + 1):
        for i in range(x0 // BLOCK, x1 // BLOCK + 1):
            at = I64(j * row[BLOCKS] + i)
            least = min(least, I64(load_byte(row[LEAST], at)))
            largest = max(largest, I64(load_byte(row[LARGEST], at)))
    return least, largest


@jit
def _luma_tile(
    row: NDArray[np.int64],
    corners: NDArray[np.float32],
    out: int,
    stride: int,
    n: int,
    m: int,
    over: bool,
    aside: int,
    tile: int,
) -> None:
    inverse = F32(1 / tile)
    wide, tall = F32(F32(row[WIDTH] - 1) - F32(0.001)), F32(F32(row[HEIGHT] - 1) - F32(0.001))
    wide, tall = max(wide, F32(0)), max(tall, F32(0))
    for r in range(m):
        f = F32((r + 0.5) * inverse)
        ua, ub = corners[0] + (corners[4] - corners[0]) * f, corners[2] + (corners[6] - corners[2]) * f
        va, vb = corners[1] + (corners[5] - corners[1]) * f, corners[3] + (corners[7] - corners[3]) * f
        du, dv = F32((ub - ua) * inverse), F32((vb - va) * inverse)
        u, v = F32(ua + F32(0.5) * du), F32(va + F32(0.5) * dv)
        place = I64(out + r * stride)
        if over:
            # In two steps: a loop that looked up both and mixed them was no longer vectorised, and five times as slow.
            _luma_row(row[LUMA], row[WIDTH], wide, tall, u, v, du, dv, aside, n)
            _luma_row(row[ALPHA], row[WIDTH], wide, tall, u, v, du, dv, I64(aside + TILE), n)
            _put_over(aside, I64(aside + TILE), place, n)
        else:
            _luma_row(row[LUMA], row[WIDTH], wide, tall, u, v, du, dv, place, n)


@jit
def _chroma_tile(
    row: NDArray[np.int64],
    corners: NDArray[np.float32],
    out_u: int,
    out_v: int,
    stride: int,
    n: int,
    m: int,
    over: bool,
    aside: int,
    tile: int,
) -> None:
    # Chroma sample (i, j) of a frame lies at luma position (2 i + 0.5, 2 j + 1); that of a texture in the middle of its
    # four texels, so texel position t (minus one half) is chroma position (t + 0.5) / 2 - 0.5.
    inverse = F32(1 / tile)
    wide, tall = F32(F32(row[CHROMA_WIDTH] - 1) - F32(0.001)), F32(F32(row[CHROMA_HEIGHT] - 1) - F32(0.001))
    wide, tall = max(wide, F32(0)), max(tall, F32(0))
    half, quarter = F32(0.5), F32(-0.25)
    for r in range(m):
        f = F32((2 * r + 1) * inverse)
        ua, ub = corners[0] + (corners[4] - corners[0]) * f, corners[2] + (corners[6] - corners[2]) * f
        va, vb = corners[1] + (corners[5] - corners[1]) * f, corners[3] + (corners[7] - corners[3]) * f
        # Half as many texels for each of samples that lie two pixels apart: the steps are those of luma.
        du, dv = F32((ub - ua) * inverse), F32((vb - va) * inverse)
        u, v = F32((ua + half * du) * half + quarter), F32((va + half * dv) * half + quarter)
        to_u, to_v = I64(out_u + r * stride), I64(out_v + r * stride)
        if over:
            share = I64(aside + 2 * TILE)
            _chroma_row(row[CHROMA], row[CHROMA_WIDTH], wide, tall, u, v, du, dv, aside, I64(aside + TILE), n)
            _luma_row(row[CHROMA_ALPHA], row[CHROMA_WIDTH], wide, tall, u, v, du, dv, share, n)
            _put_over(aside, share, to_u, n)
            _put_over(I64(aside + TILE), share, to_v, n)
        else:
            _chroma_row(row[CHROMA], row[CHROMA_WIDTH], wide, tall, u, v, du, dv, to_u, to_v, n)


@jit
def paint_tiles(
    table: NDArray[np.int64],
    meshes: NDArray[np.float32],
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    y_stride: int,
    c_stride: int,
    width: int,
    height: int,
    tile: int,
) -> None:
    """Fill a frame.

    Args:
        table: (layers, FIELDS) int64, the farthest first: addresses of luma (one byte a texel), chroma (two), alpha of
            both and of the blocks' least and largest alpha; sizes in texels, blocks in a row. The farthest layer is
            solid, its alpha addresses are 0. After each plane lie three more bytes that may be read.
        meshes: (layers, rows, columns, 2) from :func:`engine.raster.kernels.scene_mesh.mesh_of_layer` with a step of
            ``tile``.
        y, u, v: flat planes of the frame.
        y_stride, c_stride: bytes from row to row.
        width, height: of the frame, even.
        tile: from :func:`tile_side`.
    """
    layers = table.shape[0]
    seen = np.empty(MOST_LAYERS, I64)
    corners = np.empty(8, F32)
    rows = np.empty(3 * TILE, np.uint8)
    aside = I64(rows.ctypes.data)
    to_y, to_u, to_v = y.ctypes.data, u.ctypes.data, v.ctypes.data
    for ty in range(meshes.shape[1] - 1):
        m = min(tile, height - ty * tile)
        for tx in range(meshes.shape[2] - 1):
            n = min(tile, width - tx * tile)
            count = 0
            for back in range(layers):
                layer = layers - 1 - back
                if layer == 0:
                    seen[count] = layer
                    count += 1
                    break
                least, largest = _bounds(table[layer], meshes[layer], ty, tx)
                if largest > 0:
                    seen[count] = layer
                    count += 1
                    if least == 255:
                        break
            place = I64(to_y + ty * tile * y_stride + tx * tile)
            half = I64(ty * (tile // 2) * c_stride + tx * (tile // 2))
            for k in range(count):
                layer = seen[count - 1 - k]
                mesh = meshes[layer]
                for side in range(2):
                    corners[side] = mesh[ty, tx, side]
                    corners[2 + side] = mesh[ty, tx + 1, side]
                    corners[4 + side] = mesh[ty + 1, tx, side]
                    corners[6 + side] = mesh[ty + 1, tx + 1, side]
                _luma_tile(table[layer], corners, place, y_stride, n, m, k > 0, aside, tile)
                _chroma_tile(
                    table[layer],
                    corners,
                    I64(to_u + half),
                    I64(to_v + half),
                    c_stride,
                    n // 2,
                    m // 2,
                    k > 0,
                    aside,
                    tile,
                )
