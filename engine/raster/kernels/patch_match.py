"""The steps of PatchMatch completion: see ``engine.raster.scene.patches``.

A picture is flat memory, four channels a pixel, row after row. Pixels are numbers, y * width + x. *Spots* are the
pixels about which patches of SIDE x SIDE pixels are matched, in raster order; ``found`` holds each spot's *source*: the
pixel about which the patch like it lies. Both keep REACH pixels from the picture's border, so that no patch leaves it.

Work is cut into runs of spots or pixels. What a run reads of another run is a copy from before the pass: the result is
the same whether runs follow each other or are made at once.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.raster.kernels.compile import jit

U64 = np.uint64
U32 = np.uint32
I64 = np.int64
F32 = np.float32

REACH = 3
"""Pixels from the middle of a patch to its edge."""

SIDE = 2 * REACH + 1


@jit
def _distance(
    picture: NDArray[np.float32],
    weight: NDArray[np.float32],
    spot: np.uint64,
    source: np.uint64,
    width: np.uint64,
    row: np.uint64,
    limit: np.float32,
) -> np.float32:
    """Weighted sum of squared differences of two patches; cut short beyond ``limit``.

    The samples of a patch's row are counted by a variable: LLVM unrolls a loop of known length before it looks for
    vector instructions, and then finds none (measured: 250 ns instead of 64).
    """
    back = U64(REACH) * width + U64(REACH)
    a, b = U64(4) * (spot - back), U64(4) * (source - back)
    total = F32(0)
    for _ in range(SIDE):
        part = F32(0)
        for i in range(row):
            step = picture[a + i] - picture[b + i]
            part += step * step * weight[a + i]
        total += part
        if total >= limit:
            break
        a += U64(4) * width
        b += U64(4) * width
    return total


@jit
def _random(state: np.uint32) -> np.uint32:
    """The next of a sequence of numbers (Marsaglia, "Xorshift RNGs", 2003)."""
    # Cut to 32 bits each time: numba's sums are 64 bits wide.
    state = U32(state ^ U32(state << U32(13)))
    state = U32(state ^ (state >> U32(17)))
    return U32(state ^ U32(state << U32(5)))


@jit
def _price(spot: int, source: int, width: int, uses: int, penalty: np.float32, far: np.float32) -> np.float32:
    """By how much the cost of a source is multiplied."""
    dy = F32(spot // width - source // width)
    dx = F32(spot % width - source % width)
    return F32(1) + penalty * F32(uses) + far * (dy * dy + dx * dx)


@jit
def count_uses(found: NDArray[np.int32], uses: NDArray[np.int32]) -> None:
    """How many spots have each pixel as their source."""
    uses[:] = 0
    for spot in range(U64(found.shape[0])):
        uses[U64(found[spot])] += 1


@jit
def search(
    picture: NDArray[np.float32],
    weight: NDArray[np.float32],
    width: int,
    spots: NDArray[np.int32],
    numbers: NDArray[np.int32],
    row: int,
    allowed: NDArray[np.uint8],
    sources: NDArray[np.int32],
    before: NDArray[np.int32],
    uses: NDArray[np.int32],
    penalty: float,
    far: float,
    radius: int,
    backwards: bool,
    seed: int,
    first: int,
    last: int,
    found: NDArray[np.int32],
    cost: NDArray[np.float32],
) -> None:
    """One pass of PatchMatch over a run of spots: neighbours' sources, then random ones ever nearer the best so far.

    Args:
        picture: (h * width * 4,) channels of like importance.
        weight: (h * width * 4,) how much each sample of a spot's patch counts.
        width: of the picture.
        spots: (n,) their pixels, ascending.
        numbers: (h * width,) which spot a pixel is, or -1.
        row: samples in a row of a patch, 4 * SIDE.
        allowed: (h * width,) 1 where a source may be.
        sources: (m,) all of those.
        before: (n,) ``found`` before the pass.
        uses: (h * width,) spots that had each source before the pass.
        penalty: share of its cost that a source pays for each use beyond the first.
        far: share of its cost that a source pays for each squared pixel of its distance.
        radius: of the search in pixels; 0: neighbours only. If it is at least ``width``, anywhere first.
        backwards: from the last spot to the first, learning from below and right.
        seed: of the pass.
        first, last: the run.
        found, cost: (n,) to update; costs are those of this pass.
    """
    wide, samples = U64(width), U64(row)
    rows: Any = I64(allowed.shape[0]) // I64(width)
    for step in range(first, last):
        spot = first + last - 1 - step if backwards else step
        place = spots[U64(spot)]
        best = found[U64(spot)]
        dear = _price(place, best, width, max(uses[U64(best)] - 1, 0), F32(penalty), F32(far))
        least = _distance(picture, weight, U64(place), U64(best), wide, samples, F32(np.inf)) * dear
        for k in range(6):
            # Two neighbours that this pass has visited, and the four around.
            if k < 2:
                shift = (1 if k == 0 else width) * (1 if backwards else -1)
            else:
                shift = (1 if k & 1 else width) * (1 if k >= 4 else -1)
                if shift == (1 if backwards else -1) or shift == (width if backwards else -width):
                    continue
            other = numbers[U64(place + shift)]
            if other < 0:
                continue
            theirs = found[U64(other)] if first <= other < last else before[U64(other)]
            try_at = theirs - shift
            if try_at == best or allowed[U64(try_at)] == 0:
                continue
            dear = _price(place, try_at, width, uses[U64(try_at)], F32(penalty), F32(far))
            got = _distance(picture, weight, U64(place), U64(try_at), wide, samples, least / dear) * dear
            if got < least:
                least, best = got, try_at
        state = U32(U32(seed) * U32(2654435761) + U32(spot) * U32(2246822519) + U32(1))
        state = _random(_random(state))
        if radius >= width:
            for _ in range(2):
                state = _random(state)
                try_at = sources[U64(state % U32(sources.shape[0]))]
                dear = _price(place, try_at, width, uses[U64(try_at)], F32(penalty), F32(far))
                got = _distance(picture, weight, U64(place), U64(try_at), wide, samples, least / dear) * dear
                if got < least:
                    least, best = got, try_at
        span: Any = min(radius, max(width, rows))
        while span >= 1:
            middle_y, middle_x = I64(best) // I64(width), I64(best) % I64(width)
            state = _random(state)
            y = middle_y + I64(state % U32(2 * span + 1)) - I64(span)
            state = _random(state)
            x = middle_x + I64(state % U32(2 * span + 1)) - I64(span)
            span >>= 1
            if y < 0 or x < 0 or y >= rows or x >= width:
                continue
            try_at = np.int32(y * width + x)
            if try_at == best or allowed[U64(try_at)] == 0:
                continue
            dear = _price(place, try_at, width, uses[U64(try_at)], F32(penalty), F32(far))
            got = _distance(picture, weight, U64(place), U64(try_at), wide, samples, least / dear) * dear
            if got < least:
                least, best = got, try_at
        found[U64(spot)] = best
        cost[U64(spot)] = least


@jit
def vote(
    source: NDArray[np.float32],
    width: int,
    pixels: NDArray[np.int32],
    numbers: NDArray[np.int32],
    found: NDArray[np.int32],
    trust: NDArray[np.float32],
    window: NDArray[np.float32],
    first: int,
    last: int,
    out: NDArray[np.float32],
) -> None:
    """Paint a run of pixels with the mean of what the patches that cover them say.

    Args:
        source: (h * width * 4,).
        width: of the picture.
        pixels: (p,) what to paint; none of them lies in the patch of a source.
        numbers: (h * width,) which spot a pixel is, or -1.
        found: (n,) source of each spot.
        trust: (n,) weight of each spot, > 0.
        window: (SIDE * SIDE,) weight by the place in a patch, >= 0.
        first, last: the run.
        out: (h * width * 4,); may be ``source``. Pixels that no patch covers are left alone.
    """
    rows: Any = numbers.shape[0] // width
    for at in range(first, last):
        place = I64(pixels[U64(at)])
        y: Any = place // width
        x: Any = place % width
        total = F32(1e-30)
        r, g, b, t = F32(0), F32(0), F32(0), F32(0)
        hit = False
        for dy in range(max(-REACH, -y), min(REACH, rows - 1 - y) + 1):
            for dx in range(max(-REACH, -x), min(REACH, width - 1 - x) + 1):
                # The spot at (dy, dx) from here sees this pixel at (-dy, -dx) from its middle.
                weight = window[U64((REACH - dy) * SIDE + REACH - dx)]
                if weight <= F32(0):
                    continue
                shift = dy * width + dx
                spot = numbers[U64(place + shift)]
                if spot < 0:
                    continue
                weight *= trust[U64(spot)]
                p = U64(4) * U64(I64(found[U64(spot)]) - shift)
                r += weight * source[p]
                g += weight * source[p + U64(1)]
                b += weight * source[p + U64(2)]
                t += weight * source[p + U64(3)]
                total += weight
                hit = True
        if hit:
            scale = F32(1) / total
            p = U64(4) * U64(place)
            out[p], out[p + U64(1)] = r * scale, g * scale
            out[p + U64(2)], out[p + U64(3)] = b * scale, t * scale
