"""How a segment plays a medium that has a time of its own: a video file, an animation, a sound."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.core.errors import DraftError

MIN_SPEED, MAX_SPEED = Fraction(1, 4), Fraction(4)
"""Seconds of the medium that pass in one second of the timeline."""

ENDLESS = 0
"""The value of ``Playback.plays`` that repeats for as long as the segment lasts."""

MAX_PLAYS = 100_000


@dataclass(frozen=True, slots=True)
class Playback:
    """Which part of a medium is played, how fast, in which direction, how often.

    The part is [start, end) of the medium. Played once it covers (end - start) / speed seconds of the timeline. Beyond
    the last play the picture stands on its last frame and the sound is silent; before the first (a transition's handle)
    the picture comes from before ``start`` where the medium has that much, else it stands on the first frame.

    Attributes:
        start: seconds of the medium, >= 0 (``in``).
        end: seconds of the medium, > start (``out``); None is the end of the medium.
        speed: :data:`MIN_SPEED` .. :data:`MAX_SPEED` (``sp``); sounds keep their pitch.
        reverse: from ``end`` to ``start`` (``rev``).
        plays: how many times (``loop``); :data:`ENDLESS` repeats for as long as the segment lasts.
        freeze: seconds of the medium (``fz``); the picture stands on that frame and there is no sound. None plays.
    """

    start: Fraction = Fraction(0)
    end: Fraction | None = None
    speed: Fraction = Fraction(1)
    reverse: bool = False
    plays: int = 1
    freeze: Fraction | None = None

    def __post_init__(self) -> None:
        if self.start < 0:
            raise DraftError("A clip's source offset must be zero or more.")
        if self.end is not None and self.end <= self.start:
            raise DraftError("A clip's source range must end after it begins.")
        if not MIN_SPEED <= self.speed <= MAX_SPEED:
            raise DraftError(f"A speed of {float(self.speed):g} is not possible: use 0.25 to 4.")
        if not 0 <= self.plays <= MAX_PLAYS:
            raise DraftError(f"A clip can be played 1 to {MAX_PLAYS} times, or 0 for as long as the segment lasts.")
        if self.freeze is not None and self.freeze < 0:
            raise DraftError("The time of a frozen frame must be zero or more.")


MAX_VOLUME = 2.0
"""Twice the amplitude, +6 dB."""


@dataclass(frozen=True, slots=True)
class Sound:
    """How loud a segment sounds: audio, or the sound of a video clip.

    Attributes:
        volume: amplitude factor 0 .. :data:`MAX_VOLUME` (``vol``).
        fade_in, fade_out: seconds at the segment's ends (``fi``, ``fo``).
        duck: becomes quieter while any segment that is a voice sounds (``duck``).
    """

    volume: float = 1.0
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    duck: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.volume <= MAX_VOLUME:
            raise DraftError(f"A volume of {self.volume:g} is not possible: use 0 (silent) to {MAX_VOLUME:g}.")
        if self.fade_in < 0 or self.fade_out < 0:
            raise DraftError("A fade must last zero or more seconds.")


SOUND_ROLES = ("voice", "music", "effect")
"""What a sound is (``m.role``): music with ``duck`` gives way to voices, and to nothing else."""


def sound_role(sound: Sound, meta: Mapping[str, Any]) -> str:
    """The role of a segment's sound, one of :data:`SOUND_ROLES`.

    What ``m.role`` says; without it, what ducks or has a mood is music, and everything else a voice, a clip's own sound
    included.
    """
    role = meta.get("role")
    if role in SOUND_ROLES:
        return str(role)
    return "music" if sound.duck or "mood" in meta else "voice"
