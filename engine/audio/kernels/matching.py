"""The search of WSOLA: where a wave best continues another one."""

import numpy as np
from numpy.typing import NDArray

from engine.audio.kernels.compile import jit

COARSE = 4
"""Samples that are averaged into one for the first search."""


@jit
def best_offset(mono: NDArray[np.float32], wanted: int, first: int, candidates: int, length: int, step: int) -> int:
    """Which of the waves at first, first + step, ... is most like the one at ``wanted``.

    Args:
        mono: (N,).
        wanted, first: positions in it.
        candidates: how many waves are compared.
        length: samples of each.
        step: samples between two candidates.

    Returns:
        The position of the best one by normalised cross-correlation; the middle one among silence.
    """
    middle = first + (candidates // 2) * step
    best, chosen = -2.0, middle
    own = 1e-9
    for n in range(length):
        own += mono[wanted + n] * mono[wanted + n]
    for c in range(candidates):
        at = first + c * step
        dot = np.float32(0)
        energy = np.float32(0)
        for n in range(length):
            value = mono[at + n]
            dot += mono[wanted + n] * value
            energy += value * value
        likeness = dot / np.sqrt(own * (energy + 1e-9))
        # Ties, as in silence or in a steady tone, go to the candidate nearest to where the clock says.
        likeness -= 1e-4 * abs(at - middle) / (candidates * step)
        if likeness > best:
            best, chosen = likeness, at
    return chosen
