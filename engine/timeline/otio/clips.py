"""Reading the clips of an OpenTimelineIO timeline."""

from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Any

from engine.core.time import milliseconds
from engine.timeline.cutting import is_still
from engine.timeline.draft import AUDIO, TEXT, VIDEO
from engine.timeline.otio.addresses import src_of
from engine.timeline.otio.clock import nearest, seconds_of
from engine.timeline.otio.library import library
from engine.timeline.otio.metadata import attached, clean
from engine.timeline.otio.writing import CARD_GENERATOR, TEXT_GENERATOR
from engine.timeline.playback import MAX_SPEED, MIN_SPEED

MAX_DENOMINATOR = 1000
"""Of a speed that another tool wrote as a decimal number."""

SPEED_TOLERANCE = Fraction(1, 10**6)
"""A speed this close to what we wrote is what we wrote: the library's reader rounds decimal numbers."""

Note = Callable[[str], None]


def clip_kind(clip: Any, kind: int) -> int:  # noqa: ANN401 - of the library
    """The kind of track that a clip on a track of ``kind`` belongs on.

    Other tools have no tracks of texts: there a title may be dragged among the clips, or a clip among the titles.
    """
    known = (VIDEO, AUDIO, TEXT)
    stated = attached(clip).get("tt")
    if kind not in known:
        return kind
    if stated in known:
        # A video among sounds is what is heard of it.
        return kind if (stated, kind) == (VIDEO, AUDIO) else int(stated)
    if kind == VIDEO and _generated_text(clip):
        return TEXT
    reference = clip.media_reference
    return VIDEO if kind == TEXT and isinstance(reference, library().schema.ExternalReference) else kind


def read_clip(
    clip: Any,  # noqa: ANN401 - of the library
    kind: int,
    rate: Fraction | None,
    note: Note,
) -> dict[str, Any] | None:
    """The JSON of a segment, without its times; None for a clip that its track has no use for.

    Args:
        clip: an ``opentimelineio.schema.Clip``.
        kind: the type of its track.
        rate: at which our metadata were written; None where there are none.
        note: takes what was left out.
    """
    own = attached(clip)
    segment = own.get("segment")
    if not isinstance(segment, dict) or rate is None:
        return _foreign_clip(clip, kind, note)
    # A transition that stood between the clips: what has become of it is seen there.
    left_out = ("tr",) if own.get("joined") else ()
    merged = {key: value for key, value in segment.items() if key not in left_out}
    _merge_reference(merged, clip.media_reference, own.get("url"))
    if kind in (VIDEO, AUDIO):
        _merge_playback(merged, clip, rate, note)
    return merged


def _merge_reference(segment: dict[str, Any], reference: Any, written_url: object) -> None:  # noqa: ANN401
    schema = library().schema
    if isinstance(reference, schema.ExternalReference) and reference.target_url != written_url:
        segment["src"] = src_of(reference.target_url)
    elif isinstance(reference, schema.GeneratorReference):
        text, src = reference.parameters.get("text"), reference.parameters.get("src")
        known = segment.get("tx")
        if reference.generator_kind == TEXT_GENERATOR and isinstance(text, str) and isinstance(known, str):
            segment["tx"] = known if text == clean(known) else text
        if (
            reference.generator_kind == CARD_GENERATOR
            and isinstance(src, str)
            and src != clean(segment.get("src") or "")
        ):
            segment["src"] = src


def _merge_playback(segment: dict[str, Any], clip: Any, rate: Fraction, note: Note) -> None:  # noqa: ANN401
    frozen = segment.get("fz")
    # A tool that has found the medium counts from its timecode, where we count from its first frame.
    start, counted = seconds_of(clip.trimmed_range().start_time), _source_offset(clip)
    offset = _number(frozen if frozen is not None else segment.get("in", 0)) / 1000
    speed, freeze = _speed(clip, note)
    if freeze != (frozen is not None):
        segment.pop("fz", None)
        segment |= {"fz": milliseconds(counted)} if freeze else {}
    elif not {start, counted} & {nearest(offset, rate) / rate} and not is_still(segment.get("src")):
        segment["fz" if freeze else "in"] = milliseconds(counted)
        if "out" in segment and _number(segment["out"]) <= _number(segment.get("in", 0)):
            del segment["out"]
    was = _number(segment.get("sp", 1)) * (-1 if segment.get("rev") else 1)
    if not freeze and frozen is None and abs(was - speed) > SPEED_TOLERANCE:
        segment.pop("sp", None)
        segment.pop("rev", None)
        segment |= _written_speed(speed)


def _number(value: object) -> Fraction:
    """A number of the metadata; 0 for what is none: it is not what we wrote."""
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _written_speed(speed: Fraction) -> dict[str, Any]:
    size = abs(speed)
    value: int | str = int(size) if size.denominator == 1 else str(size)
    return ({} if size == 1 else {"sp": value}) | ({"rev": True} if speed < 0 else {})


def _speed(clip: Any, note: Note) -> tuple[Fraction, bool]:  # noqa: ANN401 - of the library
    """The speed, negative backwards, and whether the frame is frozen."""
    schema = library().schema
    speed, freeze = Fraction(1), False
    for effect in clip.effects:
        if isinstance(effect, schema.FreezeFrame):
            freeze = True
        elif isinstance(effect, schema.LinearTimeWarp):
            scalar = effect.time_scalar if isfinite(effect.time_scalar) else 1.0
            speed *= Fraction(scalar).limit_denominator(MAX_DENOMINATOR)
        else:
            note(f"The effect {effect.name or effect.effect_name!r} of the clip {clip.name!r} was left out.")
    if speed == 0:
        return Fraction(1), True
    size = min(max(abs(speed), MIN_SPEED), MAX_SPEED)
    if size != abs(speed):
        note(f"The speed of the clip {clip.name!r} is beyond 0.25 to 4 and was set to {float(size):g}.")
    return size if speed > 0 else -size, freeze


def _foreign_clip(clip: Any, kind: int, note: Note) -> dict[str, Any] | None:  # noqa: ANN401 - of the library
    if kind not in (VIDEO, AUDIO, TEXT):
        note(f"The clip {clip.name!r} is on a track that it does not suit and was left out.")
        return None
    out: dict[str, Any] = {"m": {"name": clip.name}} if clip.name else {}
    if kind == TEXT:
        return out | {"tx": _generated_text(clip) or clip.name or "?"}
    src = _source(clip, note)
    if src is not None:
        out["src"] = src
    speed, freeze = _speed(clip, note)
    start = _source_offset(clip)
    if freeze:
        return out | {"fz": milliseconds(start)}
    return out | _written_speed(speed) | ({"in": milliseconds(start)} if start and not is_still(src) else {})


def _source_offset(clip: Any) -> Fraction:  # noqa: ANN401 - of the library
    """Seconds from the medium's first frame, which may have any timecode, to the clip's."""
    start = seconds_of(clip.trimmed_range().start_time)
    available = clip.media_reference.available_range if clip.media_reference is not None else None
    return max(Fraction(0), start - (seconds_of(available.start_time) if available is not None else 0))


def _source(clip: Any, note: Note) -> str | None:  # noqa: ANN401 - of the library
    schema = library().schema
    reference = clip.media_reference
    if isinstance(reference, schema.ExternalReference) and reference.target_url:
        return src_of(reference.target_url)
    if isinstance(reference, schema.ImageSequenceReference):
        note(f"The clip {clip.name!r} is a sequence of pictures: only its first one is shown.")
        return src_of(reference.target_url_for_image_number(0))
    if isinstance(reference, schema.GeneratorReference):
        color = reference.parameters.get("color")
        if isinstance(color, str) and len(color) == 7 and color.startswith("#"):
            return f"color:{color.lower()}"
        note(
            f"The generator {reference.generator_kind!r} of the clip {clip.name!r} is not known: it has no medium now."
        )
        return None
    note(f"The clip {clip.name!r} has no medium: give it one before you render.")
    return None


def _generated_text(clip: Any) -> str:  # noqa: ANN401 - of the library
    if not isinstance(clip.media_reference, library().schema.GeneratorReference):
        return ""
    text = clip.media_reference.parameters.get("text")
    return text if isinstance(text, str) else ""
