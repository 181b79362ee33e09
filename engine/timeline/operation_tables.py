"""The JSON members of the operations that are data classes of plain values: one table each."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from engine.timeline.clip_operations import (
    AddClip,
    MoveSegment,
    RemoveSegments,
    ReorderSegments,
    ReplaceSource,
    SplitSegment,
    TrimSegment,
)
from engine.timeline.draft import CAPTION_MODES, TEXT, TRANSITIONS, VIDEO
from engine.timeline.effects import EFFECTS
from engine.timeline.fields import Fields, describe_value
from engine.timeline.kinds import FLAG, TIME, Kind, number, rational, whole, word
from engine.timeline.kinds import TEXT as WORDS
from engine.timeline.layer_operations import (
    AddEffect,
    RemoveEffect,
    SetEffects,
    SetKeyframes,
    SetPlacement,
    SetPlayback,
    SetSound,
    SetSpeed,
)
from engine.timeline.members import EFFECT, KEYFRAME, PLACEMENT, PLAYBACK, SOUND
from engine.timeline.motion_json import read_motion, write_motion
from engine.timeline.operations import (
    AddPhotos,
    SetDuration,
    SetMotion,
    SetSegmentDuration,
    SetTitle,
    SetTransition,
)
from engine.timeline.playback import MAX_SPEED, MAX_VOLUME, MIN_SPEED
from engine.timeline.segment_json import read_transition, write_transition
from engine.timeline.sound_operations import AddMusic, RemoveMusic, SetMusic
from engine.timeline.style_json import STYLE
from engine.timeline.table import Member, Table, read_table, write_table
from engine.timeline.text_operations import AddCaptions, AddText, Caption, SetCaptionMode, SetText, SetTextStyle
from engine.timeline.track_operations import AddTrack, MoveTrack, RemoveTrack

T = TypeVar("T")

MAX_TRACKS = 10_000
"""The highest place of a track."""


def _object(table: Table[Any]) -> Kind:
    """A data class as an object."""

    def read(fields: Fields, key: str) -> object:
        value = fields.take(key)
        return None if value is None else read_table(table, fields.below(key, value), whole="extra" in _names(table))

    return Kind(read, lambda value: write_table(table, value), {"type": "object"})


def _strict(table: Table[Any]) -> Kind:
    """A data class without a place for unknown members, as an object: an order may hold no part that is passed over."""

    def read(fields: Fields, key: str) -> object:
        value = fields.take(key)
        return None if value is None else read_strict(table, fields.below(key, value))

    return Kind(read, lambda value: write_table(table, value), {"type": "object"})


def read_strict(table: Table[T], fields: Fields) -> T | None:
    """Read an object of which every member must be known."""
    value = read_table(table, fields, whole=False)
    if unknown := fields.rest():
        fields.fail(min(unknown), "is not known here.")
    return value


def _names(table: Table[Any]) -> Sequence[str]:
    return tuple(table.make.__dataclass_fields__)


def _list(table: Table[Any], read_item: Callable[[Table[Any], Fields], Any] = read_table) -> Kind:
    """A list of data classes as objects."""

    def read(fields: Fields, key: str) -> object:
        if fields.peek(key) is None:
            return None
        items = enumerate(fields.items(key))
        return tuple(read_item(table, fields.below(f"{key}[{index}]", item)) for index, item in items)

    return Kind(read, lambda value: [write_table(table, item) for item in value], {"type": "array"})


def _read_texts(fields: Fields, key: str) -> tuple[str, ...] | None:
    value = fields.take(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        what = "files or addresses" if key == "src" else "ids"
        fields.fail(key, f"must be a list of {what}, not {describe_value(value)}.")
    return tuple(value)


def _read_motion(fields: Fields, key: str) -> object:
    value = fields.take(key)
    if value is None:
        return None
    motion, unknown = read_motion(value, fields.path(key))
    if unknown:
        fields.fail(f"{key}.{min(unknown)}", "is not a member of a motion.")
    return motion


_TEXTS = Kind(_read_texts, list, {"type": "array", "items": {"type": "string"}})
_MOTION = Kind(_read_motion, lambda motion: write_motion(motion, {}), {"type": "object"})
_TRANSITION = Kind(lambda fields, key: read_transition(fields), write_transition, {"enum": list(TRANSITIONS)})
_KIND = whole(VIDEO, TEXT)

_TARGET = Member("target", "target", _TEXTS, "ids of the segments")
_IDS = Member("target", "target", _TEXTS, "give the ids of the segments", required=True)
_RIPPLE = Member("ripple", "ripple", FLAG, "whether what follows moves along")
_ID = Member("id", "id", WORDS, "id of what is new")
_SEGMENT = Member("segment", "segment", WORDS, "give the id of the segment", required=True)
_TRACK = Member("track", "track", WORDS, "give the id of the track", required=True)
_ON = Member("track", "track", WORDS, "id of the track")
_LENGTH = Member("d", "duration", TIME, "give the duration in milliseconds", required=True)
_MAYBE_LENGTH = Member("d", "duration", TIME, "milliseconds")
_START = Member("s", "start", TIME, "milliseconds on the timeline")
_SRC = Member("src", "src", WORDS, "file or address")
_REQUIRED_SRC = Member("src", "src", WORDS, "name a file", required=True)
_WORDING = Member("tx", "text", WORDS, "give the text", required=True)
_STYLE = Member("st", "style", _object(STYLE), "style of the text")
_MODE = word(CAPTION_MODES)
_LOUDNESS = (
    Member("vol", "volume", number(0, MAX_VOLUME), "amplitude factor"),
    Member("fi", "fade_in", TIME, "milliseconds"),
    Member("fo", "fade_out", TIME, "milliseconds"),
    Member("duck", "duck", FLAG, "becomes quieter while a voice sounds"),
    Member("loop", "loop", FLAG, "repeats until its end"),
)
_MOOD = Member("mood", "mood", WORDS, "what the music library looks for")

_CUE = Table(
    Caption,
    (
        Member("s", "start", TIME, "give the start in milliseconds", required=True),
        Member("e", "end", TIME, "give the end in milliseconds", required=True),
        _WORDING,
    ),
    "One caption.",
)


def _table(make: type[Any], *members: Member) -> Table[Any]:
    return Table(make, members, (make.__doc__ or "").partition("\n")[0])


TABLES: dict[str, Table[Any]] = {
    "add_photos": _table(AddPhotos, Member("src", "sources", _TEXTS, "name the files", required=True), _MAYBE_LENGTH),
    "set_motion": _table(SetMotion, Member("mo", "motion", _MOTION, "motion of the camera"), _TARGET),
    "set_duration": _table(SetDuration, _LENGTH),
    "set_segment_duration": _table(SetSegmentDuration, _LENGTH, _TARGET),
    "set_transition": _table(SetTransition, Member("tr", "transition", _TRANSITION, "the transition"), _TARGET),
    "set_title": _table(SetTitle, Member("title", "title", WORDS, "give the title", required=True)),
    "add_clip": _table(
        AddClip, _REQUIRED_SRC, _LENGTH, _ON, _START, Member("tt", "kind", _KIND, "type of the track"), _ID, _RIPPLE
    ),
    "remove_segments": _table(RemoveSegments, _IDS, _RIPPLE),
    "replace_source": _table(
        ReplaceSource, _SEGMENT, _REQUIRED_SRC, Member("keep_playback", "keep_playback", FLAG, "offsets and speed stay")
    ),
    "move_segment": _table(MoveSegment, _SEGMENT, _START, _ON, _RIPPLE),
    "trim_segment": _table(
        TrimSegment, _SEGMENT, _START, Member("e", "end", TIME, "milliseconds on the timeline"), _RIPPLE
    ),
    "split_segment": _table(
        SplitSegment, _SEGMENT, Member("at", "at", TIME, "give the time of the cut", required=True), _ID
    ),
    "reorder_segments": _table(
        ReorderSegments, Member("order", "order", _TEXTS, "give the ids in their new order", required=True)
    ),
    "set_placement": _table(
        SetPlacement,
        Member("pl", "placement", _object(PLACEMENT), "give the placement", required=True),
        _TARGET,
    ),
    "set_keyframes": _table(
        SetKeyframes, Member("kf", "keyframes", _list(KEYFRAME), "give the keyframes", required=True), _TARGET
    ),
    "set_playback": _table(
        SetPlayback, Member("playback", "playback", _strict(PLAYBACK), "give the playback", required=True), _TARGET
    ),
    "set_speed": _table(
        SetSpeed,
        Member("sp", "speed", rational(MIN_SPEED, MAX_SPEED), "give the speed as a factor", required=True),
        _TARGET,
        _RIPPLE,
    ),
    "set_sound": _table(SetSound, Member("sound", "sound", _strict(SOUND), "give the sound", required=True), _TARGET),
    "set_effects": _table(
        SetEffects, Member("ef", "effects", _list(EFFECT), "give the effects", required=True), _TARGET
    ),
    "add_effect": _table(AddEffect, Member("ef", "effect", _object(EFFECT), "give the effect", required=True), _TARGET),
    "remove_effect": _table(RemoveEffect, Member("fx", "name", word(EFFECTS), "name of the effect"), _TARGET),
    "add_text": _table(AddText, _WORDING, _START, _MAYBE_LENGTH, _STYLE, _ON, _ID),
    "set_text": _table(SetText, _SEGMENT, _WORDING),
    "set_text_style": _table(SetTextStyle, _STYLE, _TARGET),
    "add_captions": _table(
        AddCaptions,
        _SRC,
        Member("cues", "cues", _list(_CUE, read_strict), "captions one by one"),
        Member("captions", "mode", _MODE, "what becomes of them"),
        _STYLE,
        Member("lang", "language", WORDS, "language, BCP 47"),
        _ID,
    ),
    "set_caption_mode": _table(
        SetCaptionMode, Member("captions", "mode", _MODE, "say what becomes of them", required=True), _ON
    ),
    "add_music": _table(
        AddMusic, _SRC, _MOOD, *_LOUDNESS, _START, _MAYBE_LENGTH, Member("name", "name", WORDS, "of the track"), _ID
    ),
    "set_music": _table(SetMusic, _SRC, _MOOD, *_LOUDNESS),
    "remove_music": _table(RemoveMusic),
    "add_track": _table(
        AddTrack,
        Member("tt", "kind", _KIND, "type of the track"),
        Member("name", "name", WORDS, "of the track"),
        Member("index", "index", whole(0, MAX_TRACKS), "how many tracks lie below"),
        _ID,
    ),
    "remove_track": _table(RemoveTrack, _TRACK),
    "move_track": _table(
        MoveTrack,
        _TRACK,
        Member("index", "index", whole(0, MAX_TRACKS), "say how many tracks lie below", required=True),
    ),
}
"""By the stable name of the operation."""

EXPLICIT = {"set_motion": "mo", "set_transition": "tr", "set_text_style": "st"}
"""Members that are written also where they are null, because that is what the operation asks for."""
