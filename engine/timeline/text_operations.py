"""The operations on what is written: titles and captions. RemoveSegments takes them away, MoveSegment moves them."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from engine.core.errors import DraftError
from engine.timeline.draft import BURN, CAPTION_MODES
from engine.timeline.target import Target, check_duration, check_id, check_time
from engine.timeline.text_style import TextStyle

MAX_TEXT_LENGTH = 10_000
"""Characters of one text on the screen."""

MAX_CUES = 100_000
"""Captions of one operation."""


@dataclass(frozen=True, slots=True)
class AddText:
    """Write something over the picture: a title, a lower third.

    Attributes:
        text: what is written; line breaks are kept.
        start: seconds on the timeline.
        duration: seconds; None is ``engine.timeline.apply_texts.TEXT_DURATION``, or less where the picture ends before.
        style: None is a title in the default style.
        track: the id of a text track with room there; None takes the highest that has room and no captions, or a new
            one on top.
        id: of the new segment; None takes a free one.
    """

    text: str
    start: Fraction = Fraction(0)
    duration: Fraction | None = None
    style: TextStyle | None = None
    track: str | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        check_text(self.text)
        check_time(self.start)
        check_id(self.id)
        if self.duration is not None:
            check_duration(self.duration)


@dataclass(frozen=True, slots=True)
class SetText:
    """Write something else in the place of a text."""

    segment: str
    text: str

    def __post_init__(self) -> None:
        check_text(self.text)


@dataclass(frozen=True, slots=True)
class SetTextStyle:
    """Say how texts look; None is a title in the default style. A target of None is every text but the captions."""

    style: TextStyle | None = None
    target: Target = None


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption: what is said from ``start`` to ``end``, seconds on the timeline."""

    start: Fraction
    end: Fraction
    text: str

    def __post_init__(self) -> None:
        check_text(self.text)
        check_time(self.start)
        check_time(self.end)
        check_duration(self.end - self.start)


@dataclass(frozen=True, slots=True)
class AddCaptions:
    """Add a track of captions, from a file or one by one.

    Attributes:
        src: a file of captions (SRT, VTT), which is then shown from the start of the timeline to its end; None where
            ``cues`` are given.
        cues: in order of start. One that would overlap the next ends where that one begins.
        mode: one of ``engine.timeline.CAPTION_MODES``.
        style: None is the style of captions.
        language: BCP 47, such as ``en``; empty where it is not known.
        id: of the new track; None takes a free one.
    """

    src: str | None = None
    cues: tuple[Caption, ...] = ()
    mode: str = BURN
    style: TextStyle | None = None
    language: str = ""
    id: str | None = None

    def __post_init__(self) -> None:
        if bool(self.src) == bool(self.cues):
            raise DraftError("Captions come from a file or from a list: give one of the two.")
        if len(self.cues) > MAX_CUES:
            raise DraftError(f"More than {MAX_CUES} captions are too many for one track.")
        starts = [cue.start for cue in self.cues]
        if any(later - earlier < Fraction(1, 1000) for earlier, later in pairwise(starts)):
            raise DraftError("Captions must stand in order of time, each at least a millisecond after the one before.")
        _check_mode(self.mode)
        check_id(self.id)


@dataclass(frozen=True, slots=True)
class SetCaptionMode:
    """Say what becomes of captions: painted into the picture, a subtitle track of the file, or both.

    Attributes:
        mode: one of ``engine.timeline.CAPTION_MODES``.
        track: the id of a text track; None is every track of captions.
    """

    mode: str
    track: str | None = None

    def __post_init__(self) -> None:
        _check_mode(self.mode)


def check_text(text: str) -> None:
    """Refuse a text that cannot be shown.

    Raises:
        DraftError: nothing to see, or too long.
    """
    if not text.strip():
        raise DraftError("There is nothing to write: give a text.")
    if len(text) > MAX_TEXT_LENGTH:
        raise DraftError(f"The text has more than {MAX_TEXT_LENGTH} characters: shorten it.")


def _check_mode(mode: str) -> None:
    if mode not in CAPTION_MODES:
        raise DraftError(f"{mode!r} is nothing to do with captions: use one of {', '.join(CAPTION_MODES)}.")
