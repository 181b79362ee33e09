"""Wander: small motion around a camera's path, for ``drift`` and ``handheld``.

Both are sums of sinusoids with seeded phases: smooth in all derivatives, a function of time alone (no state from frame
to frame), and bounded by the sum of their amplitudes, so that the planner knows exactly how much room to keep.
Seeds go through :class:`random.Random` with a string, whose stream Python guarantees across versions and platforms.
"""

from dataclasses import dataclass
from math import exp, hypot, log, pi, sin
from random import Random

from engine.motion.easing import ease
from engine.motion.rates import DEFAULT_SPEED

DRIFT_PERIOD_S = {"slow": 14.0, "normal": 10.0, "fast": 6.0}
"""Seconds: about one round of the closed curve; a clip holds a whole number of rounds, at least one."""
DRIFT_RATE = {"slow": 0.008, "normal": 0.0125, "fast": 0.022}
"""Frame widths a second at most (before easing); with the period it gives the amplitude: 0.013, 0.02, 0.02 in 10 s."""
DRIFT_HEIGHT_SHARE = 0.6
"""Vertical over horizontal amplitude: people forgive sideways motion more."""
DRIFT_BREATH = 0.4
"""Logarithm of scale per frame width of amplitude: 0.02 of drift breathes by 0.8 %."""
DRIFT_TURN = 0.12
"""Radians per frame width of amplitude: 0.02 of drift turns by 0.14 degrees."""
DRIFT_OVERTONE = 0.2
"""Share of the second harmonic in the amplitude: the curve is no plain ellipse."""

HANDHELD_BAND_HZ = (0.3, 3.0)
HANDHELD_VOICES = 10
"""Sinusoids on each axis, one in each slot of the band on a logarithmic scale."""
HANDHELD_AMOUNT = {"slow": 0.008, "normal": 0.012, "fast": 0.02}
"""Bound of the sideways shake in frame widths; the RMS is about a quarter of it."""
HANDHELD_CORNER_HZ = {"slow": 0.5, "normal": 0.8, "fast": 1.4}
"""Frequency above which the shake falls with the square of frequency."""
HANDHELD_HEIGHT_SHARE = 0.8
HANDHELD_TURN = 0.25
"""Radians per frame width of amplitude: 0.012 of shake turns by 0.17 degrees at most."""


@dataclass(frozen=True, slots=True)
class Offset:
    """A displacement of a view: x, y in frame widths, log_scale as a natural logarithm, angle in radians."""

    x: float = 0.0
    y: float = 0.0
    log_scale: float = 0.0
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class Voice:
    """amplitude * sin(rate * clock + phase): rate in radians per unit of the wander's clock."""

    amplitude: float
    rate: float
    phase: float


@dataclass(frozen=True, slots=True)
class Wander:
    """A bounded, smooth motion around zero.

    Attributes:
        x, y, log_scale, angle: the sinusoids of each component, in the units of :class:`Offset`.
        duration: seconds.
        eased: the easing of a clock that runs 0..1 over the duration; None: the clock counts seconds.
    """

    x: tuple[Voice, ...]
    y: tuple[Voice, ...]
    log_scale: tuple[Voice, ...]
    angle: tuple[Voice, ...]
    duration: float
    eased: str | None

    def at(self, seconds: float) -> Offset:
        """The displacement at a time."""
        # A round that is done is a round that has not begun: the last view equals the first to the last bit.
        clock = seconds if self.eased is None else ease(seconds / self.duration, self.eased) % 1.0
        return Offset(*(_sum(voices, clock) for voices in (self.x, self.y, self.log_scale, self.angle)))

    def bound(self) -> Offset:
        """The largest magnitude that each component can have at any time."""
        return Offset(
            *(sum(abs(voice.amplitude) for voice in part) for part in (self.x, self.y, self.log_scale, self.angle))
        )


def _sum(voices: tuple[Voice, ...], clock: float) -> float:
    return sum(voice.amplitude * sin(voice.rate * clock + voice.phase) for voice in voices)


def make_drift(amount: float | None, speed: str | None, duration: float, eased: str, seed: int) -> Wander:
    """A slow wander on a closed curve: it ends exactly where it began, in position, scale and angle.

    Args:
        amount: largest horizontal offset in frame widths; None: from speed and duration.
        speed: a speed word or None.
        duration: seconds.
        eased: the easing of the round; with ``in_out`` it starts and ends at rest, with ``linear`` it loops at speed.
        seed: chooses the curve.
    """
    word = speed or DEFAULT_SPEED
    rounds = max(1, round(duration / DRIFT_PERIOD_S[word]))
    if amount is None:
        amount = DRIFT_RATE[word] * duration / rounds / (2 * pi)
        amount = min(amount, DRIFT_RATE[word] * DRIFT_PERIOD_S[word] / (2 * pi))
    random = Random(f"drift {seed}")
    turn = 2 * pi * rounds * (1 if random.random() < 0.5 else -1)
    phase = 2 * pi * random.random()
    # Near a quarter turn between x and y keeps the curve round: a wander, not a swing along a line.
    lag = pi / 2 + (random.random() - 0.5)

    def curve(size: float, start: float) -> tuple[Voice, ...]:
        overtone = Voice(DRIFT_OVERTONE * size, 2 * turn, 2 * pi * random.random())
        return (Voice((1 - DRIFT_OVERTONE) * size, turn, start), overtone)

    return Wander(
        x=curve(amount, phase),
        y=curve(DRIFT_HEIGHT_SHARE * amount, phase + lag),
        log_scale=curve(DRIFT_BREATH * amount, 2 * pi * random.random()),
        angle=curve(DRIFT_TURN * amount, 2 * pi * random.random()),
        duration=duration,
        eased=eased,
    )


def make_handheld(amount: float | None, speed: str | None, duration: float, seed: int) -> Wander:
    """The shake of a camera held by hand: seeded noise limited to :data:`HANDHELD_BAND_HZ`, in seconds.

    It does not ease in or out: a hand does not come to rest at a cut.

    Args:
        amount: bound of the horizontal offset in frame widths; None: :data:`HANDHELD_AMOUNT`.
        speed: a speed word or None.
        duration: seconds.
        seed: chooses the noise.
    """
    word = speed or DEFAULT_SPEED
    size = HANDHELD_AMOUNT[word] if amount is None else amount
    random = Random(f"handheld {seed}")
    low, high = (log(frequency) for frequency in HANDHELD_BAND_HZ)

    def noise(bound: float) -> tuple[Voice, ...]:
        slots = [(slot + random.random()) / HANDHELD_VOICES for slot in range(HANDHELD_VOICES)]
        hertz = [exp(low + slot * (high - low)) for slot in slots]
        weights = [1 / hypot(1, (frequency / HANDHELD_CORNER_HZ[word]) ** 2) for frequency in hertz]
        return tuple(
            Voice(bound * weight / sum(weights), 2 * pi * frequency, 2 * pi * random.random())
            for frequency, weight in zip(hertz, weights, strict=True)
        )

    return Wander(
        x=noise(size),
        y=noise(HANDHELD_HEIGHT_SHARE * size),
        log_scale=(),
        angle=noise(HANDHELD_TURN * size),
        duration=duration,
        eased=None,
    )
