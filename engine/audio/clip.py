"""A sound on the timeline, and what the mix of all of them turned out to be."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from engine.core.errors import DraftError
from engine.timeline.playback import SOUND_ROLES, Playback, Sound


@dataclass(frozen=True, slots=True)
class SoundClip:
    """One sound: an audio segment, or the sound of a video clip.

    Attributes:
        path: a sound file, or a video file with sound.
        start, duration: seconds on the timeline.
        playback: which part is played, how fast, in which direction, how often. A loop of role ``music`` gets a musical
            seam and may be a little shorter than its plays; any other repeats exactly, in step with its picture.
        sound: volume, fades, ducking.
        role: ``voice``, ``music`` or ``effect`` (see ``engine.timeline.playback.sound_role``).
        crossfade_in, crossfade_out: seconds that it shares with the sound before and after it. Both abut; the crossfade
            is centred on the cut and takes its material from beyond the clips' ends, where their media have it.
        in_step: the sound of a picture: the part that is played is [start, end) on the picture's clock, silent where
            the sound ends before it. Else it ends where the sound does.
    """

    path: Path
    start: Fraction
    duration: Fraction
    playback: Playback = field(default_factory=Playback)
    sound: Sound = field(default_factory=Sound)
    role: str = "voice"
    crossfade_in: Fraction = Fraction(0)
    crossfade_out: Fraction = Fraction(0)
    in_step: bool = False

    def __post_init__(self) -> None:
        if self.start < 0 or self.duration <= 0:
            raise DraftError("A sound must start at zero or later and last longer than zero seconds.")
        if self.crossfade_in < 0 or self.crossfade_out < 0:
            raise DraftError("A crossfade must last zero or more seconds.")
        if self.role not in SOUND_ROLES:
            raise DraftError(f"{self.role!r} is not a role of a sound: use one of {', '.join(SOUND_ROLES)}.")

    @property
    def end(self) -> Fraction:
        """Seconds on the timeline where the segment ends."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file says about its sound.

    Attributes:
        duration: seconds; 0 where the file does not say.
        rate: samples per second, as stored.
        layout: libavutil's name of the channel layout: ``mono``, ``stereo``, ``5.1(side)``, ...
        channels: how many.
        codec: libavcodec's name: ``aac``, ``mp3``, ``opus``, ...
    """

    duration: Fraction
    rate: int
    layout: str
    channels: int
    codec: str


@dataclass(frozen=True, slots=True)
class MixReport:
    """What the mix turned out to be; loudness and peaks are those of the decoded AAC.

    Attributes:
        loudness_before: LUFS of the mix before its gain (ITU-R BS.1770-5, integrated); None when it is silent.
        loudness: LUFS of what was written; None when it is silent.
        true_peak: dBTP of what was written; None when it is silent.
        gain: dB that the mix was raised (or lowered, negative) by.
        limited: whether the limiter had to act.
        limiting: dB, the most that the limiter lowered a peak by.
        silent: no part of it can be heard; it was left alone.
        notes: sentences for the user: what could not be reached, which file was damaged.
    """

    loudness_before: float | None
    loudness: float | None
    true_peak: float | None
    gain: float
    limited: bool
    limiting: float
    silent: bool
    notes: tuple[str, ...] = ()
