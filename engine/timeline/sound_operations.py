"""The operations on music. Other sounds are clips of audio tracks: AddClip, SetSound and RemoveSegments do for them.

Music is what ``engine.timeline.sound_role`` calls so, and what stands on an audio track that is named so ("BGM",
"Music").
"""

from dataclasses import dataclass
from fractions import Fraction

from engine.core.errors import DraftError
from engine.timeline.playback import Sound
from engine.timeline.target import check_duration, check_id, check_time

MUSIC_VOLUME = 0.35
"""Music under pictures, as an amplitude factor (-9 dB)."""

MUSIC_FADE_OUT = Fraction(8, 10)
"""Seconds."""

MAX_MOOD_LENGTH = 100
"""Characters."""


@dataclass(frozen=True, slots=True)
class AddMusic:
    """Put music under the picture, on a track of its own.

    Attributes:
        src: a sound file; None where the music library finds one for the mood.
        mood: such as ``calm``; also beside ``src``, as what it is called.
        volume: amplitude factor 0 .. 2.
        fade_in, fade_out: seconds.
        duck: becomes quieter while a voice sounds.
        loop: repeats until the segment ends; else it is silent once the file is over.
        start: seconds on the timeline.
        duration: seconds; None lasts to the end of the picture, and goes on doing so when the picture is edited.
        name: what the track is called after ``BGM:``; None takes the mood, capitalised.
        id: of the new segment; None takes a free one.
    """

    src: str | None = None
    mood: str | None = None
    volume: float = MUSIC_VOLUME
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = MUSIC_FADE_OUT
    duck: bool = True
    loop: bool = True
    start: Fraction = Fraction(0)
    duration: Fraction | None = None
    name: str | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        if not self.src and not self.mood:
            raise DraftError("There is no music to add: name a file or a mood.")
        _check_mood(self.mood)
        Sound(self.volume, self.fade_in, self.fade_out, self.duck)
        check_time(self.start)
        check_id(self.id)
        if self.duration is not None:
            check_duration(self.duration)


@dataclass(frozen=True, slots=True)
class SetMusic:
    """Change the music that is there; None leaves a value as it is.

    Another file or mood takes the place of both, and plays from its beginning.
    """

    src: str | None = None
    mood: str | None = None
    volume: float | None = None
    fade_in: Fraction | None = None
    fade_out: Fraction | None = None
    duck: bool | None = None
    loop: bool | None = None

    def __post_init__(self) -> None:
        values = (self.src, self.mood, self.volume, self.fade_in, self.fade_out, self.duck, self.loop)
        if all(value is None for value in values):
            raise DraftError("There is nothing to change in the music: give at least one value.")
        if self.src == "":
            raise DraftError("There is no music to play instead: name a file or a mood.")
        _check_mood(self.mood)
        default = Sound()
        Sound(
            default.volume if self.volume is None else self.volume,
            default.fade_in if self.fade_in is None else self.fade_in,
            default.fade_out if self.fade_out is None else self.fade_out,
        )


@dataclass(frozen=True, slots=True)
class RemoveMusic:
    """Take all music away; the clips' own sound and voices stay."""


def _check_mood(mood: str | None) -> None:
    if mood is not None and not 0 < len(mood.strip()) <= len(mood) <= MAX_MOOD_LENGTH:
        raise DraftError(f"A mood must be a word or two, of at most {MAX_MOOD_LENGTH} characters.")
