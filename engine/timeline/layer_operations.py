"""The operations that change how segments look, play and sound. They leave every time as it is, but for SetSpeed."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from engine.core.errors import DraftError, quoted
from engine.timeline.effects import EFFECTS, Effect
from engine.timeline.placement import Keyframe, Placement
from engine.timeline.playback import MAX_SPEED, MIN_SPEED, Playback, Sound
from engine.timeline.target import Target


@dataclass(frozen=True, slots=True)
class SetPlacement:
    """Say where the layers stand on the canvas."""

    placement: Placement
    target: Target = None


@dataclass(frozen=True, slots=True)
class SetKeyframes:
    """Give segments keyframes, in order of time, in place of those that they have; none takes them away."""

    keyframes: tuple[Keyframe, ...]
    target: Target = None

    def __post_init__(self) -> None:
        if any(later.at < earlier.at for earlier, later in pairwise(self.keyframes)):
            raise DraftError("Keyframes must stand in order of time.")


@dataclass(frozen=True, slots=True)
class SetPlayback:
    """Say which part of the media is played, and how; on video and audio tracks, None is all on video tracks."""

    playback: Playback
    target: Target = None


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Play clips faster or slower: the same part of the medium is shown, so the duration changes.

    Keyframes stay with the picture. What follows on the track closes up or makes room.

    Attributes:
        speed: seconds of the medium in one second of the timeline, 1/4 to 4.
        target: segments of video and audio tracks; None is all on video tracks.
        ripple: whether what follows moves; None is: only on the main track (see ``engine.timeline.clip_operations``).
    """

    speed: Fraction
    target: Target = None
    ripple: bool | None = None

    def __post_init__(self) -> None:
        if not MIN_SPEED <= self.speed <= MAX_SPEED:
            raise DraftError(f"A speed of {float(self.speed):g} is not possible: use 0.25 to 4.")


@dataclass(frozen=True, slots=True)
class SetSound:
    """Say how loud segments are; on video and audio tracks, None is all on audio tracks."""

    sound: Sound
    target: Target = None


@dataclass(frozen=True, slots=True)
class SetEffects:
    """Give segments a list of looks and overlays in place of those that they have."""

    effects: tuple[Effect, ...]
    target: Target = None


@dataclass(frozen=True, slots=True)
class AddEffect:
    """Put a look or an overlay on top; where the segment already has one of that name, it takes its place."""

    effect: Effect
    target: Target = None


@dataclass(frozen=True, slots=True)
class RemoveEffect:
    """Take the looks and overlays of a name away; None takes all."""

    name: str | None = None
    target: Target = None

    def __post_init__(self) -> None:
        if self.name is not None and self.name not in EFFECTS:
            raise DraftError(f"The effect {quoted(self.name)} is not available: use one of {', '.join(EFFECTS)}.")
