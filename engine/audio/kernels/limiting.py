"""The gain of a limiter that sees peaks before they come."""

import numpy as np
from numpy.typing import NDArray

from engine.audio.kernels.compile import jit


@jit
def limiter_gain(
    peaks: NDArray[np.float32],
    gain: float,
    ceiling: float,
    release: float,
    ring: NDArray[np.float64],
    times: NDArray[np.int64],
    lanes: NDArray[np.float64],
    state: NDArray[np.float64],
    out: NDArray[np.float64],
) -> float:
    """Make ``out[n]``, the gain for the sample ``window`` samples before ``peaks[n]``.

    Per sample: the gain that the peak needs, its minimum over the window (a queue of rising values), a slow return
    (one pole), then two moving averages, which together are as long as the window. An average of values that are all at
    most what a sample needs is at most that: no peak passes, and the gain has no corners.

    Args:
        peaks: (N,) magnitudes before the gain.
        gain: amplitude factor that is applied to everything.
        ceiling: largest magnitude that may pass.
        release: share of the way back to 1 that is gone in one sample.
        ring, times: (window + 1,): the queue: values, and the samples that they came from.
        lanes: (2, window / 2): what the moving averages hold.
        state: (7,): queue's head and length, the slow gain, the two sums, samples so far, the averages' position.
        out: (N,).

    Returns:
        The smallest gain that came out, without ``gain`` itself.
    """
    capacity = ring.shape[0]
    window = capacity - 1
    half = lanes.shape[1]
    head, length = np.int64(state[0]), np.int64(state[1])
    slow, first, second = state[2], state[3], state[4]
    time, at = np.int64(state[5]), np.int64(state[6])
    least = 1.0
    scale = 1.0 / half
    for n in range(peaks.shape[0]):
        peak = np.float64(peaks[n]) * gain
        need = ceiling / peak if peak > ceiling else 1.0
        while length > 0 and ring[(head + length - 1) % capacity] >= need:
            length -= 1
        slot = (head + length) % capacity
        ring[slot] = need
        times[slot] = time
        length += 1
        if times[head] < time - window:
            head = (head + 1) % capacity
            length -= 1
        lowest = ring[head]
        slow = lowest if lowest < slow else slow + (lowest - slow) * release
        first += slow - lanes[0, at]
        lanes[0, at] = slow
        mean = first * scale
        second += mean - lanes[1, at]
        lanes[1, at] = mean
        at += 1
        if at == half:
            at = np.int64(0)
            # Sums that are only ever updated drift: take them anew once a round.
            first = lanes[0].sum()
            second = lanes[1].sum()
        value = min(second * scale, 1.0)
        least = min(least, value)
        out[n] = value * gain
        time += 1
    state[0], state[1], state[2], state[3], state[4] = head, length, slow, first, second
    state[5], state[6] = time, at
    return least
