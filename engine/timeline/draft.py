"""The draft: tracks of segments on one timeline.

Times are fractions of seconds on a grid of one millisecond, which is the resolution of the draft's JSON: a draft and
what is read back from its JSON are equal, and render the same frames. Every level keeps the JSON keys that this version
does not know in ``extra``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.core.errors import DraftError, quoted
from engine.core.time import DEFAULT_FRAME_RATE, milliseconds
from engine.motion import Motion
from engine.timeline.canvas import DEFAULT_CANVAS, Canvas
from engine.timeline.color import check_color
from engine.timeline.effects import Effect
from engine.timeline.placement import Keyframe, Placement
from engine.timeline.playback import Playback, Sound
from engine.timeline.text_style import TextStyle

Extra = Mapping[str, Any]
"""JSON members, unknown to this version, that are kept on the way back."""

VIDEO, AUDIO, TEXT = 0, 1, 7
"""Track types (``tt``)."""

CUT, CROSS_DISSOLVE = "cut", "cross_dissolve"
TRANSITIONS: tuple[str, ...] = (
    CUT, CROSS_DISSOLVE, "dip_black", "dip_white", "slide_left", "slide_right", "push_left", "push_right",
    "wipe_left", "wipe_right", "zoom", "blur",
)  # fmt: skip
"""The transitions (``tr.ty``). The directions are those in which the edge or the picture travels."""

FIT_MODES: tuple[str, ...] = ("auto", "crop", "blur", "color", "contain")
"""How a picture fills a canvas of another shape: ``auto`` crops around the subject or, where that would lose nearly
all, pans across; ``crop`` always fills the frame; ``blur`` and ``color`` show the whole picture between bars;
``contain`` shows the whole picture and nothing beside it: what lies below is seen there."""

BURN, SOFT, BOTH = "burn", "soft", "both"
CAPTION_MODES: tuple[str, ...] = (BURN, SOFT, BOTH)
"""What becomes of a text track (``captions``): painted into the picture, a subtitle track of the file, or both."""

DEFAULT_BAR_COLOR = "#000000"

MAX_DURATION = Fraction(24 * 3600)
"""Seconds: the longest draft, a day."""


def on_grid(seconds: Fraction) -> Fraction:
    """Seconds rounded to the nearest whole millisecond."""
    return Fraction(milliseconds(seconds), 1000)


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
            raise DraftError(
                f"The transition {quoted(self.kind)} is not available: use one of {', '.join(TRANSITIONS)}."
            )
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
            raise DraftError(f"{quoted(self.mode)} is not a way to fit a photo: use one of {', '.join(FIT_MODES)}.")
        check_color(self.color)


@dataclass(frozen=True, slots=True)
class Segment:
    """One clip on a track.

    Attributes:
        id: unique in the draft.
        start, duration: seconds on the timeline; the clip covers [start, start + duration).
        src: the medium; None where the segment has none (text). A file or an address; ``pack:ID/FILE`` is a file of an
            installed pack; ``color:#rrggbb`` and ``gradient:#rrggbb,#rrggbb[,DEGREES]`` are cards (see
            ``engine.timeline.cards``). On a text track, a file of captions (SRT, VTT).
        motion: what the camera does over a photo; None holds still. Only on video tracks, like the next five.
        transition: to the next segment of the track; None is a cut.
        fit: how the picture fills the canvas.
        placement: where the layer stands on the canvas.
        keyframes: how that changes, in order of time; those that move it stand in for ``motion``.
        effects: looks and overlays, applied in order.
        playback: which part of a clip or a sound is played, and how.
        sound: how loud it is; on audio tracks, and for clips that have sound.
        text: what is written (``tx``); only on text tracks.
        style: how it is written; None is a title.
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
    placement: Placement = field(default_factory=Placement)
    keyframes: tuple[Keyframe, ...] = ()
    effects: tuple[Effect, ...] = ()
    playback: Playback = field(default_factory=Playback)
    sound: Sound = field(default_factory=Sound)
    text: str | None = None
    style: TextStyle | None = None
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
        captions: one of :data:`CAPTION_MODES`; only on text tracks.
        meta: the metadata object ``m``; ``name`` is its name, ``lang`` the language of captions (BCP 47).
    """

    id: str
    kind: int = VIDEO
    segments: tuple[Segment, ...] = ()
    captions: str = BURN
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
