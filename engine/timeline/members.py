"""The members of a segment's fit, transition, placement, keyframes, effects, playback and sound.

The tables are the only place where these JSON keys stand: the reader, the writer and the published schema follow them.
"""

from engine.motion import EASES
from engine.timeline.draft import FIT_MODES, TRANSITIONS, Fit, Transition
from engine.timeline.effects import EFFECTS, Effect
from engine.timeline.fields import MAX_NUMBER
from engine.timeline.kinds import COLOR, FLAG, TEXT, TIME, number, numbers, rational, whole, word
from engine.timeline.placement import BLENDS, MAX_OFFSET, MAX_SCALE, Keyframe, Placement
from engine.timeline.playback import ENDLESS, MAX_PLAYS, MAX_SPEED, MAX_VOLUME, MIN_SPEED, Playback, Sound
from engine.timeline.table import Member, Table

MAX_SEED = int(MAX_NUMBER)

_SHARE = number(0, 1)
_PLACE = (
    Member("x", "x", number(-MAX_OFFSET, MAX_OFFSET), "middle of the layer, 0..1 of the canvas from its left"),
    Member("y", "y", number(-MAX_OFFSET, MAX_OFFSET), "middle of the layer, 0..1 of the canvas from its top"),
    Member("scale", "scale", number(above=0, high=MAX_SCALE), "size as a factor of the canvas's size"),
    Member("rot", "rotation", number(), "degrees, clockwise as the viewer sees it"),
    Member("opacity", "opacity", _SHARE, "0 is invisible, 1 is opaque"),
    Member("crop", "crop", numbers(4, 0, 1), "shares that are cut off: left, top, right, bottom"),
)

PLACEMENT = Table(
    Placement,
    (*_PLACE, Member("blend", "blend", word(BLENDS), "how it mixes with what lies below")),
    "Where a layer stands on the canvas.",
)

KEYFRAME = Table(
    Keyframe,
    (
        Member("at", "at", TIME, "milliseconds since the segment's start", required=True),
        *_PLACE,
        Member("ease", "ease", word(EASES), "easing on the way to the next keyframe"),
    ),
    "Values of the placement at one time; a member that is not given is left to the other keyframes.",
)

TRANSITION = Table(
    Transition,
    (
        Member("ty", "kind", word(TRANSITIONS), "kind", always=True),
        Member("d", "duration", TIME, "milliseconds; without it, a length that suits the two clips"),
    ),
    "How a segment gives way to the next one of its track.",
)

FIT = Table(
    Fit,
    (
        Member("fit", "mode", word(FIT_MODES), "how the picture fills a canvas of another shape"),
        Member("bg", "color", COLOR, "#rrggbb of the bars, and behind what is transparent"),
    ),
    "How a picture fills the canvas.",
)

EFFECT = Table(
    Effect,
    (
        Member("fx", "name", word(EFFECTS), "name of the effect", required=True),
        Member("amount", "amount", number(-1, 1), "strength, 0..1; for looks that have two directions -1..1"),
        Member("src", "src", TEXT, ".cube file of a lut"),
        Member("seed", "seed", whole(-MAX_SEED, MAX_SEED), "seed of what is random"),
    ),
    "A look or an overlay.",
)

PLAYBACK = Table(
    Playback,
    (
        Member("in", "start", TIME, "milliseconds of the medium where the played part begins"),
        Member("out", "end", TIME, "milliseconds of the medium where the played part ends"),
        Member("sp", "speed", rational(MIN_SPEED, MAX_SPEED), "speed as a factor"),
        Member("rev", "reverse", FLAG, "plays backwards"),
        Member("loop", "plays", whole(ENDLESS, MAX_PLAYS), "how many times it is played; 0 repeats without end"),
        Member("fz", "freeze", TIME, "milliseconds of the medium: the picture stands on this frame"),
    ),
    "Which part of a medium is played, and how.",
)

SOUND = Table(
    Sound,
    (
        Member("vol", "volume", number(0, MAX_VOLUME), "amplitude factor"),
        Member("fi", "fade_in", TIME, "milliseconds"),
        Member("fo", "fade_out", TIME, "milliseconds"),
        Member("duck", "duck", FLAG, "becomes quieter while a voice sounds"),
    ),
    "How loud a segment sounds.",
)
