"""The timeline in words, as clients of the protocol print it."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from engine.core.errors import DraftError
from engine.timeline.cards import parse_card
from engine.timeline.draft import AUDIO, TEXT, VIDEO, Draft, Segment, Track

TRACK_NAMES = {VIDEO: "Video", AUDIO: "Audio", TEXT: "Text"}
"""The name of a track that carries none."""


def describe(draft: Draft) -> str:
    """One line, such as ``Timeline (2 tracks): 1. Video: harbour.jpg (0-10s) 2. Title: "Urban Dreams" (0-3s)``."""
    if not draft.tracks:
        return "Timeline (empty)"
    count = "1 track" if len(draft.tracks) == 1 else f"{len(draft.tracks)} tracks"
    tracks = " ".join(f"{number}. {_track(track)}" for number, track in enumerate(draft.tracks, 1))
    return f"Timeline ({count}): {tracks}"


def plain_number(value: Fraction, places: int = 2) -> str:
    """A number without needless zeros: ``10``, ``3.5``, ``3.33``."""
    text = f"{float(value):.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _track(track: Track) -> str:
    name = _text(track.meta, "name") or TRACK_NAMES.get(track.kind, f"Track of type {track.kind}")
    if not track.segments:
        return f"{name}: empty"
    # A track named after its content, "BGM: Lo-fi", is not given the same content twice.
    if ":" in name and len(track.segments) == 1:
        return f"{name} {_interval(track.segments[0])}"
    return f"{name}: " + ", ".join(f"{_label(segment, track.kind)} {_interval(segment)}" for segment in track.segments)


def _label(segment: Segment, kind: int) -> str:
    title = _text(segment.meta, "title") or _text(segment.meta, "name")
    if kind == TEXT and (segment.text is not None or not segment.src):
        return f'"{" ".join((segment.text or "").split())}"'
    return title if kind != VIDEO and title else _name_of(segment.src or "") or segment.id


def _name_of(src: str) -> str:
    """What a source is called: the name of a file, without the query of an address; the colours of a card."""
    try:
        card = parse_card(src)
    except DraftError:
        card = None
    if card is not None:
        return "card " + "-".join(card.colors)
    path = src.partition("?")[0].partition("#")[0] if src.startswith(("http://", "https://")) else src
    return PurePosixPath(path.replace("\\", "/")).name


def _interval(segment: Segment) -> str:
    volume = segment.sound.volume
    share = "" if volume == 1 else f", {100 * volume:.0f}%"
    return f"({plain_number(segment.start)}-{plain_number(segment.end)}s{share})"


def _text(members: Mapping[str, Any], key: str) -> str | None:
    value = members.get(key)
    return value if isinstance(value, str) and value else None
