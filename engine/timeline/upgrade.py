"""Older versions of the draft's JSON, brought up to date one version at a time.

Version 1 is what the protocol attests and no more: ``t``, ``tt``, ``sg``, ``d`` and ``m``, and no ``v``. Where it keeps
a medium's address is not attested, only that it is a text somewhere in the segment; :data:`PLACES_OF_SRC` are the
places where we look. Its texts stand in ``m.text``.
"""

from collections.abc import Callable
from typing import Any

from engine.timeline.draft import AUDIO, TEXT, VIDEO
from engine.timeline.fields import is_number
from engine.timeline.schema import DRAFT_KEYS, SCHEMA_VERSION, SEGMENT_KEYS, TRACK_KEYS

Json = dict[str, Any]

ATTESTED = frozenset({"t", "tt", "sg", "d", "m", "id"})
"""Keys that version 1 has too; an ``id`` tells nothing."""

PLACES_OF_SRC: tuple[str, ...] = ("src", "url", "path", "file")
"""Members of a segment, then of its ``m``, where version 1 may keep the medium; the first that is a text is taken."""


def version_of(draft: Json) -> object:
    """The version of a draft: what ``v`` says; without it, 1 for a draft that has only attested keys, else 2."""
    stated = draft.get("v")
    if isinstance(stated, float) and stated.is_integer():
        return int(stated)
    if stated is not None:
        return stated
    return 2 if any(_is_ours(item, keys) for item, keys in _objects(draft)) else 1


def upgrade(draft: Json) -> Json:
    """The draft in the newest version; what is given is not changed.

    Args:
        draft: of a version from 1 to ``SCHEMA_VERSION``. What is malformed in it is left as it is, for the reader to
            report.
    """
    version = version_of(draft)
    while isinstance(version, int) and version < SCHEMA_VERSION:
        draft = UPGRADES[version](draft)
        version += 1
    return draft


def upgrade_1_to_2(draft: Json) -> Json:
    """Version 1 to 2: media go to ``src``, texts to ``tx``, the canvas and the frame rate out of the metadata."""
    out = {"v": 2} | {key: value for key, value in draft.items() if key != "v"}
    meta = _object(draft.get("m"))
    for group in ((("w", "width"), ("h", "height")), (("fps", "fps"),)):
        if all(out.get(key) is None and is_number(meta.get(name)) for key, name in group):
            out |= {key: meta[name] for key, name in group}
    if isinstance(draft.get("t"), list):
        out["t"] = [_upgrade_track(track) if isinstance(track, dict) else track for track in draft["t"]]
    return out


UPGRADES: dict[int, Callable[[Json], Json]] = {1: upgrade_1_to_2}
"""For each older version the function that makes the next one of it."""


def _upgrade_track(track: Json) -> Json:
    kind, segments = track.get("tt"), track.get("sg")
    if not isinstance(segments, list):
        return track
    kind = VIDEO if kind is None else kind
    step = _with_text if kind == TEXT else _with_src if kind in (VIDEO, AUDIO) else None
    if step is None:
        return track
    return track | {"sg": [step(item) if isinstance(item, dict) else item for item in segments]}


def _with_text(segment: Json) -> Json:
    text = _object(segment.get("m")).get("text")
    return segment | {"tx": text} if isinstance(text, str) and segment.get("tx") is None else segment


def _with_src(segment: Json) -> Json:
    """The segment with its medium in ``src``; it is moved, so that a later edit leaves no second, older address."""
    meta = _object(segment.get("m"))
    for key in PLACES_OF_SRC:
        if isinstance(segment.get(key), str):
            return {name: value for name, value in segment.items() if name != key} | {"src": segment[key]}
    for key in PLACES_OF_SRC:
        if isinstance(meta.get(key), str):
            return segment | {"src": meta[key], "m": {name: value for name, value in meta.items() if name != key}}
    return segment


def _objects(draft: Json) -> list[tuple[Json, frozenset[str]]]:
    """The draft, its tracks and its segments, each with the keys that version 2 knows there."""
    found = [(draft, DRAFT_KEYS)]
    for track in _list(draft.get("t")):
        if isinstance(track, dict):
            found.append((track, TRACK_KEYS))
            found += [(item, SEGMENT_KEYS) for item in _list(track.get("sg")) if isinstance(item, dict)]
    return found


def _is_ours(item: Json, keys: frozenset[str]) -> bool:
    return any(key in keys and key not in ATTESTED for key in item)


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
