"""From the pictures of a generated clip to any length: which of them is on screen when.

A *place* is a position among the pictures, 0 for the first; between two it is interpolated. All ways start with the
photo's picture, but ``loop``, whose end goes over into its beginning.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

SLOWEST = Fraction(4, 7)
"""Of the speed that the model meant: slower than that, motion looks like slow motion."""

MOST_CLIPS = 4
"""Generations in a chain: each begins with the last picture of the one before, and what drifts adds up."""

TURN = 0.3
"""Seconds before and after a turn of ``ping_pong`` in which the speed changes over: a sudden turn looks like a blow."""

BLEND = 0.8
"""Seconds over which the end of a ``loop`` goes over into its beginning; at most a third of the clip."""

Places = tuple[tuple[float, float], ...]
"""Places and their weights, which add up to 1."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is on screen when.

    Attributes:
        way: ``plain``, ``slow``, ``ping_pong``, ``loop`` or ``chain``.
        clips: generations, each of which begins with the last picture of the one before.
        last: place of the last picture of all of them.
        pace: pictures a second.
        turns: whether it goes back where the pictures end.
    """

    way: str
    clips: int
    last: int
    pace: float
    turns: bool = False

    @property
    def seconds(self) -> float:
        """From the first picture to the last."""
        return self.last / self.pace

    def at(self, time: float) -> Places:
        """What is on screen, seconds after the segment's start; before it the first picture stands."""
        time = max(time, 0.0)
        if self.way == "loop":
            return self._looped(time)
        if self.turns:
            return ((self._turned(time), 1.0),)
        return ((min(time * self.pace, float(self.last)), 1.0),)

    def _turned(self, time: float) -> float:
        whole = self.seconds
        half = floor(time / whole)
        since = time - half * whole
        to_turn = min(since, whole - since)
        ease = min(TURN, whole / 2)
        nearest = half if since <= whole / 2 else half + 1
        if to_turn < ease and nearest > 0:  # no turn where it begins
            # A parabola that meets the straight way with its speed: the speed changes over evenly.
            to_turn = (to_turn * to_turn + ease * ease) / (2 * ease)
        from_start = to_turn if nearest % 2 == 0 else whole - to_turn
        return min(max(from_start * self.pace, 0.0), float(self.last))

    def _looped(self, time: float) -> Places:
        blend = min(BLEND, self.seconds / 3)
        period = self.seconds - blend
        phase = (time + blend) % period
        if phase >= blend:
            return ((phase * self.pace, 1.0),)
        share = phase / blend
        share = share * share * (3 - 2 * share)
        return ((min((period + phase) * self.pace, float(self.last)), 1 - share), (phase * self.pace, share))


def plan_course(duration: Fraction, frames: int, fps: int, way: str) -> Course:
    """How a clip's pictures fill a length.

    Args:
        duration: seconds to fill.
        frames: pictures of one generation, at least 2.
        fps: pictures a second that they stand for.
        way: ``plain``, ``slow``, ``ping_pong``, ``loop`` or ``chain``; ``plain`` and ``slow`` end standing where
            the length is beyond them.
    """
    last = frames - 1
    clip = Fraction(last, fps)
    if way == "chain":
        clips = min(MOST_CLIPS, max(1, ceil(duration * SLOWEST / clip)))
        last = clips * last
        pace = max(min(Fraction(last) / duration, Fraction(fps)), fps * SLOWEST)
        return Course("chain", clips, last, float(pace), turns=last / pace < duration)
    if way == "slow":
        pace = max(min(Fraction(last) / duration, Fraction(fps)), fps * SLOWEST)
        return Course("slow", 1, last, float(pace))
    if way == "loop":
        return Course("loop", 1, last, _fitting_pace(duration, last, fps))
    return Course(way, 1, last, float(fps), turns=way == "ping_pong")


def _fitting_pace(duration: Fraction, last: int, fps: int) -> float:
    """A pace near the model's at which whole periods of a loop fill the length: then the video itself loops."""
    seconds = last / fps
    period = seconds - min(BLEND, seconds / 3)
    rounds = max(1, round(float(duration) / period))
    wanted = float(duration) / rounds
    # period(pace) = last / pace - min(BLEND, last / pace / 3): solved for the pace.
    whole = wanted + BLEND if wanted >= 2 * BLEND else wanted * 1.5
    pace = last / whole
    return pace if fps * float(SLOWEST) <= pace <= fps * 1.25 else float(fps)
