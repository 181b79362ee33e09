"""The edit operations, as data: what may be done to a draft.

``engine.timeline.apply`` carries them out, ``engine.timeline.operation_json`` writes and reads them. A ``target`` names
segments by id; None means every segment of the video tracks.
"""

from dataclasses import dataclass
from fractions import Fraction

from engine.core.errors import DraftError
from engine.core.time import FRAME_RATES
from engine.motion import Motion
from engine.timeline.canvas import Canvas
from engine.timeline.draft import MAX_DURATION, Fit, Transition

Target = tuple[str, ...] | None
"""Ids of segments, or None for all on the video tracks."""

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
            _check_duration(self.duration)


@dataclass(frozen=True, slots=True)
class SetMotion:
    """Give segments a camera motion; None holds them still."""

    motion: Motion | None
    target: Target = None


@dataclass(frozen=True, slots=True)
class SetDuration:
    """Make the whole draft last ``duration`` seconds.

    The clips of the video tracks keep their proportions; cuts fall on frame boundaries; every clip keeps at least one
    frame. The other tracks stay as they are.
    """

    duration: Fraction

    def __post_init__(self) -> None:
        _check_duration(self.duration)


@dataclass(frozen=True, slots=True)
class SetSegmentDuration:
    """Make each targeted segment last ``duration`` seconds; what follows on its track moves along."""

    duration: Fraction
    target: Target = None

    def __post_init__(self) -> None:
        _check_duration(self.duration)


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

    transition: Transition | None
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
)


def _check_duration(duration: Fraction) -> None:
    if not Fraction(1, 1000) <= duration <= MAX_DURATION:
        raise DraftError(
            f"A duration of {float(duration):g} s is not possible: it must be more than 0 and at most a day."
        )
