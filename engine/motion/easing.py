"""Easing: from the share of the time that has passed to the share of the way that is done.

The eased ends are ramps of *velocity* in the form of Hermite's smoothstep, 3x² - 2x³, and the velocity between them is
constant: a trapezoid with rounded corners. The position is its integral, so position, velocity and acceleration are
continuous and an eased end is at rest with no acceleration (C², like Perlin's smootherstep, "Improving Noise", 2002),
but unlike smootherstep most of the way is travelled at one speed: 4/3 of the average, against its 15/8.
"""

RAMP_SHARE = 0.25
"""Share of the travel time that an eased end takes."""


def ease(share: float, name: str) -> float:
    """How much of the way is done, 0..1, when ``share`` (0..1, clamped) of the time has passed.

    Args:
        share: of the travel time.
        name: ``linear``, ``in`` (starts slowly), ``out`` (ends slowly) or ``in_out``.
    """
    u = min(max(share, 0.0), 1.0)
    if name == "in":
        return _way(u, ramp_in=RAMP_SHARE, ramp_out=0.0)
    if name == "out":
        return _way(u, ramp_in=0.0, ramp_out=RAMP_SHARE)
    if name == "in_out":
        return _way(u, ramp_in=RAMP_SHARE, ramp_out=RAMP_SHARE)
    return u


def _way(u: float, ramp_in: float, ramp_out: float) -> float:
    speed = 1 / (1 - 0.5 * (ramp_in + ramp_out))
    if u < ramp_in:
        return speed * _ramp(u, ramp_in)
    if u > 1 - ramp_out:
        return 1 - speed * _ramp(1 - u, ramp_out)
    return speed * (u - 0.5 * ramp_in)


def _ramp(u: float, length: float) -> float:
    """Integral of smoothstep(u / length) from 0: the way on a ramp up to unit speed."""
    x = u / length
    return length * x * x * x * (1 - 0.5 * x)
