"""The operations that put segments on tracks, cut them and move them about.

``ripple`` says what becomes of the segments behind the one that is edited: with it they close up or make room, without
it they stay where they are, and what would overlap is refused. None means: close up on the main track (the first video
track), stay on all others, as editors do it. Only the edited track ripples; what stands on other tracks keeps its time,
except that music and caption files that ran to the end of the picture still do (see ``engine.timeline.arrange``).
"""

from dataclasses import dataclass
from fractions import Fraction

from engine.core.errors import DraftError
from engine.timeline.draft import AUDIO, TEXT, VIDEO, Segment, on_grid
from engine.timeline.target import check_duration, check_id, check_ids, check_time


@dataclass(frozen=True, slots=True)
class AddClip:
    """Put a picture, a video, a card or a sound on a track.

    Attributes:
        src: the medium, see ``engine.timeline.Segment``.
        duration: seconds on the timeline.
        track: the id of the track; None is the first video track, or for a sound the first audio track that has room
            and no music; it is made where there is none.
        start: seconds on the timeline; None is the end of the track. Where there is no room, ``ripple`` puts the clip
            at the nearest cut and moves what follows.
        kind: VIDEO or AUDIO; of the track where none is named.
        id: of the new segment; None takes a free one.
        ripple: see the module.
    """

    src: str
    duration: Fraction
    track: str | None = None
    start: Fraction | None = None
    kind: int = VIDEO
    id: str | None = None
    ripple: bool | None = None

    def __post_init__(self) -> None:
        if not self.src:
            raise DraftError("There is no clip to add: name a file.")
        if self.kind not in (VIDEO, AUDIO):
            raise DraftError("A clip is a picture or a sound: it goes on a video or an audio track.")
        check_duration(self.duration)
        check_id(self.id)
        if self.start is not None:
            check_time(self.start)


@dataclass(frozen=True, slots=True)
class AddSegment:
    """Put a whole segment on a track, at its own start.

    Attributes:
        track: the id of the track.
        segment: its id must be free; its times, on the grid of a millisecond.
        kind: the type of the track, VIDEO, AUDIO or TEXT.
        ripple: see the module.
    """

    track: str
    segment: Segment
    kind: int = VIDEO
    ripple: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in (VIDEO, AUDIO, TEXT):
            raise DraftError(
                f"A segment of a track of type {self.kind} cannot be made: use {VIDEO}, {AUDIO} or {TEXT}."
            )
        if on_grid(self.segment.start) != self.segment.start or on_grid(self.segment.duration) != self.segment.duration:
            raise DraftError("A segment's times must be whole milliseconds.")
        check_id(self.segment.id)
        check_duration(self.segment.duration)
        check_time(self.segment.start)


@dataclass(frozen=True, slots=True)
class RemoveSegments:
    """Take segments off their tracks, whatever their kind; a track that is left empty goes too, but the main one."""

    target: tuple[str, ...]
    ripple: bool | None = None

    def __post_init__(self) -> None:
        check_ids(self.target)


@dataclass(frozen=True, slots=True)
class ReplaceSource:
    """Show another medium in a segment's place: time, motion, look and sound stay.

    The part of the old medium that was played means nothing for a new one, so the new one plays from its beginning.

    Attributes:
        segment: its id.
        src: the new medium.
        keep_playback: for another version of the same medium: its offsets, speed and loops stay too.
    """

    segment: str
    src: str
    keep_playback: bool = False

    def __post_init__(self) -> None:
        if not self.src:
            raise DraftError("There is nothing to show instead: name a file.")


@dataclass(frozen=True, slots=True)
class MoveSegment:
    """Move a segment to another time, or to another track of its kind. On its own track, transitions stay at the cuts.

    Attributes:
        segment: its id.
        start: seconds on the timeline as it is before the move; None keeps the time.
        track: the id of the track that it goes to; None keeps the track.
        ripple: see the module: the gap closes, and where there is no room at ``start`` the segment goes to the cut that
            is nearest and what follows makes room. None looks at each of the two tracks.
    """

    segment: str
    start: Fraction | None = None
    track: str | None = None
    ripple: bool | None = None

    def __post_init__(self) -> None:
        if self.start is None and self.track is None:
            raise DraftError("There is nowhere to move the clip to: give a start or a track.")
        if self.start is not None:
            check_time(self.start)


@dataclass(frozen=True, slots=True)
class TrimSegment:
    """Move the ends of a segment; what it shows at a time of its own stays what it was.

    With ``ripple`` the segment keeps its start, and a new head shows later (or earlier) material there.

    Attributes:
        segment: its id.
        start, end: seconds on the timeline as it is before the edit; None leaves that end.
        ripple: see the module.
    """

    segment: str
    start: Fraction | None = None
    end: Fraction | None = None
    ripple: bool | None = None

    def __post_init__(self) -> None:
        if self.start is None and self.end is None:
            raise DraftError("There is nothing to trim: give a new start or a new end.")
        for time in (self.start, self.end):
            if time is not None:
                check_time(time)
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise DraftError("A clip must end after it starts.")


@dataclass(frozen=True, slots=True)
class SplitSegment:
    """Cut a segment in two; the left half keeps the id.

    A clip plays on in the right half, keyframes go on, fades and a text's animation stay at the outer ends. A camera
    motion is run by each half anew.

    Attributes:
        segment: its id.
        at: seconds on the timeline, inside the segment.
        id: of the right half; None takes a free one.
    """

    segment: str
    at: Fraction
    id: str | None = None

    def __post_init__(self) -> None:
        check_time(self.at)
        check_id(self.id)


@dataclass(frozen=True, slots=True)
class ReorderSegments:
    """Give segments of one track another order.

    The segments named take the places that they hold together, in the order given; those not named keep theirs: to swap
    the first two of a track, name the second and then the first. Each keeps its duration. The gaps and the transitions
    belong to the places, so a dissolve after the first clip is still after the first clip.
    """

    order: tuple[str, ...]

    def __post_init__(self) -> None:
        check_ids(self.order)
