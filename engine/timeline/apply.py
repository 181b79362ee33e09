"""Carrying out edit operations: pure functions from draft to draft."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from engine.motion import Motion
from engine.timeline import apply_clips as clips
from engine.timeline import apply_layers as layers
from engine.timeline import apply_sounds as sounds
from engine.timeline import apply_texts as texts
from engine.timeline import apply_tracks as tracks
from engine.timeline.apply_lengths import set_segment_duration, set_speed, spread
from engine.timeline.arrange import edit_segments
from engine.timeline.canvas import Canvas
from engine.timeline.clip_operations import (
    AddClip,
    AddSegment,
    MoveSegment,
    RemoveSegments,
    ReorderSegments,
    ReplaceSource,
    SplitSegment,
    TrimSegment,
)
from engine.timeline.codec import mirrored
from engine.timeline.draft import Draft, Segment
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
from engine.timeline.operations import (
    AddPhotos,
    Operation,
    SetCanvas,
    SetDuration,
    SetFit,
    SetFrameRate,
    SetMotion,
    SetSegmentDuration,
    SetTitle,
    SetTransition,
)
from engine.timeline.sound_operations import AddMusic, RemoveMusic, SetMusic
from engine.timeline.text_operations import AddCaptions, AddText, SetCaptionMode, SetText, SetTextStyle
from engine.timeline.track_operations import AddTrack, MoveTrack, RemoveTrack, Restore


def apply(draft: Draft, operation: Operation) -> Draft:
    """The draft after one operation.

    Times and durations of the operation are rounded to the grid of a millisecond.

    Raises:
        DraftError: the operation does not fit the draft.
    """
    match operation:
        case SetCanvas(canvas):
            return _set_canvas(draft, canvas, draft.frame_rate)
        case SetFrameRate(rate):
            return _set_canvas(draft, draft.canvas, rate)
        case SetTitle(title):
            return replace(draft, meta=dict(draft.meta) | {"title": title})
        case SetDuration() | SetSegmentDuration() | SetSpeed():
            return _lengths(draft, operation)
        case (
            AddPhotos()
            | AddClip()
            | AddSegment()
            | RemoveSegments()
            | MoveSegment()
            | TrimSegment()
            | SplitSegment()
            | ReorderSegments()
        ):
            return _clips(draft, operation)
        case ReplaceSource():
            return clips.replace_source(draft, operation)
        case SetMotion(motion, target):
            return edit_segments(draft, target, lambda segment: _with_motion(segment, motion))
        case SetFit(fit, target):
            return edit_segments(draft, target, lambda segment: replace(segment, fit=fit))
        case SetPlacement(placement, target):
            return edit_segments(draft, target, lambda segment: replace(segment, placement=placement))
        case SetKeyframes(keyframes, target):
            return edit_segments(draft, target, lambda segment: replace(segment, keyframes=keyframes))
        case SetEffects(effects, target):
            return edit_segments(draft, target, lambda segment: replace(segment, effects=effects))
        case SetTransition() | SetPlayback() | SetSound() | AddEffect() | RemoveEffect():
            return _layers(draft, operation)
        case AddText() | SetText() | SetTextStyle() | AddCaptions() | SetCaptionMode():
            return _texts(draft, operation)
        case AddMusic():
            return sounds.add_music(draft, operation)
        case SetMusic():
            return sounds.set_music(draft, operation)
        case RemoveMusic():
            return sounds.remove_music(draft)
        case AddTrack():
            return tracks.add_track(draft, operation)
        case RemoveTrack(track):
            return tracks.remove_track(draft, track)
        case MoveTrack(track, index):
            return tracks.move_track(draft, track, index)
        case Restore():
            return tracks.restore(draft, operation)


def apply_all(draft: Draft, operations: Iterable[Operation]) -> Draft:
    """The draft after all operations, in their order."""
    for operation in operations:
        draft = apply(draft, operation)
    return draft


def _set_canvas(draft: Draft, canvas: Canvas, rate: Fraction) -> Draft:
    return replace(draft, canvas=canvas, frame_rate=rate, meta=mirrored(draft.meta, canvas, rate))


def _with_motion(segment: Segment, motion: Motion | None) -> Segment:
    extra = {} if motion is None else segment.motion_extra
    return replace(segment, motion=motion, motion_extra=extra)


def _lengths(draft: Draft, operation: SetDuration | SetSegmentDuration | SetSpeed) -> Draft:
    match operation:
        case SetDuration(duration):
            return spread(draft, duration)
        case SetSegmentDuration(duration, target):
            return set_segment_duration(draft, duration, target)
        case SetSpeed():
            return set_speed(draft, operation)


def _clips(
    draft: Draft,
    operation: AddPhotos
    | AddClip
    | AddSegment
    | RemoveSegments
    | MoveSegment
    | TrimSegment
    | SplitSegment
    | ReorderSegments,
) -> Draft:
    match operation:
        case AddPhotos():
            return clips.add_photos(draft, operation)
        case AddClip():
            return clips.add_clip(draft, operation)
        case AddSegment():
            return clips.add_segment(draft, operation)
        case RemoveSegments(target, ripple):
            return clips.remove_segments(draft, target, ripple)
        case MoveSegment():
            return clips.move_segment(draft, operation)
        case TrimSegment():
            return clips.trim_segment(draft, operation)
        case SplitSegment():
            return clips.split_segment(draft, operation)
        case ReorderSegments(order):
            return clips.reorder_segments(draft, order)


def _layers(draft: Draft, operation: SetTransition | SetPlayback | SetSound | AddEffect | RemoveEffect) -> Draft:
    match operation:
        case SetTransition(transition, target):
            return layers.set_transition(draft, transition, target)
        case SetPlayback(playback, target):
            return layers.set_playback(draft, playback, target)
        case SetSound(sound, target):
            return layers.set_sound(draft, sound, target)
        case AddEffect(effect, target):
            return layers.add_effect(draft, effect, target)
        case RemoveEffect(name, target):
            return layers.remove_effect(draft, name, target)


def _texts(draft: Draft, operation: AddText | SetText | SetTextStyle | AddCaptions | SetCaptionMode) -> Draft:
    match operation:
        case AddText():
            return texts.add_text(draft, operation)
        case SetText(segment, text):
            return texts.set_text(draft, segment, text)
        case SetTextStyle(style, target):
            return texts.set_text_style(draft, style, target)
        case AddCaptions():
            return texts.add_captions(draft, operation)
        case SetCaptionMode(mode, track):
            return texts.set_caption_mode(draft, mode, track)
