"""The words a camera understands: moves, speeds, easings, focus, and their combination.

The names are those of the draft's ``mo`` object and are the camera's: ``pan_left`` looks further left, so the picture
slides right; ``rotate_cw`` turns the camera clockwise, so the picture turns anticlockwise. Moves with a ``flat``
stand-in travel through space, which needs a scene with depth; over a flat picture :func:`flattened` says what is near.
"""

from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

from engine.core.errors import OptionError, quoted

Unit = Literal["zoom", "pan", "rotate", "drift", "handheld", "depth"]
"""What the amount of a move counts; moves of one unit share one amount."""


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of :data:`MOVES`.

    Attributes:
        about: what the viewer sees, in one line.
        unit: the kind of amount, or None where the move takes none.
        amount_about: the amount's unit in words; empty where the move takes none.
        opposite: the move that it cannot be combined with.
        flat: for a move through space, the move over a flat picture that comes nearest; None for all others.
    """

    about: str
    unit: Unit | None = None
    amount_about: str = ""
    opposite: str | None = None
    flat: str | None = None


_ZOOM = "end over start scale, 1.2 is 20 % closer"
_PAN = "share of the free room, 0..1"
_ROTATE = "degrees"
_DRIFT = "largest offset from rest, as a share of the frame's width, 0..0.2"
_HANDHELD = "bound of the shake, as a share of the frame's width, 0..0.2"
_DEPTH = "share of the way that the scene allows, 0..1"

MOVES: dict[str, Move] = {
    "hold": Move("The camera stands still."),
    "zoom_in": Move("The camera comes closer.", "zoom", _ZOOM, "zoom_out"),
    "zoom_out": Move("The camera draws back; an amount below 1 is read as its inverse.", "zoom", _ZOOM, "zoom_in"),
    "pan_left": Move("The camera looks further left.", "pan", _PAN, "pan_right"),
    "pan_right": Move("The camera looks further right.", "pan", _PAN, "pan_left"),
    "pan_up": Move("The camera looks further up.", "pan", _PAN, "pan_down"),
    "pan_down": Move("The camera looks further down.", "pan", _PAN, "pan_up"),
    "rotate_cw": Move("The camera turns clockwise, starting level.", "rotate", _ROTATE, "rotate_ccw"),
    "rotate_ccw": Move("The camera turns anticlockwise, starting level.", "rotate", _ROTATE, "rotate_cw"),
    "drift": Move("Subtle motion: a slow wander that ends where it began.", "drift", _DRIFT),
    "handheld": Move("The small restless motion of a camera held by hand.", "handheld", _HANDHELD),
    "dolly_in": Move("The camera travels into the scene.", "depth", _DEPTH, "dolly_out", "zoom_in"),
    "dolly_out": Move("The camera travels back out of the scene.", "depth", _DEPTH, "dolly_in", "zoom_out"),
    "dolly_zoom": Move("The camera travels in while it zooms out.", "depth", _DEPTH, None, "zoom_in"),
    "truck_left": Move("The camera travels to the left.", "depth", _DEPTH, "truck_right", "pan_left"),
    "truck_right": Move("The camera travels to the right.", "depth", _DEPTH, "truck_left", "pan_right"),
    "pedestal_up": Move("The camera travels up.", "depth", _DEPTH, "pedestal_down", "pan_up"),
    "pedestal_down": Move("The camera travels down.", "depth", _DEPTH, "pedestal_up", "pan_down"),
    "orbit_left": Move("The camera goes round the subject to the left.", "depth", _DEPTH, "orbit_right", "pan_left"),
    "orbit_right": Move("The camera goes round the subject to the right.", "depth", _DEPTH, "orbit_left", "pan_right"),
    "sway": Move("Subtle motion with depth: the camera sways and comes back.", "depth", _DEPTH, None, "drift"),
}
"""Every move by name."""

SPEEDS: tuple[str, ...] = ("slow", "normal", "fast")
EASES: tuple[str, ...] = ("linear", "in", "out", "in_out")
FOCUS_WORDS: tuple[str, ...] = ("subject", "face")
METHODS: tuple[str, ...] = ("kenburns", "parallax", "diffusion")
"""What makes the picture move (``mo.with``): a camera over the flat picture, one through layers, a generated clip."""

EXTENDS: tuple[str, ...] = ("auto", "slow", "ping_pong", "loop", "chain")
"""How a shot longer than one generated clip is filled (``mo.extend``): by what suits the length, the clip slower, forth
and back, as a loop without a seam, or generated on from its last picture."""

QUALITIES: tuple[str, ...] = ("exact", "balanced", "draft")
"""What a generated clip costs (``mo.quality``): nothing that changes its pictures, shortcuts, or more of them."""

FAMILIES: tuple[str, ...] = ("svd", "wan", "ltx")
"""Who generates (``mo.model``): Stable Video Diffusion, which takes no text; Wan and LTX-Video, which do."""

PROMPT_LENGTH = 500
"""Characters of a prompt: more than what a model's text encoder reads (about 100 words) says nothing to it."""

WANDER_MAX = 0.2
"""Largest amount of ``drift`` and ``handheld``: beyond it, more than a third of the photo would be lost to margins."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What the camera does over one clip.

    Attributes:
        moves: one or more names of :data:`MOVES`; a diagonal is ``("pan_left", "pan_up")``. ``hold`` stands alone.
        amount: how far, in the unit of the moves (see :data:`MOVES`). One number goes to the first move that takes an
            amount and to all moves of the same unit (both pans of a diagonal); a tuple as long as ``moves`` gives each
            move its own, None where it has none. None: from ``speed`` and the clip's duration.
        speed: ``slow``, ``normal`` or ``fast``; None is ``normal``. Where an amount is given too, the amount says how
            far; a ``fast`` move then travels at that speed and rests, the others take the whole clip.
        focus: a point (x, y) in 0..1 of the photo from its top left, or ``"subject"`` or ``"face"``; None lets the
            camera keep the subject in view. A zoom about a point keeps that point where it is in the frame; a zoom
            with ``"subject"`` starts or ends with the subject composed; a pan arrives at its focus.
        ease: ``linear``, ``in`` (starts slowly), ``out`` (ends slowly) or ``in_out``.
        method: one of :data:`METHODS`; None leaves it to the renderer.
        strength: of generated motion, 0..1; None is the method's default.
        depth: the photo's own depth map, a file beside the draft or of a pack; None leaves the depth to the renderer.
        prompt: what moves and how, in words, for generated motion by a model that takes text; at most
            :data:`PROMPT_LENGTH` characters, on one line (white space is joined).
        extend: one of :data:`EXTENDS`, for a shot longer than one generated clip; None is ``auto``.
        quality: one of :data:`QUALITIES`, of generated motion; None leaves it to the renderer.
        model: one of :data:`FAMILIES`, of generated motion; None leaves it to the renderer.

    Raises:
        OptionError: a word is unknown, an amount has no meaning, or two moves contradict each other.
    """

    moves: tuple[str, ...] = ("zoom_in",)
    amount: float | tuple[float | None, ...] | None = None
    speed: str | None = None
    focus: tuple[float, float] | str | None = None
    ease: str = "in_out"
    method: str | None = None
    strength: float | None = None
    depth: str | None = None
    prompt: str | None = None
    extend: str | None = None
    quality: str | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        _check_moves(self.moves)
        _check_word("speed", self.speed, SPEEDS)
        _check_word("easing", self.ease, EASES)
        _check_word("method", self.method, METHODS)
        if self.strength is not None and not 0 <= self.strength <= 1:
            raise OptionError(f"A strength of {self.strength:g} is not possible: give a number from 0 to 1.")
        if self.depth == "":
            raise OptionError("The depth map has no name: give a file, or leave depth out.")
        if self.prompt is not None:
            object.__setattr__(self, "prompt", " ".join(self.prompt.split()))
            _check_prompt(self.prompt)
        _check_word("way to extend a clip", self.extend, EXTENDS, of="")
        _check_word("quality of generated motion", self.quality, QUALITIES, of="")
        _check_word("model family", self.model, FAMILIES, of="")
        _check_focus(self.focus)
        _check_amount(self.moves, self.amount)

    def has(self, move: str) -> bool:
        """Whether this motion includes the named move."""
        return move in self.moves

    def amount_of(self, move: str) -> float | None:
        """The amount given for one of :attr:`moves`, as it was given; None where speed and duration decide."""
        if isinstance(self.amount, tuple):
            return self.amount[self.moves.index(move)]
        if self.amount is None:
            return None
        unit = next(MOVES[name].unit for name in self.moves if MOVES[name].unit)
        return self.amount if MOVES[move].unit == unit else None

    def factor(self) -> float | None:
        """The zoom amount as a factor >= 1 whichever way it goes, or None where none is given (or nothing zooms)."""
        for move in ("zoom_in", "zoom_out"):
            if move in self.moves:
                amount = self.amount_of(move)
                return None if amount is None else max(amount, 1 / amount)
        return None


def flattened(motion: Motion) -> Motion:
    """The motion over a flat picture that comes nearest: the same motion where no move needs depth.

    Each move through space becomes its :attr:`Move.flat`, without its amount, which counts something else; one that is
    there already, or that another move contradicts, is left out.
    """
    if not any(MOVES[name].flat for name in motion.moves):
        return motion
    kept: dict[str, float | None] = {
        name: motion.amount_of(name) for name in motion.moves if MOVES[name].flat is None and name != "hold"
    }
    for name in motion.moves:
        flat = MOVES[name].flat
        if flat is not None and flat not in kept and MOVES[flat].opposite not in kept:
            kept[flat] = None
    amounts = tuple(kept.values())
    return replace(motion, moves=tuple(kept), amount=amounts if any(amount is not None for amount in amounts) else None)


def in_depth(motion: Motion) -> bool:
    """Whether a motion asks for a scene with depth: by its method, or by a move where no method is named."""
    if motion.method is not None:
        return motion.method == "parallax"
    return any(MOVES[name].unit == "depth" for name in motion.moves)


def generated(motion: Motion) -> bool:
    """Whether a motion asks for a generated clip. Members of generated motion count for nothing where it does not."""
    return motion.method == "diffusion"


def _check_moves(moves: tuple[str, ...]) -> None:
    if not moves:
        raise OptionError(f"The camera was given no move: use one of {', '.join(MOVES)}.")
    for name in moves:
        if name not in MOVES:
            raise OptionError(f"{quoted(name)} is not a camera move: use one of {', '.join(MOVES)}.")
        if moves.count(name) > 1:
            raise OptionError(f"The camera move {name!r} is given twice: name it once and set its amount.")
        opposite = MOVES[name].opposite
        if opposite in moves:
            raise OptionError(f"The camera cannot {name!r} and {opposite!r} at the same time: choose one of them.")
    if "hold" in moves and len(moves) > 1:
        raise OptionError("'hold' keeps the camera still and cannot be combined with another move: leave one out.")


def _check_word(what: str, word: str | None, known: tuple[str, ...], *, of: str = "camera ") -> None:
    if word is not None and word not in known:
        raise OptionError(f"{quoted(word)} is not a {of}{what}: use one of {', '.join(known)}.")


def _check_prompt(prompt: str) -> None:
    if not prompt:
        raise OptionError("The prompt is empty: say what moves, or leave the prompt out.")
    if len(prompt) > PROMPT_LENGTH:
        raise OptionError(f"The prompt has {len(prompt)} characters: say it in at most {PROMPT_LENGTH}.")


def _check_focus(focus: tuple[float, float] | str | None) -> None:
    if focus is None or (isinstance(focus, str) and focus in FOCUS_WORDS):
        return
    if isinstance(focus, str) or len(focus) != 2 or not all(0 <= value <= 1 for value in focus):
        given = quoted(focus) if isinstance(focus, str) else focus
        raise OptionError(
            f"{given} is not a focus: give x and y from 0 to 1 counted from the photo's top left, "
            f"or one of {', '.join(FOCUS_WORDS)}."
        )


def _check_amount(moves: tuple[str, ...], amount: float | tuple[float | None, ...] | None) -> None:
    if amount is None:
        return
    if not isinstance(amount, tuple):
        units = [MOVES[name].unit for name in moves if MOVES[name].unit]
        if not units:
            raise OptionError("'hold' takes no amount: leave the amount out or choose a move.")
        for name in moves:
            if MOVES[name].unit == units[0]:
                _check_one_amount(name, amount)
        return
    if len(amount) != len(moves):
        raise OptionError(
            f"{len(amount)} amounts for {len(moves)} camera moves: give one number, or one for each move."
        )
    for name, value in zip(moves, amount, strict=True):
        if value is not None:
            _check_one_amount(name, value)


def _check_one_amount(name: str, amount: float) -> None:
    unit = MOVES[name].unit
    if unit is None:
        raise OptionError(f"{name!r} takes no amount: leave the amount out or choose a move.")
    # Beyond what makes sense is an error; beyond what we do (a rotation of 90 degrees) is limited and noted.
    lowest, highest = {
        "zoom": (0.01 if name == "zoom_out" else 1.0, float("inf")),
        "pan": (0.0, 1.0),
        "rotate": (0.0, float("inf")),
        "drift": (0.0, WANDER_MAX),
        "handheld": (0.0, WANDER_MAX),
        "depth": (0.0, 1.0),
    }[unit]
    if not (isfinite(amount) and lowest <= amount <= highest):
        bounds = f"from {lowest:g} to {highest:g}" if isfinite(highest) else f"of at least {lowest:g}"
        raise OptionError(
            f"The amount {amount:g} does not fit the move {name!r}: "
            f"give a number {bounds} ({MOVES[name].amount_about})."
        )
