"""A draft as an OpenTimelineIO timeline.

* Tracks keep their order, bottom to top. Text tracks are video tracks of generators, which other tools show as clips.
* A clip's source range starts at the source offset and lasts as long as the clip stands on the timeline; speed and
  direction are a ``LinearTimeWarp``, a frozen frame is a ``FreezeFrame``.
* A transition of length L takes L / 2 of each of its clips, as in the draft; it is rounded to frames.
* Markers of the draft (``m.markers``: objects with ``s`` in milliseconds and ``name``) are markers of the stack.
"""

from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

from engine.core.time import milliseconds
from engine.timeline.arrange import content_end
from engine.timeline.cards import COLOR_PREFIX, GRADIENT_PREFIX
from engine.timeline.codec import write_draft
from engine.timeline.draft import AUDIO, CROSS_DISSOLVE, TEXT, VIDEO, Draft, Segment, Track
from engine.timeline.layout import transition_length
from engine.timeline.otio.addresses import url_of
from engine.timeline.otio.clock import frame_of, nearest, rate_for, rational_time, time_range
from engine.timeline.otio.library import library
from engine.timeline.otio.metadata import attach, clean
from engine.timeline.playback import Playback

CARD_GENERATOR, TEXT_GENERATOR = "multiplane:card", "multiplane:text"
"""Kinds of generators."""


def to_otio(draft: Draft, base: Path | None = None) -> Any:  # noqa: ANN401 - of the library
    """The draft as an ``opentimelineio.schema.Timeline``.

    Args:
        draft: what is written.
        base: the folder that relative sources are relative to; they become absolute file URLs. None leaves relative
            URLs.
    """
    otio = library()
    written = write_draft(draft)
    tracks, rate = written.pop("t"), rate_for(draft)
    timeline = otio.schema.Timeline(name=timeline_name(written))
    end = milliseconds(content_end(draft.tracks))
    where = {} if base is None else {"base": str(Path(base).absolute())}
    attach(timeline, {"draft": written, "end": end, "rate": str(rate)} | where)
    for track, json_track in zip(draft.tracks, tracks, strict=True):
        timeline.tracks.append(_track(track, json_track, rate, base))
    for marker in read_markers(draft.meta):
        timeline.tracks.markers.append(
            otio.schema.Marker(
                name=clean(marker["name"]), marked_range=time_range(nearest(Fraction(marker["s"], 1000), rate), 0, rate)
            )
        )
    return timeline


def read_markers(meta: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """The markers in a draft's metadata that are well formed."""
    markers = meta.get("markers")
    return [
        {"s": marker["s"], "name": marker["name"]}
        for marker in (markers if isinstance(markers, list) else [])
        if isinstance(marker, dict)
        and isinstance(marker.get("name"), str)
        and isinstance(marker.get("s"), int)
        and not isinstance(marker["s"], bool)
        and marker["s"] >= 0
    ]


def timeline_name(written: dict[str, Any]) -> str:
    """The name of the timeline of a draft, from its JSON."""
    return clean(_stated(written, "title"))


def track_name(written: dict[str, Any]) -> str:
    """The name of a track, from its JSON."""
    return clean(_stated(written, "name") or str(written.get("id", "")))


def _stated(written: dict[str, Any], key: str) -> str:
    meta = written.get("m")
    value = meta.get(key) if isinstance(meta, dict) else None
    return value if isinstance(value, str) else ""


def source_start(playback: Playback) -> Fraction:
    """Seconds of the medium that the source range of a clip starts at."""
    return playback.start if playback.freeze is None else playback.freeze


def time_scalar(playback: Playback) -> float:
    """OpenTimelineIO's speed: negative is backwards."""
    return float(-playback.speed if playback.reverse else playback.speed)


def _track(track: Track, written: dict[str, Any], rate: Fraction, base: Path | None) -> Any:  # noqa: ANN401
    otio = library()
    kinds = {VIDEO: otio.schema.TrackKind.Video, TEXT: otio.schema.TrackKind.Video, AUDIO: otio.schema.TrackKind.Audio}
    made = otio.schema.Track(
        name=track_name(written),
        kind=kinds.get(track.kind, f"multiplane:{track.kind}"),
    )
    segments = written.pop("sg")
    attach(made, {"track": written})
    cursor = 0
    for place, (segment, json_segment) in enumerate(zip(track.segments, segments, strict=True)):
        start, end = frame_of(segment.start, rate), frame_of(segment.end, rate)
        if start > cursor:
            made.append(otio.schema.Gap(source_range=time_range(0, start - cursor, rate)))
        following = track.segments[place + 1] if place + 1 < len(track.segments) else None
        transition = _transition(segment, following, json_segment, rate)
        made.append(_clip(segment, track.kind, json_segment, (end - start, rate), base, joined=transition is not None))
        if transition is not None:
            made.append(transition)
        cursor = end
    return made


def _clip(
    segment: Segment,
    kind: int,
    written: dict[str, Any],
    length: tuple[int, Fraction],
    base: Path | None,
    *,
    joined: bool,
) -> Any:  # noqa: ANN401 - of the library
    otio = library()
    duration, rate = length
    playback = segment.playback
    reference = _reference(segment, base)
    clip = otio.schema.Clip(
        name=clean(_name(segment)),
        media_reference=reference,
        source_range=time_range(nearest(source_start(playback), rate), duration, rate),
    )
    if playback.freeze is not None:
        clip.effects.append(otio.schema.FreezeFrame())
    elif time_scalar(playback) != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=time_scalar(playback)))
    url = {"url": reference.target_url} if hasattr(reference, "target_url") else {}
    attach(clip, {"segment": written, "tt": kind, "joined": joined} | url)
    return clip


def _name(segment: Segment) -> str:
    for key in ("title", "name"):
        value = segment.meta.get(key)
        if isinstance(value, str) and value:
            return value
    if segment.text:
        return segment.text
    return PurePosixPath(segment.src or "").name or segment.id


def _reference(segment: Segment, base: Path | None) -> Any:  # noqa: ANN401 - of the library
    schema = library().schema
    if segment.src is not None and segment.src.startswith((COLOR_PREFIX, GRADIENT_PREFIX)):
        return schema.GeneratorReference(generator_kind=CARD_GENERATOR, parameters={"src": clean(segment.src)})
    if segment.src:
        return schema.ExternalReference(target_url=url_of(segment.src, base))
    if segment.text is not None:
        return schema.GeneratorReference(generator_kind=TEXT_GENERATOR, parameters={"text": clean(segment.text)})
    return schema.MissingReference()


def _transition(segment: Segment, following: Segment | None, written: dict[str, Any], rate: Fraction) -> Any:  # noqa: ANN401 - of the library
    if following is None or segment.transition is None:
        return None
    frames = nearest(transition_length(segment, following), rate)
    if frames == 0:
        return None
    schema = library().schema
    kind = segment.transition.kind
    known = schema.TransitionTypes.SMPTE_Dissolve if kind == CROSS_DISSOLVE else schema.TransitionTypes.Custom
    before = frames // 2
    made = schema.Transition(
        name=kind,
        transition_type=known,
        in_offset=rational_time(before, rate),
        out_offset=rational_time(frames - before, rate),
    )
    attach(made, {"transition": written["tr"], "offsets": [before, frames - before]})
    return made
