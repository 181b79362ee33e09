"""K-weighted energy and peaks between the samples (ITU-R BS.1770-5, Annexes 1 and 2)."""

import numpy as np
from numpy.typing import NDArray

from engine.audio.kernels.compile import jit

U64 = np.uint64
F32 = np.float32


@jit
def k_weighted_energy(
    samples: NDArray[np.float32],
    coefficients: NDArray[np.float64],
    state: NDArray[np.float64],
    hop: int,
    filled: int,
    sums: NDArray[np.float64],
) -> int:
    """Filter and add up squares.

    Args:
        samples: (N, 2).
        coefficients: (2, 5): b0, b1, b2, a1, a2 of the two second-order sections, a0 = 1.
        state: (2, 2, 2): channel, section, memory (transposed direct form II); changed in place.
        hop: samples that make one sum.
        filled: samples that are already in ``sums[0]``.
        sums: at least (filled + N) // hop + 1 sums, both channels together; the first one is continued.

    Returns:
        How many samples are in the last sum that was begun.
    """
    b0, b1, b2, a1, a2 = coefficients[0]
    d0, d1, d2, c1, c2 = coefficients[1]
    end = filled
    for channel in range(2):
        index = 0
        count = filled
        s0, s1 = state[channel, 0, 0], state[channel, 0, 1]
        t0, t1 = state[channel, 1, 0], state[channel, 1, 1]
        total = 0.0
        for n in range(samples.shape[0]):
            x = np.float64(samples[n, channel])
            y = b0 * x + s0
            s0 = b1 * x - a1 * y + s1
            s1 = b2 * x - a2 * y
            z = d0 * y + t0
            t0 = d1 * y - c1 * z + t1
            t1 = d2 * y - c2 * z
            total += z * z
            count += 1
            if count == hop:
                sums[index] += total
                total = 0.0
                count = 0
                index += 1
        sums[index] += total
        # What decays below this is not sound any more, and numbers too small to be normal are slow.
        state[channel, 0, 0] = s0 if abs(s0) > 1e-30 else 0.0
        state[channel, 0, 1] = s1 if abs(s1) > 1e-30 else 0.0
        state[channel, 1, 0] = t0 if abs(t0) > 1e-30 else 0.0
        state[channel, 1, 1] = t1 if abs(t1) > 1e-30 else 0.0
        end = count
    return end


@jit
def peaks_between(samples: NDArray[np.float32], phases: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """The largest magnitude at each sample and on the way to the next one, over both channels.

    Args:
        samples: (2, n + taps - 1), planar; ``out[i]`` belongs to ``samples[:, i + taps / 2 - 1]``.
        phases: (phases, taps): interpolating filters for points between two samples, taps even.
        out: (n,).
    """
    taps = U64(phases.shape[1])
    middle = taps // U64(2) - U64(1)
    count = U64(out.shape[0])
    point = np.empty(out.shape[0], np.float32)
    for n in range(count):
        out[n] = max(abs(samples[0, n + middle]), abs(samples[1, n + middle]))
    for channel in range(U64(2)):
        for phase in range(U64(phases.shape[0])):
            for n in range(count):
                point[n] = F32(0)
            for k in range(taps):
                weight = phases[phase, k]
                for n in range(count):
                    point[n] += weight * samples[channel, n + k]
            for n in range(count):
                out[n] = max(out[n], abs(point[n]))
