"""The operations on tracks, and the one that takes other operations back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.core.errors import DraftError
from engine.timeline.canvas import Canvas
from engine.timeline.draft import AUDIO, BURN, CAPTION_MODES, TEXT, VIDEO, Extra, Segment
from engine.timeline.target import MAX_NAME_LENGTH, check_id


@dataclass(frozen=True, slots=True)
class AddTrack:
    """Add an empty track.

    Attributes:
        kind: VIDEO, AUDIO or TEXT.
        name: what it is called; empty leaves it without a name.
        index: how many tracks lie below it; None is on top.
        id: None takes a free one.
    """

    kind: int = VIDEO
    name: str = ""
    index: int | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in (VIDEO, AUDIO, TEXT):
            raise DraftError(
                f"A track of type {self.kind} is not possible: use {VIDEO} video, {AUDIO} audio, {TEXT} text."
            )
        if len(self.name) > MAX_NAME_LENGTH:
            raise DraftError(f"A track's name can have at most {MAX_NAME_LENGTH} characters: shorten it.")
        _check_index(self.index)
        check_id(self.id)


@dataclass(frozen=True, slots=True)
class RemoveTrack:
    """Take a track and all that is on it away."""

    track: str


@dataclass(frozen=True, slots=True)
class MoveTrack:
    """Put a track above or below others; ``index`` is how many tracks then lie below it, at most all others."""

    track: str
    index: int

    def __post_init__(self) -> None:
        _check_index(self.index)


@dataclass(frozen=True, slots=True)
class RestoredTrack:
    """A track as it was: its own values, and its segments.

    Attributes:
        segments: those that are still in the draft as they were by their id, the others whole.
    """

    id: str
    kind: int = VIDEO
    segments: tuple[str | Segment, ...] = ()
    captions: str = BURN
    meta: Extra = field(default_factory=dict)
    extra: Extra = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.captions not in CAPTION_MODES:
            raise DraftError(
                f"{self.captions!r} is nothing to do with captions: use one of {', '.join(CAPTION_MODES)}."
            )


@dataclass(frozen=True, slots=True)
class Restore:
    """Give parts of the draft the values that they had; None leaves a part. What undoing is made of.

    Attributes:
        tracks: all tracks in order; those that are still as they were by their id, the others as they were.
    """

    canvas: Canvas | None = None
    frame_rate: Fraction | None = None
    duration: Fraction | None = None
    tracks: tuple[str | RestoredTrack, ...] | None = None
    meta: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] | None = None


def _check_index(index: int | None) -> None:
    if index is not None and index < 0:
        raise DraftError("A track's place must be zero or more: it counts the tracks below.")
