"""How far a camera travels in front of a scene: moves through space turned into two stands, a sway and a pivot."""

from dataclasses import dataclass, replace
from math import pi

from engine.motion.vocabulary import Motion
from engine.motion.wander import DRIFT_BREATH, DRIFT_HEIGHT_SHARE, Wander, make_drift

TRAVEL_RATES = {"slow": 0.06, "normal": 0.1, "fast": 0.18}
"""Share of the allowed way per second, for each speed word."""

TRAVEL_LEAST, TRAVEL_MOST = 0.3, 1.0
"""Share of the allowed way, however short or long the clip is."""

SIDEWAYS_SHARE = 0.6
"""Of a scene's reach that the camera may stand away from the photo's viewpoint sideways; upright is DRIFT_HEIGHT_SHARE
of it. What a travel into the scene needs grows from 0 in the middle of the photo to all at its edges, so it may go
further."""

FLATTEST = 0.5
"""Height over width of a photo below which upright travel, which counts in widths, shrinks with the height: a panorama
has no room for more."""

FORWARD_SHARE = 1.6
"""Of a scene's reach that z may be: a point of disparity 1 at the photo's edge then moves by 0.8 of the reach."""

SIDEWAYS_SPAN = 0.75
"""Of the room from one side to the other that an amount of 1 travels: the rest lets the way be placed where it exposes
least."""

SWAY_SHARE = 0.7
"""Of SIDEWAYS_SHARE that a sway of amount 1 reaches: it is subtle."""

SWAY_FORWARD = 0.35
"""Amplitude of a sway's breathing along z over its sideways amplitude."""

WAY_SAMPLES = 16
"""Places on the way that are looked at together with a sway."""

AXES = {
    "truck_left": (0, -1), "truck_right": (0, 1), "orbit_left": (0, -1), "orbit_right": (0, 1),
    "pedestal_up": (1, -1), "pedestal_down": (1, 1), "dolly_in": (2, 1), "dolly_out": (2, -1), "dolly_zoom": (2, 1),
}  # fmt: skip
"""Axis (x, y, z) and sign of each move that goes one way."""

COMPANIONS = {
    "zoom_in": "dolly_in", "zoom_out": "dolly_out", "pan_left": "truck_left", "pan_right": "truck_right",
    "pan_up": "pedestal_up", "pan_down": "pedestal_down", "drift": "sway",
}  # fmt: skip
"""What a move of a flat camera does as well where the scene has depth."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Where along each axis a camera uncovers more: what the search for the path that exposes least needs to know.

    Attributes:
        x, y, z: what travel to the right, down and forward uncovers, as a share of what it and its opposite do, 0..1.
    """

    x: float = 0.5
    y: float = 0.5
    z: float = 0.5


EVEN = Balance()
"""Of a scene that uncovers as much either way."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Where the camera stands; see :class:`engine.core.camera.Camera` for the units.

    Attributes:
        start, end: x, y, z.
        sway: a closed way around them, in shares of ``sway_reach``; None without.
        sway_reach: of x, y and z, in their units.
        holds_subject: the lens follows sideways travel so that the subject stays (orbit, sway); else the farthest does.
        zooms_back: the lens keeps the subject's size while z changes (dolly zoom).
    """

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    sway: Wander | None
    sway_reach: tuple[float, float, float]
    holds_subject: bool
    zooms_back: bool


def in_space(motion: Motion) -> Motion:
    """The motion with the companions in space of its flat moves; see COMPANIONS.

    What was asked for in space comes first: no companion travels along an axis that a move has for itself.
    """
    present = list(motion.moves)
    amounts = [motion.amount_of(name) for name in present]
    taken = {AXES[name][0] for name in present if name in AXES}
    for name in motion.moves:
        other = COMPANIONS.get(name)
        if other is not None and other not in present and (other not in AXES or AXES[other][0] not in taken):
            present.append(other)
            amounts.append(None)
    given = tuple(amounts) if any(amount is not None for amount in amounts) else None
    return replace(motion, moves=tuple(present), amount=given)


def plan_travel(
    motion: Motion, reach: float, seconds: float, seed: int, balance: Balance, shape: float = 1.0
) -> Travel:
    """Turn a motion's moves through space into a way that exposes as little as can be.

    What a travel uncovers grows with the distance from the photo's own viewpoint, on either side at its own rate; the
    place of a way of given length that keeps the larger of its two ends' exposures least follows in closed form.

    Args:
        motion: only moves with a place in AXES, and ``sway``, are heeded.
        reach: of the scene, in photo widths.
        seconds: of the clip.
        seed: of a sway.
        balance: of the scene.
        shape: height over width of the photo.
    """
    word = motion.speed or "normal"
    usual = min(max(TRAVEL_RATES[word] * seconds, TRAVEL_LEAST), TRAVEL_MOST)
    low = min(1.0, shape / FLATTEST)
    most = (SIDEWAYS_SHARE * reach, SIDEWAYS_SHARE * DRIFT_HEIGHT_SHARE * reach * low, FORWARD_SHARE * reach)
    moves = [name for name in motion.moves if name in AXES]
    # Several ways at once share the reach, as the diagonal of a box does.
    crowd = max(1.0, len({AXES[name][0] for name in moves}) ** 0.5)
    start, end = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for name in moves:
        axis, sign = AXES[name]
        given = motion.amount_of(name)
        share = usual if given is None else given
        room = most[axis] / crowd
        length = share * (room if axis == 2 else 2 * room * SIDEWAYS_SPAN)
        forward = (balance.x, balance.y, balance.z)[axis]
        first = min(max(-length * forward, -room), room - length)
        ends = (first, first + length)
        start[axis], end[axis] = ends if sign > 0 else (ends[1], ends[0])
    sway, sway_reach = None, (0.0, 0.0, 0.0)
    if motion.has("sway"):
        given = motion.amount_of("sway")
        # A sway has no end to come to: how far it goes does not grow with the clip.
        share = {"slow": 0.7, "normal": 1.0, "fast": 1.0}[word] if given is None else given
        sway = make_drift(1.0, motion.speed, seconds, motion.ease, seed)
        size = share * SWAY_SHARE * most[0] / crowd
        sway_reach = (size, size * low, size * SWAY_FORWARD)
    holds = any(name.startswith("orbit") for name in moves) or sway is not None
    return Travel(
        (start[0], start[1], start[2]), (end[0], end[1], end[2]), sway, sway_reach, holds, "dolly_zoom" in moves
    )


def stands(travel: Travel, samples: int) -> list[tuple[float, float, float]]:
    """Where the camera can stand at some time or other: all places on the way with all of one round of the sway.

    Args:
        travel: the way.
        samples: places on the way; on the round, if there is no way.
    """
    grid = [index / samples for index in range(samples + 1)]
    if travel.sway is None:
        return [_along(travel, done, (0.0, 0.0, 0.0)) for done in grid]
    # A clip holds any number of rounds, which all are alike: only the first is looked at, at an even pace.
    rounds = abs(travel.sway.x[0].rate) / (2 * pi)
    even = replace(travel, sway=replace(travel.sway, eased="linear"))
    way = [0.0] if travel.start == travel.end else grid[:: max(1, samples // WAY_SAMPLES)]
    offsets = [sway_at(even, travel.sway.duration * share / rounds) for share in grid]
    return [_along(travel, done, offset) for done in way for offset in offsets]


def stand_at(travel: Travel, done: float, seconds: float) -> tuple[float, float, float]:
    """x, y, z when some of the way is done, 0..1, some time after the clip began."""
    return _along(travel, done, sway_at(travel, seconds))


def _along(travel: Travel, done: float, sway: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (a + (b - a) * done + s for a, b, s in zip(travel.start, travel.end, sway, strict=True))
    return x, y, z


def sway_at(travel: Travel, seconds: float) -> tuple[float, float, float]:
    """x, y, z of the sway alone."""
    if travel.sway is None:
        return (0.0, 0.0, 0.0)
    offset = travel.sway.at(seconds)
    across, upright, forward = travel.sway_reach
    return (across * offset.x, upright * offset.y, forward * offset.log_scale / DRIFT_BREATH)
