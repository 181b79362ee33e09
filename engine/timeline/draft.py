"""The draft: tracks of segments on one timeline.

Times are fractions of seconds on a grid of one millisecond, which is the resolution of the draft's JSON: a draft and
what is read back from its JSON are equal, and render the same frames. Every level keeps the JSON keys that this version
does not know in ``extra``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.core.errors import DraftError
from engine.core.time import DEFAULT_FRAME_RATE, milliseconds
from engine.motion import Motion
from engine.timeline.canvas import DEFAULT_CANVAS, Canvas

Extra = Mapping[str, Any]
"""JSON members, unknown to this version, that are kept on the way back."""

VIDEO, AUDIO, TEXT = 0, 1, 7
"""Track types (``tt``)."""

CUT, CROSS_DISSOLVE = "cut", "cross_dissolve"
TRANSITIONS: tuple[str, ...] = (CUT, CROSS_DISSOLVE)
"""The transitions (``tr.ty``) that this version renders."""

FIT_MODES: tuple[str, ...] = ("auto", "crop", "blur", "color")
"""How a photo fills a canvas of another shape: ``auto`` crops around the subject or, where that would lose nearly all,
pans across; ``crop`` always fills the frame; ``blur`` and ``color`` show the whole photo between bars."""

DEFAULT_BAR_COLOR = "#000000"

MAX_DURATION = Fraction(24 * 3600)
"""Seconds: the longest draft, a day."""


def on_grid(seconds: Fraction) -> Fraction:
    """Seconds rounded to the nearest whole millisecond."""
    return Fraction(milliseconds(seconds), 1000)


def is_color(text: str) -> bool:
    """Whether a text is a colour of the form ``#rrggbb``."""
    return len(text) == 7 and text[0] == "#" and all(digit in "0123456789abcdef" for digit in text[1:].lower())


@dataclass(frozen=True, slots=True)
class Transition:
    """How a segment gives way to the next one on its track.

    Attributes:
        kind: one of :data:`TRANSITIONS`.
        duration: seconds; None means a length that suits the two shots (see ``engine.timeline.layout``).
    """

    kind: str = CROSS_DISSOLVE
    duration: Fraction | None = None
    extra: Extra = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in TRANSITIONS:
            raise DraftError(f"The transition {self.kind!r} is not available: use one of {', '.join(TRANSITIONS)}.")
        if self.duration is not None and not 0 <= self.duration <= MAX_DURATION:
            raise DraftError("A transition's duration must be zero or more seconds.")


@dataclass(frozen=True, slots=True)
class Fit:
    """How a photo fills the canvas.

    Attributes:
        mode: one of :data:`FIT_MODES`.
        color: ``#rrggbb``; fills the bars of the mode ``color`` and stands behind what is transparent in the photo.
    """

    mode: str = "auto"
    color: str = DEFAULT_BAR_COLOR

    def __post_init__(self) -> None:
        if self.mode not in FIT_MODES:
            raise DraftError(f"{self.mode!r} is not a way to fit a photo: use one of {', '.join(FIT_MODES)}.")
        if not is_color(self.color):
            raise DraftError(f"{self.color!r} is not a colour: write it as #rrggbb, such as #000000 for black.")


@dataclass(frozen=True, slots=True)
class Segment:
    """One clip on a track.

    Attributes:
        id: unique in the draft.
        start, duration: seconds on the timeline; the clip covers [start, start + duration).
        src: the file or address of the media; None where the segment has none (text).
        motion: what the camera does; None holds still. Only on video tracks, like the next two.
        transition: to the next segment of the track; None is a cut.
        fit: how the photo fills the canvas.
        meta: the metadata object ``m``.
        motion_extra: unknown members of ``mo``.
        extra: unknown members of the segment.
    """

    id: str
    start: Fraction
    duration: Fraction
    src: str | None = None
    motion: Motion | None = None
    transition: Transition | None = None
    fit: Fit = field(default_factory=Fit)
    meta: Extra = field(default_factory=dict)
    motion_extra: Extra = field(default_factory=dict)
    extra: Extra = field(default_factory=dict)

    @property
    def end(self) -> Fraction:
        """Seconds on the timeline where the clip ends."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Track:
    """Segments of one kind in order of time, none overlapping the next.

    Attributes:
        id: unique in the draft.
        kind: the track type ``tt``: :data:`VIDEO`, :data:`AUDIO`, :data:`TEXT`, or one that this version only keeps.
        segments: in order of start.
        meta: the metadata object ``m``; ``name`` is its name.
    """

    id: str
    kind: int = VIDEO
    segments: tuple[Segment, ...] = ()
    meta: Extra = field(default_factory=dict)
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A timeline.

    Attributes:
        canvas: the size of the video.
        frame_rate: frames per second.
        duration: seconds of the whole; 0 for a draft without segments.
        tracks: later tracks paint above earlier ones.
        meta: the metadata object ``m``; ``title`` is the video's title.
    """

    canvas: Canvas = DEFAULT_CANVAS
    frame_rate: Fraction = DEFAULT_FRAME_RATE
    duration: Fraction = Fraction(0)
    tracks: tuple[Track, ...] = ()
    meta: Extra = field(default_factory=dict)
    extra: Extra = field(default_factory=dict)

    @property
    def photos(self) -> tuple[Segment, ...]:
        """The segments of the video tracks, lower tracks first, in order of time."""
        return tuple(self.video_segments())

    def video_segments(self) -> Iterator[Segment]:
        """Like :attr:`photos`, one by one."""
        for track in self.tracks:
            if track.kind == VIDEO:
                yield from track.segments


def default_motion(index: int) -> Motion:
    """The motion of a new photo: the first comes closer, the second draws back, and so on in turn."""
    return Motion(("zoom_in",) if index % 2 == 0 else ("zoom_out",))
