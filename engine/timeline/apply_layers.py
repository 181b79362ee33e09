"""Carrying out the operations that change how segments look, play and sound."""

from dataclasses import replace

from engine.timeline.arrange import edit_segments
from engine.timeline.draft import AUDIO, VIDEO, Draft, Segment, Transition
from engine.timeline.effects import Effect
from engine.timeline.playback import Playback, Sound
from engine.timeline.target import Target


def set_transition(draft: Draft, transition: Transition | None, target: Target) -> Draft:
    """See :class:`engine.timeline.SetTransition`."""
    # The last clip of a track has no next one: a transition there would only confuse whoever reads the draft.
    last = {track.segments[-1].id for track in draft.tracks if track.segments}
    return edit_segments(
        draft,
        target,
        lambda segment: segment if segment.id in last else replace(segment, transition=transition),
    )


def set_playback(draft: Draft, playback: Playback, target: Target) -> Draft:
    """See :class:`engine.timeline.SetPlayback`."""
    return edit_segments(
        draft, target, lambda segment: replace(segment, playback=playback), (VIDEO, AUDIO), default_kinds=(VIDEO,)
    )


def set_sound(draft: Draft, sound: Sound, target: Target) -> Draft:
    """See :class:`engine.timeline.SetSound`."""
    return edit_segments(
        draft, target, lambda segment: replace(segment, sound=sound), (VIDEO, AUDIO), default_kinds=(AUDIO,)
    )


def add_effect(draft: Draft, effect: Effect, target: Target) -> Draft:
    """See :class:`engine.timeline.AddEffect`."""

    def change(segment: Segment) -> Segment:
        if not any(old.name == effect.name for old in segment.effects):
            return replace(segment, effects=(*segment.effects, effect))
        first = next(place for place, old in enumerate(segment.effects) if old.name == effect.name)
        kept = [old for place, old in enumerate(segment.effects) if old.name != effect.name or place == first]
        return replace(segment, effects=tuple(effect if old.name == effect.name else old for old in kept))

    return edit_segments(draft, target, change)


def remove_effect(draft: Draft, name: str | None, target: Target) -> Draft:
    """See :class:`engine.timeline.RemoveEffect`."""
    return edit_segments(
        draft,
        target,
        lambda segment: replace(
            segment, effects=() if name is None else tuple(old for old in segment.effects if old.name != name)
        ),
    )
