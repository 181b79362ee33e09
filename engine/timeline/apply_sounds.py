"""Carrying out the operations on music."""

from dataclasses import replace
from typing import Any

from engine.core.errors import DraftError
from engine.timeline.arrange import (
    chosen_id,
    content_end,
    free_id,
    is_music,
    picture_end,
    with_tracks,
    without_empty,
)
from engine.timeline.draft import AUDIO, Draft, Segment, Track, on_grid
from engine.timeline.playback import ENDLESS, Playback, Sound
from engine.timeline.sound_operations import AddMusic, SetMusic

TRACK_NAME = "BGM"
"""Background music; what follows the colon is what it is."""


def add_music(draft: Draft, operation: AddMusic) -> Draft:
    """See :class:`engine.timeline.AddMusic`."""
    start = on_grid(operation.start)
    if operation.duration is not None:
        duration = on_grid(operation.duration)
    else:
        duration = (picture_end(draft.tracks) or content_end(draft.tracks)) - start
        if duration <= 0:
            raise DraftError("There is no picture for the music to go with: add a photo first, or give a duration.")
    name = chosen_id(operation.id, "m", draft)
    meta: dict[str, Any] = {"role": "music"} | ({"mood": operation.mood} if operation.mood else {})
    segment = Segment(
        name,
        start,
        duration,
        operation.src,
        playback=_playback(operation.loop),
        sound=Sound(operation.volume, on_grid(operation.fade_in), on_grid(operation.fade_out), operation.duck),
        meta=meta,
    )
    title = operation.name or (operation.mood or "").capitalize()
    track_name = f"{TRACK_NAME}: {title}" if title else TRACK_NAME
    track = Track(free_id("t", draft, [name]), AUDIO, (segment,), meta={"name": track_name})
    return with_tracks(draft, (*draft.tracks, track))


def set_music(draft: Draft, operation: SetMusic) -> Draft:
    """See :class:`engine.timeline.SetMusic`."""
    _require_music(draft)
    tracks = []
    for track in draft.tracks:
        segments = tuple(
            _changed(segment, operation) if is_music(track, segment) else segment for segment in track.segments
        )
        changed = replace(track, segments=segments)
        name = track.meta.get("name")
        if operation.mood and isinstance(name, str) and name.startswith(TRACK_NAME) and segments != track.segments:
            changed = replace(changed, meta=dict(track.meta) | {"name": f"{TRACK_NAME}: {operation.mood.capitalize()}"})
        elif operation.src and isinstance(name, str) and name.startswith(f"{TRACK_NAME}:"):
            changed = replace(changed, meta=dict(track.meta) | {"name": TRACK_NAME})
        tracks.append(changed)
    return replace(draft, tracks=tuple(tracks))


def remove_music(draft: Draft) -> Draft:
    """See :class:`engine.timeline.RemoveMusic`."""
    _require_music(draft)
    tracks = [
        replace(track, segments=tuple(segment for segment in track.segments if not is_music(track, segment)))
        for track in draft.tracks
    ]
    return without_empty(with_tracks(draft, tracks), draft)


def _changed(segment: Segment, operation: SetMusic) -> Segment:
    sound = Sound(
        segment.sound.volume if operation.volume is None else operation.volume,
        segment.sound.fade_in if operation.fade_in is None else on_grid(operation.fade_in),
        segment.sound.fade_out if operation.fade_out is None else on_grid(operation.fade_out),
        segment.sound.duck if operation.duck is None else operation.duck,
    )
    # It stays music, also when nothing else says so any more.
    meta = dict(segment.meta) | {"role": "music"}
    src, playback = segment.src, segment.playback
    if operation.src is not None or operation.mood is not None:
        src, playback = operation.src, _playback(segment.playback.plays != 1)
        meta = {key: value for key, value in meta.items() if key not in ("mood", "title", "name")}
        meta |= {} if operation.mood is None else {"mood": operation.mood}
    if operation.loop is not None:
        playback = replace(playback, plays=ENDLESS if operation.loop else 1)
    return replace(segment, src=src, playback=playback, sound=sound, meta=meta)


def _playback(loop: bool) -> Playback:
    return Playback(plays=ENDLESS) if loop else Playback()


def _require_music(draft: Draft) -> None:
    if not any(is_music(track, segment) for track in draft.tracks for segment in track.segments):
        raise DraftError("There is no music in this draft: add some first.")
