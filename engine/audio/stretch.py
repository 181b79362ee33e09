"""Faster or slower at the same pitch: WSOLA.

W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale
modification of speech", ICASSP 1993. Windows of 40 ms overlap by half; each is taken from within 10 ms of where the
clock says, there where it best continues the one before. So the result never drifts. At four times
the speed the windows no longer overlap in the input: what is shorter than 30 ms can fall between them.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from engine.audio.samples import SAMPLE_RATE, Samples

WINDOW = SAMPLE_RATE * 40 // 1000
HOP = WINDOW // 2
SEARCH = SAMPLE_RATE * 10 // 1000
"""Samples by which a window may stray from its time."""

_WINDOWS_AT_A_TIME = 50


def stretch(read: Callable[[int, int], Samples], first: int, count: int, speed: Fraction) -> Iterator[Samples]:
    """Play at another speed, pitch kept.

    Args:
        read: gives the input's samples: read(start, count), silence where it has none.
        first: the first output sample that is wanted; it may be negative. Output sample t shows input t * speed.
        count: how many output samples.
        speed: input seconds in one output second.

    Yields:
        Blocks of shape (n, 2), ``count`` samples in all.
    """
    fade = np.hanning(WINDOW + 1)[:WINDOW].astype(np.float32)[:, None]
    half = WINDOW // 2
    overlap = np.zeros((half, 2), np.float32)
    continued: int | None = None  # where the window before would go on, in input samples
    index, made = 0, 0
    while made < count:
        # Window i is centred on output sample first + i * HOP; its first half completes the samples before that.
        centres = [round((first + i * HOP) * speed) for i in range(index, index + _WINDOWS_AT_A_TIME)]
        low = min(centres[0], continued if continued is not None else centres[0]) - half - SEARCH - HOP
        high = max(centres[-1], centres[-1] + HOP) + half + SEARCH + HOP + WINDOW
        buffer = read(low, high - low)
        mono = np.ascontiguousarray(buffer.sum(axis=1))
        out = []
        for centre in centres:
            at = centre - half - low
            if continued is not None:
                at = _nearest_match(mono, continued - low, at)
            window = buffer[at : at + WINDOW] * fade
            out.append(overlap + window[:half])
            overlap = window[half:].copy()
            continued = at + low + HOP
        block = np.concatenate(out)
        if index == 0:
            block = block[half:]  # the half before the first centre has no window before it to be completed
        index += len(centres)
        block = block[: count - made]
        made += len(block)
        yield block


def _nearest_match(mono: np.ndarray[tuple[int], np.dtype[np.float32]], wanted: int, at: int) -> int:
    """The start of the best window within :data:`SEARCH` of ``at``: a coarse search, then a fine one."""
    from engine.audio.kernels.matching import COARSE, best_offset

    base = min(wanted, at - SEARCH)
    base -= base % COARSE
    last = max(wanted, at + SEARCH) + WINDOW + COARSE
    usable = mono[base : base + (last - base) // COARSE * COARSE]
    coarse = np.ascontiguousarray(usable.reshape(-1, COARSE).mean(axis=1))
    count = 2 * SEARCH // COARSE + 1
    found = best_offset(
        coarse, (wanted - base) // COARSE, (at - SEARCH - base) // COARSE, count, WINDOW // COARSE - 1, 1
    )
    near = base + found * COARSE
    first = min(max(near - COARSE, at - SEARCH), at + SEARCH - 2 * COARSE)
    return best_offset(mono, wanted, first, 2 * COARSE + 1, WINDOW, 1)
