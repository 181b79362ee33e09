"""A segment in JSON. Which members it has depends on its track; what a track has no use for is kept as it is."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from engine.core.errors import DraftError
from engine.core.time import milliseconds
from engine.timeline.cards import parse_card
from engine.timeline.draft import AUDIO, TEXT, VIDEO, Fit, Segment, Transition
from engine.timeline.effects import Effect
from engine.timeline.fields import Fields
from engine.timeline.members import EFFECT, FIT, KEYFRAME, PLACEMENT, PLAYBACK, SOUND, TRANSITION
from engine.timeline.motion_json import read_motion, write_motion
from engine.timeline.placement import Keyframe, Placement
from engine.timeline.playback import Playback, Sound
from engine.timeline.style_json import read_style, write_style
from engine.timeline.table import read_table, with_extra, write_table

KNOWN_KINDS = (VIDEO, AUDIO, TEXT)
"""Types of tracks that this version understands; the segments of others are kept."""


def read_playback(segment: Fields) -> Playback:
    """The members ``in out sp rev loop fz`` of a segment."""
    return read_table(PLAYBACK, segment, whole=False) or Playback()


def write_playback(playback: Playback) -> dict[str, Any]:
    """The members of a segment that :func:`read_playback` reads; those with their default value are left out."""
    return write_table(PLAYBACK, playback)


def read_sound(segment: Fields) -> Sound:
    """The members ``vol fi fo duck`` of a segment."""
    return read_table(SOUND, segment, whole=False) or Sound()


def write_sound(sound: Sound) -> dict[str, Any]:
    """The members of a segment that :func:`read_sound` reads; those with their default value are left out."""
    return write_table(SOUND, sound)


def read_placement(segment: Fields) -> Placement:
    """The member ``pl`` of a segment."""
    value = segment.take("pl")
    placement = None if value is None else read_table(PLACEMENT, segment.below("pl", value))
    return placement or Placement()


def write_placement(placement: Placement) -> dict[str, Any]:
    """The ``pl`` object of a placement; empty for the default one."""
    return write_table(PLACEMENT, placement)


def read_keyframes(segment: Fields) -> tuple[Keyframe, ...]:
    """The member ``kf`` of a segment, sorted by time; keyframes at one time keep their order."""
    items = enumerate(segment.items("kf"))
    read = [read_table(KEYFRAME, segment.below(f"kf[{index}]", item)) for index, item in items]
    return tuple(sorted((keyframe for keyframe in read if keyframe), key=lambda keyframe: keyframe.at))


def write_keyframes(keyframes: Iterable[Keyframe]) -> list[dict[str, Any]]:
    """The ``kf`` list."""
    return [write_table(KEYFRAME, keyframe) for keyframe in keyframes]


def read_effects(segment: Fields) -> tuple[Effect, ...]:
    """The member ``ef`` of a segment, a list; a bare text in it, or instead of it, names an effect."""
    value = segment.peek("ef")
    items = segment.items("ef") if not isinstance(value, str) else [segment.take("ef")]
    read = [read_table(EFFECT, segment.below(f"ef[{index}]", item, short="fx")) for index, item in enumerate(items)]
    return tuple(effect for effect in read if effect)


def write_effects(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """The ``ef`` list."""
    return [write_table(EFFECT, effect) for effect in effects]


def read_segment(
    fields: Fields, kind: int, segment_id: str, start: Fraction, duration: Fraction, canvas_height: int
) -> Segment:
    """A segment of which the id and the times are read already.

    Args:
        fields: its members; what is bad is reported there.
        kind: the type of its track.
        segment_id: its id.
        start, duration: seconds.
        canvas_height: pixels.
    """
    known = kind in KNOWN_KINDS
    src = fields.text("src") if known or isinstance(fields.peek("src"), str) else None
    meta = fields.mapping("m") if known or isinstance(fields.peek("m"), dict) else {}
    members: dict[str, Any] = {}
    if kind == VIDEO:
        members |= _read_picture(fields)
        _check_card(fields, src)
    if kind in (VIDEO, AUDIO):
        members |= {
            "playback": read_playback(fields),
            "sound": read_sound(fields),
        }
    if kind == TEXT:
        text = fields.text("tx")
        repeated = meta.get("text")
        if text is None and isinstance(repeated, str):
            text = repeated
        if text is not None and "text" in meta:
            meta["text"] = text
        members |= {"text": text, "style": read_style(fields, canvas_height)}
    return Segment(segment_id, start, duration, src, meta=meta, extra=fields.rest(), **members)


def write_segment(segment: Segment) -> dict[str, Any]:
    """The JSON object of a segment; members with their default value are left out."""
    begin = milliseconds(segment.start)
    out: dict[str, Any] = {"id": segment.id, "s": begin, "d": milliseconds(segment.end) - begin}
    if segment.src is not None:
        out["src"] = segment.src
    if segment.text is not None:
        out["tx"] = segment.text
    if segment.style is not None:
        out["st"] = write_style(segment.style)
    out |= write_playback(segment.playback) | write_sound(segment.sound)
    if segment.motion is not None:
        out["mo"] = write_motion(segment.motion, segment.motion_extra)
    if segment.placement != Placement():
        out["pl"] = write_placement(segment.placement)
    if segment.keyframes:
        out["kf"] = write_keyframes(segment.keyframes)
    if segment.effects:
        out["ef"] = write_effects(segment.effects)
    if segment.transition is not None:
        out["tr"] = write_transition(segment.transition)
    out |= write_fit(segment.fit)
    if segment.meta:
        # The text is repeated here for some clients: where it is, it must not contradict.
        mirrored = {"text": segment.text} if segment.text is not None and "text" in segment.meta else {}
        out["m"] = dict(segment.meta) | mirrored
    return with_extra(out, segment.extra)


def _read_picture(fields: Fields) -> dict[str, Any]:
    value = fields.take("mo")
    motion, motion_extra = (None, {}) if value is None else read_motion(value, fields.path("mo"), fields.problems)
    return {
        "motion": motion,
        "motion_extra": motion_extra,
        "transition": read_transition(fields),
        "fit": read_fit(fields),
        "placement": read_placement(fields),
        "keyframes": read_keyframes(fields),
        "effects": read_effects(fields),
    }


def _check_card(fields: Fields, src: str | None) -> None:
    try:
        parse_card(src or "")
    except DraftError as error:
        fields.report("src", error.message)


def read_transition(segment: Fields) -> Transition | None:
    """The member ``tr`` of a segment; a bare text names the kind."""
    value = segment.take("tr")
    return None if value is None else read_table(TRANSITION, segment.below("tr", value, short="ty"))


def write_transition(transition: Transition) -> dict[str, Any]:
    """The ``tr`` object of a transition; without ``d`` where its length is left to the layout."""
    return write_table(TRANSITION, transition)


def read_fit(segment: Fields) -> Fit:
    """The members ``fit`` and ``bg`` of a segment."""
    return read_table(FIT, segment, whole=False) or Fit()


def write_fit(fit: Fit) -> dict[str, Any]:
    """The members ``fit`` and ``bg`` of a segment; those with their default value are left out."""
    return write_table(FIT, fit)
