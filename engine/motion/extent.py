"""How far a motion goes: amounts, speeds and shapes turned into two scales, ways and a turn.

Nothing here depends on the subject, so the same numbers say, before the photo is decoded, how much of it can be needed.
"""

from dataclasses import dataclass
from math import degrees, log, radians

from engine.motion.envelope import Envelope, envelope
from engine.motion.rates import (
    ACROSS_RATES,
    PAN_RATES,
    ROTATE_RATES,
    TRAVEL_LEAST_S,
    ZOOM_RATES,
    Rates,
    zoom_factor,
)
from engine.motion.vocabulary import MOVES, Motion
from engine.motion.wander import Wander, make_drift, make_handheld

ZOOM_MAX = 20.0
"""Largest zoom factor: closer, a photo of 250 megapixels is a blur."""

ROTATE_MAX_DEGREES = 45.0
"""Largest angle of a view: a sampler of two one-dimensional passes loses resolution beyond it."""

PAN_ROOM_LEAST = 0.2
"""Frame lengths of free room that a pan with an amount has at least; where the photo has less, the camera comes closer
first. A pan without an amount makes as much room as it uses, up to this."""

CROP_KEEPS_LEAST = 0.3
"""Share of the photo that a crop to the frame's shape must keep; below it the camera pans across instead. A 16:9 photo
in a 9:16 frame keeps 0.316 and is cropped; a 2:1 panorama keeps 0.28 and is panned."""

PANS = {"pan_left": (0, -1), "pan_right": (0, 1), "pan_up": (1, -1), "pan_down": (1, 1)}
"""Axis (0 is x, 1 is y) and sign of each pan."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of a motion on a photo in a frame.

    Attributes:
        box: the camera's envelope.
        wide, close: scales in photo pixels per frame pixel, wide >= close; which comes first is the move's matter.
        ways: for x and y, how far a pan goes in photo pixels (>= 0), or None where that axis is not panned.
        turn: radians, signed.
        travel: seconds.
        across: the axis that the camera pans across because the crop would keep too little, or None.
        wanders: drift and handheld.
        notes: sentences for the user.
    """

    box: Envelope
    wide: float
    close: float
    ways: tuple[float | None, float | None]
    turn: float
    travel: float
    across: int | None
    wanders: tuple[Wander, ...]
    notes: tuple[str, ...]


def kept_share(photo_size: tuple[int, int], frame_size: tuple[int, int]) -> float:
    """The share of the photo's area, 0..1, inside the largest crop of the frame's shape."""
    ratio = (photo_size[0] * frame_size[1]) / (photo_size[1] * frame_size[0])
    return min(ratio, 1 / ratio)


def measure(
    motion: Motion, photo_size: tuple[int, int], frame_size: tuple[int, int], seconds: float, seed: int, fit: str
) -> Extent:
    """Turn a motion's words and numbers into the size of its path; see :class:`Extent`."""
    notes: list[str] = []
    wanders = _wanders(motion, seconds, seed)
    turn = _turn(motion, seconds, wanders, notes)
    box = envelope(frame_size, abs(turn), wanders)
    zoom = _zoom(motion, seconds, notes)
    across = _across(motion, photo_size, frame_size, fit, notes)
    halves = (box.half_width, box.half_height)
    wide = box.widest(photo_size)
    pans: dict[int, str | None] = {PANS[move][0]: move for move in motion.moves if move in PANS}
    if across is not None:
        pans.setdefault(across, None)
    # One frame length along a pan is the mean of the frame's lengths at its two ends.
    mean = 1 + 1 / zoom
    lengths: dict[int, float] = {}
    for axis, move in pans.items():
        amount = None if move is None else motion.amount_of(move)
        rates = ACROSS_RATES if axis == across else PAN_RATES
        if amount is None:
            lengths[axis] = rates.over(motion.speed, seconds)
            needed = min(lengths[axis], PAN_ROOM_LEAST)
        else:
            needed = PAN_ROOM_LEAST
        roomy = photo_size[axis] / (halves[axis] * mean * (1 + needed))
        wide = min(wide, roomy)
    if wide < box.widest(photo_size) * (1 - 1e-9):
        notes.append(
            f"The photo has little room to pan in this frame, so the camera starts {box.widest(photo_size) / wide:.2f} "
            "times closer."
        )
    close = wide / zoom
    ways: list[float | None] = [None, None]
    for axis, move in pans.items():
        free = max(0.0, photo_size[axis] - halves[axis] * (wide + close))
        amount = None if move is None else motion.amount_of(move)
        ways[axis] = amount * free if amount is not None else min(free, lengths[axis] * halves[axis] * (wide + close))
    return Extent(
        box,
        wide,
        close,
        (ways[0], ways[1]),
        turn,
        _travel(motion, seconds, zoom, turn, ways, halves, wide + close),
        across,
        wanders,
        tuple(notes),
    )


def _wanders(motion: Motion, seconds: float, seed: int) -> tuple[Wander, ...]:
    wanders: list[Wander] = []
    if motion.has("drift"):
        wanders.append(make_drift(motion.amount_of("drift"), motion.speed, seconds, motion.ease, seed))
    if motion.has("handheld"):
        wanders.append(make_handheld(motion.amount_of("handheld"), motion.speed, seconds, seed))
    return tuple(wanders)


def _turn(motion: Motion, seconds: float, wanders: tuple[Wander, ...], notes: list[str]) -> float:
    move = next((name for name in ("rotate_cw", "rotate_ccw") if motion.has(name)), None)
    if move is None:
        return 0.0
    amount = motion.amount_of(move)
    asked = ROTATE_RATES.over(motion.speed, seconds) if amount is None else amount
    if asked > ROTATE_MAX_DEGREES:
        notes.append(f"The camera turns by {ROTATE_MAX_DEGREES:g} degrees at most, not by {asked:g}.")
    # What the wander adds comes off, so that no view goes beyond the limit.
    limit = radians(ROTATE_MAX_DEGREES) - sum(wander.bound().angle for wander in wanders)
    angle = min(radians(asked), limit)
    return angle if move == "rotate_cw" else -angle


def _zoom(motion: Motion, seconds: float, notes: list[str]) -> float:
    if not (motion.has("zoom_in") or motion.has("zoom_out")):
        return 1.0
    factor = motion.factor()
    if factor is None:
        return zoom_factor(motion.speed, seconds)
    if factor > ZOOM_MAX:
        notes.append(f"The camera zooms by {ZOOM_MAX:g} times at most, not by {factor:g}.")
    return min(factor, ZOOM_MAX)


def _across(
    motion: Motion, photo_size: tuple[int, int], frame_size: tuple[int, int], fit: str, notes: list[str]
) -> int | None:
    kept = kept_share(photo_size, frame_size)
    if kept >= CROP_KEEPS_LEAST:
        return None
    axis = 0 if photo_size[0] * frame_size[1] > photo_size[1] * frame_size[0] else 1
    lost = f"only {100 * kept:.0f} % of the photo fits into this frame at once"
    if fit == "crop":
        return None
    if motion.has("hold"):
        notes.append(f"The camera keeps to one part of the photo, and {lost}: use fit blur or color to show all of it.")
        return None
    notes.append(f"The camera pans across, because {lost}.")
    return axis


def _travel(
    motion: Motion,
    seconds: float,
    zoom: float,
    turn: float,
    ways: list[float | None],
    halves: tuple[float, float],
    scales: float,
) -> float:
    """Seconds of travel: the whole clip, or less for a ``fast`` move with an amount for every part of the way.

    A slow move never stops early: who asks for a little, slowly, wants the clip to be about that.
    """
    if motion.speed != "fast":
        return seconds
    needs: list[tuple[Rates, str | None, float]] = []
    for move in motion.moves:
        if MOVES[move].unit == "zoom":
            needs.append((ZOOM_RATES, move, log(zoom)))
        elif MOVES[move].unit == "rotate":
            needs.append((ROTATE_RATES, move, degrees(abs(turn))))
    for axis, way in enumerate(ways):
        if way is not None:
            asked = next((name for name in motion.moves if name in PANS and PANS[name][0] == axis), None)
            needs.append((PAN_RATES, asked, way / (halves[axis] * scales)))
    # A move without an amount got one that fills the clip.
    times = [
        seconds if move is None or motion.amount_of(move) is None else rates.seconds_for(value, motion.speed)
        for rates, move, value in needs
    ]
    return min(seconds, max([TRAVEL_LEAST_S, *times])) if times else seconds
