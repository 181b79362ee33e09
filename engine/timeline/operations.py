"""The edit operations, as data: what may be done to a draft.

``engine.timeline.apply`` carries them out, ``engine.timeline.operation_json`` writes and reads them,
``engine.timeline.history`` takes them back. A ``target`` names segments by id; None means every segment of the video
tracks. Here are those on the whole draft and on photos; the others are in the modules that :data:`Operation` names.
"""

from dataclasses import dataclass
from fractions import Fraction

from engine.core.errors import DraftError
from engine.core.time import FRAME_RATES
from engine.motion import Motion
from engine.timeline.canvas import Canvas
from engine.timeline.clip_operations import (
    AddClip,
    AddSegment,
    MoveSegment,
    RemoveSegments,
    ReorderSegments,
    ReplaceSource,
    SplitSegment,
    TrimSegment,
)
from engine.timeline.draft import Fit, Transition
from engine.timeline.layer_operations import (
    AddEffect,
    RemoveEffect,
    SetEffects,
    SetKeyframes,
    SetPlacement,
    SetPlayback,
    SetSound,
    SetSpeed,
)
from engine.timeline.sound_operations import AddMusic, RemoveMusic, SetMusic
from engine.timeline.target import Target, check_duration
from engine.timeline.text_operations import AddCaptions, AddText, SetCaptionMode, SetText, SetTextStyle
from engine.timeline.track_operations import AddTrack, MoveTrack, RemoveTrack, Restore

MAX_TITLE_LENGTH = 1000
"""Characters of a title in the metadata."""


@dataclass(frozen=True, slots=True)
class AddPhotos:
    """Append photos to the first video track; each dissolves into the next.

    The first photo of an empty draft gets 10 s when it is alone, else every photo gets 4 s, unless ``duration`` says
    otherwise.

    Attributes:
        sources: files or addresses, at least one.
        duration: seconds of each; None leaves it to the defaults.
    """

    sources: tuple[str, ...]
    duration: Fraction | None = None

    def __post_init__(self) -> None:
        if not self.sources or not all(self.sources):
            raise DraftError("There is no photo to add: name at least one file.")
        if self.duration is not None:
            check_duration(self.duration)


@dataclass(frozen=True, slots=True)
class SetMotion:
    """Give segments a camera motion; None holds them still."""

    motion: Motion | None = None
    target: Target = None


@dataclass(frozen=True, slots=True)
class SetDuration:
    """Make the whole draft last ``duration`` seconds.

    The clips of the video tracks keep their proportions and fill what they filled of the picture before; cuts fall on
    frame boundaries; every clip keeps at least one frame; keyframes keep their share of the clip. Music and caption
    files that ran to the end of the picture run to its new end. Everything else on audio and text tracks keeps its
    time: what would go on after the end is cut there, and what would begin there is removed, with its track when that
    is left empty.
    """

    duration: Fraction

    def __post_init__(self) -> None:
        check_duration(self.duration)


@dataclass(frozen=True, slots=True)
class SetSegmentDuration:
    """Make each targeted segment last ``duration`` seconds; what follows on its track moves along.

    Keyframes keep their share of the segment.
    """

    duration: Fraction
    target: Target = None

    def __post_init__(self) -> None:
        check_duration(self.duration)


@dataclass(frozen=True, slots=True)
class SetCanvas:
    """Change the size of the video."""

    canvas: Canvas


@dataclass(frozen=True, slots=True)
class SetFrameRate:
    """Change the frame rate to one of ``engine.core.time.FRAME_RATES``."""

    rate: Fraction

    def __post_init__(self) -> None:
        if self.rate not in FRAME_RATES.values():
            raise DraftError(
                f"{float(self.rate):g} frames per second is not supported: use one of {', '.join(FRAME_RATES)}."
            )


@dataclass(frozen=True, slots=True)
class SetFit:
    """Change how segments fill the canvas."""

    fit: Fit
    target: Target = None


@dataclass(frozen=True, slots=True)
class SetTransition:
    """Set the transition from each targeted segment to the next one of its track; None is a cut."""

    transition: Transition | None = None
    target: Target = None


@dataclass(frozen=True, slots=True)
class SetTitle:
    """Set the video's title in the metadata; it is not shown in the picture."""

    title: str

    def __post_init__(self) -> None:
        if len(self.title) > MAX_TITLE_LENGTH:
            raise DraftError(f"The title has more than {MAX_TITLE_LENGTH} characters: shorten it.")


Operation = (
    AddPhotos
    | SetMotion
    | SetDuration
    | SetSegmentDuration
    | SetCanvas
    | SetFrameRate
    | SetFit
    | SetTransition
    | SetTitle
    | AddClip
    | AddSegment
    | RemoveSegments
    | ReplaceSource
    | MoveSegment
    | TrimSegment
    | SplitSegment
    | ReorderSegments
    | SetPlacement
    | SetKeyframes
    | SetPlayback
    | SetSpeed
    | SetSound
    | SetEffects
    | AddEffect
    | RemoveEffect
    | AddText
    | SetText
    | SetTextStyle
    | AddCaptions
    | SetCaptionMode
    | AddMusic
    | SetMusic
    | RemoveMusic
    | AddTrack
    | RemoveTrack
    | MoveTrack
    | Restore
)
