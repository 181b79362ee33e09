"""What verbs and directions mean for the camera, whatever the language.

Directions are the camera's: ``left`` means that it looks or goes further left. Where the words say that the *picture*
moves, the camera goes the other way (:data:`REVERSED`).
"""

from dataclasses import dataclass, field

_SIDEWAYS = {"left": "pan_left", "right": "pan_right", "up": "pan_up", "down": "pan_down"}
_IN_OUT = {"in": "zoom_in", "out": "zoom_out"}
_INTO_SCENE = {"in": "dolly_in", "out": "dolly_out"}
_ALONG_SCENE = {"left": "truck_left", "right": "truck_right", "up": "pedestal_up", "down": "pedestal_down"}
_TURNS = {"clockwise": "rotate_cw", "anticlockwise": "rotate_ccw"}


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb of the lexicon does.

    Attributes:
        moves: the camera move for each direction that the verb takes.
        default: the move where no direction is said; None for a verb that then only asks for motion of some kind.
        clear: whether the default is what everybody means, so that it need not be explained.
        travels: whether the verb is said of a camera that goes somewhere, so that it does where there is depth; others
            (zoom, pan) are what they are over a flat photo.
    """

    moves: dict[str, str] = field(default_factory=dict)
    default: str | None = None
    clear: bool = False
    travels: bool = False


VERBS: dict[str, Verb] = {
    "zoom": Verb(_IN_OUT, "zoom_in", clear=True),
    "pan": Verb(_SIDEWAYS, "pan_right"),
    "tilt": Verb({"up": "pan_up", "down": "pan_down", "left": "rotate_ccw", "right": "rotate_cw"}, "pan_up"),
    "rotate": Verb(_TURNS | {"left": "rotate_ccw", "right": "rotate_cw"}, "rotate_cw"),
    "push": Verb(_IN_OUT | _SIDEWAYS, "zoom_in", clear=True, travels=True),
    "pull": Verb(_IN_OUT | _SIDEWAYS, "zoom_out", clear=True, travels=True),
    "dolly": Verb(_INTO_SCENE | _ALONG_SCENE, "dolly_in"),
    "truck": Verb(_ALONG_SCENE, "truck_right"),
    "pedestal": Verb({"up": "pedestal_up", "down": "pedestal_down"}, "pedestal_up"),
    "move": Verb(_IN_OUT | _SIDEWAYS | _TURNS, travels=True),
    "fly": Verb(_IN_OUT | _SIDEWAYS | _TURNS, travels=True),
    "motion": Verb(_IN_OUT | _SIDEWAYS | _TURNS, travels=True),
    "slide": Verb(_IN_OUT | _SIDEWAYS, travels=True),
    "glide": Verb(_SIDEWAYS, "pan_right", travels=True),
    "drift": Verb(_SIDEWAYS, "drift", clear=True, travels=True),
}

PICTURE_VERBS = frozenset({"move", "slide", "rotate"})
"""Verbs that may be said of the picture: "slide the photo to the left"."""

REVERSED = {
    "pan_left": "pan_right",
    "pan_right": "pan_left",
    "pan_up": "pan_down",
    "pan_down": "pan_up",
    "rotate_cw": "rotate_ccw",
    "rotate_ccw": "rotate_cw",
}
"""The camera's move when the picture is said to make the other."""

NAMED_MOVES: dict[str, tuple[str, ...]] = {
    "hold": ("hold",),
    "drift": ("drift",),
    "handheld": ("handheld",),
    "zoom_in": ("zoom_in",),
    "zoom_out": ("zoom_out",),
    **{name: (name,) for name in ("pan_left", "pan_right", "pan_up", "pan_down", "rotate_cw", "rotate_ccw")},
    **{name: (name,) for name in ("dolly_in", "dolly_zoom", "orbit_left", "orbit_right", "sway")},
    # Said of a camera that goes there, where "enlarge" is not: they differ where the scene has depth.
    "come_closer": ("zoom_in",),
    "go_back": ("zoom_out",),
    "go_left": ("pan_left",),
    "go_right": ("pan_right",),
    "rise": ("pan_up",),
    "sink": ("pan_down",),
    # Round which side is left open: see the resolver.
    "orbit": ("orbit_right",),
    # The documentary maker's pan-and-zoom over a still, after which the effect is named.
    "ken_burns": ("zoom_in", "pan_right"),
}
"""The moves of the lexicon's table ``move``."""

CLOSER, FARTHER = ("zoom_in", "come_closer"), ("zoom_out", "go_back")
"""Names of the table ``move`` that bring the picture closer, or take it away."""

TRAVELLING = frozenset({"come_closer", "go_back", "go_left", "go_right", "rise", "sink", "drift"})
"""Names of the table ``move`` that are said of a camera that goes somewhere, as :attr:`Verb.travels` of verbs."""

AXIS = {
    "in": "depth",
    "out": "depth",
    "left": "x",
    "right": "x",
    "up": "y",
    "down": "y",
    "clockwise": "turn",
    "anticlockwise": "turn",
}
"""Directions on one axis exclude each other."""

OPPOSITE_DIRECTION = {"left": "right", "right": "left", "up": "down", "down": "up"}

SIDE_OFFSET = 0.25
"""How far from the middle a focus "on the left" or "at the top" lies, as a share of the photo."""

LITTLE: dict[str, float] = {"zoom": 1.1, "pan": 0.3, "rotate": 2.0, "drift": 0.01, "handheld": 0.006, "depth": 0.3}
STRONG: dict[str, float] = {"zoom": 1.6, "pan": 1.0, "rotate": 10.0, "drift": 0.04, "handheld": 0.03, "depth": 1.0}
"""What "a little" and "strongly" mean, by the unit of the move (see ``engine.motion.MOVES``)."""


def focus_point(sides: set[str]) -> tuple[float, float]:
    """The focus that words such as ``{"top", "left"}`` name, in 0..1 of the photo from its top left."""
    x = 0.5 + SIDE_OFFSET * (("right" in sides) - ("left" in sides))
    y = 0.5 + SIDE_OFFSET * (bool(sides & {"down", "bottom"}) - bool(sides & {"up", "top"}))
    return x, y
