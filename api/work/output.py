"""How an export is encoded: the members of ``output`` that clients of the protocol send, as options of the renderer."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from engine.core.errors import OptionError
from engine.core.settings import ChoiceSetting
from engine.core.time import FRAME_RATES, parse_frame_rate
from engine.media.presets import DEFAULT_PRESET, PRESETS, Preset
from engine.timeline import Canvas, Draft
from engine.timeline.canvas import MAX_SIDE, MIN_SIDE

HIGH = ChoiceSetting(
    "MULTIPLANE_EXPORT_HIGH", DEFAULT_PRESET.name, tuple(PRESETS),
    "preset of an export of quality high, which nearly all clients ask for",
)  # fmt: skip

SHORT_SIDES = {"480p": 480, "540p": 540, "720p": 720, "1080p": 1080, "1440p": 1440, "2k": 1440, "2160p": 2160,
               "4k": 2160}  # fmt: skip
"""Resolutions by name: pixels of the short side."""

CRF_RANGE = (1, 51)


@dataclass(frozen=True, slots=True)
class Encoding:
    """What was asked for.

    Attributes:
        draft: on the canvas and at the frame rate that were asked for.
        preset: of the encoder.
        notes: sentences for the user about what is not done.
    """

    draft: Draft
    preset: Preset
    notes: tuple[str, ...] = ()


def encoding_of(draft: Draft, output: dict[str, Any]) -> Encoding:
    """Read ``format``, ``quality``, ``resolution``, ``fps``, ``codec`` and ``crf``; other members are nobody's.

    What makes no sense is noted and done as if it were not there: a client's slip must not cost the video.
    """
    notes: list[str] = []
    for name, only in (("format", "mp4"), ("codec", "h264")):
        asked = output.get(name)
        if isinstance(asked, str) and asked.strip().lower() not in (only, "", "avc", "h.264", "x264"):
            notes.append(f"{name} {asked[:20]!r} is not made here: the video is {only}.")
    canvas, rate = draft.canvas, draft.frame_rate
    if output.get("resolution"):
        canvas = _canvas(canvas, str(output["resolution"]), notes)
    if output.get("fps"):
        rate = _rate(rate, output["fps"], notes)
    return Encoding(replace(draft, canvas=canvas, frame_rate=rate), _preset(output, notes), tuple(notes))


def _preset(output: dict[str, Any], notes: list[str]) -> Preset:
    known = {"low": "draft", "draft": "draft", "medium": "standard", "standard": "standard", "": HIGH.value(),
             "high": HIGH.value(), "best": "high", "master": "high"}  # fmt: skip
    asked = str(output.get("quality") or "").strip().lower()
    if asked not in known:
        notes.append(f"quality {asked[:20]!r} is not known: use low, medium, high or best.")
    preset = PRESETS[known.get(asked, HIGH.value())]
    crf = output.get("crf")
    if isinstance(crf, int | float) and not isinstance(crf, bool):
        low, high = CRF_RANGE
        return replace(preset, crf=min(high, max(low, crf))) if crf == crf else preset
    return preset


def _canvas(canvas: Canvas, asked: str, notes: list[str]) -> Canvas:
    """The canvas with another size and its own shape."""
    word = asked.strip().lower()
    short = SHORT_SIDES.get(word)
    if short is None:
        sides = word.replace("×", "x").split("x")
        if len(sides) == 2 and all(side.isdecimal() and len(side) <= 5 for side in sides):
            short = min(int(sides[0]), int(sides[1]))
    share = 0 if short is None else short / min(canvas.width, canvas.height)
    width, height = (2 * round(side * share / 2) for side in (canvas.width, canvas.height))
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        notes.append(f"resolution {asked[:20]!r} is not possible: the video is {canvas.width}x{canvas.height}.")
        return canvas
    return Canvas(width, height)


def _rate(rate: Fraction, asked: object, notes: list[str]) -> Fraction:
    try:
        return parse_frame_rate(f"{asked:g}" if isinstance(asked, int | float) else str(asked))
    except OptionError:
        notes.append(f"fps {str(asked)[:20]!r} is not possible: use one of {', '.join(FRAME_RATES)}.")
        return rate
