"""The options that ``animate`` and ``plan`` share, and what their values mean."""

import argparse
import re
from fractions import Fraction
from pathlib import Path

from engine.core.errors import DraftError, OptionError
from engine.core.time import FRAME_RATES
from engine.motion import EASES, EXTENDS, FAMILIES, FOCUS_WORDS, METHODS, MOVES, QUALITIES, SPEEDS
from engine.timeline import ASPECTS, FIT_MODES, Canvas, Fit, canvas_of_aspect, is_color

AI_MOVE = "ai"
"""The name in ``--move`` that asks for generated motion; beside it, moves of a camera over the flat picture."""

_DURATION = re.compile(r"(?:(?P<minutes>\d+(?:\.\d+)?)\s*(?:m|min))?\s*(?:(?P<seconds>\d+(?:\.\d+)?)\s*(?:s|sec)?)?")


def add_draft_options(parser: argparse.ArgumentParser, *, needs_inputs: bool = True) -> None:
    """Add the positional arguments and the flags that shape the draft."""
    parser.add_argument(
        "inputs",
        nargs="+" if needs_inputs else "*",
        metavar="FILE... INSTRUCTION",
        help="photos, videos, sounds and captions, and words that say what to do",
    )
    group = parser.add_argument_group("the video", "a flag wins over the instruction")
    group.add_argument("--duration", metavar="TIME", help="length of the whole: 10, 10s, 1m30s")
    group.add_argument("--aspect", metavar="W:H", help=f"shape of the video: {', '.join(ASPECTS)}")
    group.add_argument("--size", metavar="WxH", help="size in pixels, even numbers: 1920x1080")
    group.add_argument("--fps", metavar="RATE", help=f"frames per second: {', '.join(FRAME_RATES)}")
    group.add_argument(
        "--fit",
        metavar="MODE",
        help="how a photo of another shape fills the frame: auto, crop, blur, color or color:#rrggbb",
    )
    group.add_argument(
        "--background", metavar="COLOR", help="#rrggbb, behind transparent photos and in the bars of --fit color"
    )
    group.add_argument(
        "--title", metavar="TEXT", help="title in the file's metadata; the first photo's name by default"
    )
    camera = parser.add_argument_group("the camera")
    camera.add_argument("--move", metavar="NAMES", help=f"one or more, with commas: {', '.join((AI_MOVE, *MOVES))}")
    camera.add_argument(
        "--amount",
        type=float,
        metavar="N",
        help="how far: zoom 1.2, pan 0..1, rotation in degrees, dolly, truck, pedestal, orbit and sway 0..1",
    )
    camera.add_argument("--speed", choices=SPEEDS, help="how quickly")
    camera.add_argument("--focus", metavar="X,Y", help=f"0..1 from the top left, or {' or '.join(FOCUS_WORDS)}")
    camera.add_argument("--ease", choices=EASES, help="how the move starts and ends")
    camera.add_argument(
        "--with",
        choices=METHODS,
        help="what makes the picture move: a camera over the flat photo, one through its depth, a generated clip",
    )
    camera.add_argument(
        "--depth",
        action="append",
        type=Path,
        metavar="FILE",
        help="a photo's own depth map, lighter is nearer; once for each photo, in their order; means --with parallax",
    )
    moved = parser.add_argument_group("generated motion", "each of these means --with diffusion, as does --move ai")
    moved.add_argument("--prompt", metavar="TEXT", help="what moves, for a model that takes text")
    moved.add_argument("--strength", type=float, metavar="N", help="how much moves, 0..1")
    moved.add_argument("--extend", choices=EXTENDS, help="how a shot longer than one generated clip is filled")
    moved.add_argument("--ai-quality", choices=QUALITIES, help="exact, or with shortcuts")
    moved.add_argument("--ai-model", choices=FAMILIES, help="who generates")


def parse_duration(text: str) -> Fraction:
    """Seconds from ``10``, ``10s``, ``1.5m`` or ``1m30s``.

    Raises:
        OptionError: it is none of these, or zero.
    """
    seconds = parse_time("--duration", text)
    if seconds > 0:
        return seconds
    raise OptionError(f"--duration {text} is not a length of time: write it as 10, 10s or 1m30s.")


def parse_time(flag: str, text: str) -> Fraction:
    """Seconds, zero or more, from ``10``, ``10s``, ``1.5m`` or ``1m30s``.

    Args:
        flag: the name of the flag, for the message.
        text: its value.

    Raises:
        OptionError: it is none of these.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None or not text.strip():
        raise OptionError(f"{flag} {text} is not a length of time: write it as 10, 10s or 1m30s.")
    return Fraction(match["minutes"] or 0) * 60 + Fraction(match["seconds"] or 0)


def parse_canvas(size: str | None, aspect: str | None) -> Canvas | None:
    """The canvas that ``--size`` or ``--aspect`` asks for; None where neither is given.

    Raises:
        OptionError: a value is malformed, or the two contradict each other.
    """
    try:
        wanted = canvas_of_aspect(aspect) if aspect is not None else None
        if size is None:
            return wanted
        match = re.fullmatch(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})", size.strip().lower())
        if match is None:
            raise OptionError(f"--size {size} is not a size: write it as 1920x1080.")
        canvas = Canvas(int(match[1]), int(match[2]))
    except DraftError as error:
        raise OptionError(error.message) from error
    # Sizes are whole and even, so 1080x1920 and 9:16 may differ by a pixel's worth of rounding.
    if wanted is not None and abs(canvas.ratio / wanted.ratio - 1) > Fraction(1, 100):
        raise OptionError(f"--size {size} does not have the shape of --aspect {aspect}: give one of the two.")
    return canvas


def parse_fit(text: str) -> Fit:
    """A fit from ``auto``, ``crop``, ``blur``, ``color`` or ``color:#rrggbb``.

    Raises:
        OptionError: it is none of these.
    """
    mode, colon, color = text.partition(":")
    try:
        if mode == "color" and colon:
            return Fit(mode, color.lower())
        if not colon:
            return Fit(mode)
    except DraftError as error:
        raise OptionError(f"--fit {text}: {error.message}") from error
    raise OptionError(f"--fit {text} is not known: use one of {', '.join(FIT_MODES)} or color:#rrggbb.")


def parse_color(text: str) -> str:
    """A colour from ``#rrggbb``, in lower case.

    Raises:
        OptionError: it is not of that form.
    """
    if not is_color(text):
        raise OptionError(f"--background {text} is not a colour: write it as #rrggbb, such as #ffffff for white.")
    return text.lower()


def parse_focus(text: str) -> tuple[float, float] | str:
    """A focus from ``0.4,0.6`` or a word of FOCUS_WORDS.

    Raises:
        OptionError: it is neither.
    """
    if text in FOCUS_WORDS:
        return text
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = float("nan")
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise OptionError(
            f"--focus {text} is not a place in the photo: "
            f"write two numbers from 0 to 1 such as 0.4,0.6, or {' or '.join(FOCUS_WORDS)}."
        )
    return x, y


def parse_moves(text: str) -> tuple[tuple[str, ...] | None, bool]:
    """The camera's moves of ``--move``, None where it names none, and whether it asks for generated motion.

    Raises:
        OptionError: a camera that goes through space is to ride on generated motion, whose pictures are flat.
    """
    names = tuple(name.strip() for name in text.split(","))
    moves = tuple(name for name in names if name != AI_MOVE)
    if len(moves) == len(names):
        return moves, False
    for name in moves:
        flat = MOVES[name].flat if name in MOVES else None
        if flat is not None:
            raise OptionError(f"--move {text}: over generated motion the camera sees a flat picture, so use {flat}.")
    return moves or None, True
