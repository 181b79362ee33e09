"""Deciding about what is heard: music, voices, the clips' own sound."""

from dataclasses import replace
from fractions import Fraction

from engine.timeline import (
    AUDIO,
    AddClip,
    MoveSegment,
    RemoveSegments,
    Segment,
    SetSound,
    Sound,
    sound_role,
)
from pipelines.director.clauses import Clause
from pipelines.director.music import audio_asset, music_phrase, plan_music, sounds_of
from pipelines.director.outcome import Outcome
from pipelines.director.shots import chosen_shots, is_clip
from pipelines.director.slots import Span, length_in, span_of
from pipelines.director.volume import is_moderate, sound_changes, volume_in


def plan_sound(outcome: Outcome, clause: Clause) -> None:
    """Add, change or take away music and sounds as a clause asks."""
    if clause.find(outcome.view, "object", "pause"):
        outcome.refuse(clause, outcome.say("reason.pause"))
        return
    what = _what(outcome, clause)
    outcome.memory.sound = what
    if what == "music":
        plan_music(outcome, clause)
    else:
        _plan_sounds(outcome, clause, what)


def _what(outcome: Outcome, clause: Clause) -> str:
    """``music``, ``voice`` or ``sound`` (of the clips and everything else)."""
    view = outcome.view
    named = [view.value(index) for index in clause.find(view, "object", "music", "voice", "sound")]
    asset = audio_asset(outcome, clause)
    if clause.follows and not named and clause.find(view, "filler", "video", "clip"):
        return "sound"  # "mute the voice, the clip at 60 %"
    if "music" in named or clause.find(view, "act", "duck"):
        return "music"
    if clause.selection is not None and clause.selection.noun == "asset" and asset is None:
        return "sound"
    if "voice" in named:
        return "voice"
    if asset is not None:
        return "music" if not any(sound.src == outcome.source(asset) for sound in sounds_of(outcome)) else "sound"
    if "sound" in named or clause.find(view, "act", "mute", "unmute"):
        return "sound"
    return (outcome.memory.sound if clause.follows else "") or "music"


def _plan_sounds(outcome: Outcome, clause: Clause, what: str) -> None:
    """Voices, and the sound of clips."""
    view = outcome.view
    asset = audio_asset(outcome, clause)
    present = [sound for sound in sounds_of(outcome) if asset is None or sound.src == outcome.source(asset)]
    voices = [sound for sound in present if sound_role(sound.sound, sound.meta) != "music"]
    removing = clause.act == "remove" or (clause.negated and not is_moderate(outcome, clause))
    if asset is not None and not voices and not removing:
        duration = Fraction(next(each.duration for each in outcome.assets if each.name == asset)).limit_denominator(
            1000
        )
        start, length = span_of(view, clause).on(outcome.draft.duration)
        seconds = length or duration or outcome.draft.duration
        if outcome.attempt(lambda: AddClip(outcome.source(asset), seconds, start=start, kind=AUDIO), clause):
            outcome.note("sound", outcome.say("say.sound_new", name=asset))
        return
    if what == "voice" and removing:
        if not voices:
            outcome.note("absent", outcome.say("say.absent", topic=outcome.say("phrase.topic.voice")))
        elif outcome.attempt(lambda: RemoveSegments(tuple(voice.id for voice in voices)), clause):
            outcome.note("sound", outcome.say("say.sound_gone"))
        return
    if what == "voice" and not voices:
        outcome.refuse(clause, outcome.say("reason.voice"))
        return
    clips = [shot for shot in chosen_shots(outcome, clause) if is_clip(outcome, shot)]
    targets = voices if what == "voice" or asset is not None else clips
    if what == "sound" and not clips and clause.selection is None:
        _all_sound(outcome, clause, removing)
        return
    if not targets:
        outcome.refuse(clause, outcome.say("say.no_sound"))
        return
    if not removing and _move_sounds(outcome, clause, targets):
        return
    for target in targets:
        sound = target.sound
        if removing or clause.find(view, "act", "mute"):
            sound = replace(sound, volume=0.0)
        elif clause.find(view, "act", "unmute"):
            sound = replace(sound, volume=1.0)
        else:
            changes = sound_changes(outcome, clause, target)
            known = {name: changes[name] for name in ("volume", "fade_in", "fade_out") if name in changes}
            sound = replace(sound, **known)  # type: ignore[arg-type]  # the values are of those members
        if sound == target.sound:
            if asset is not None and what == "voice":
                break  # "use voice.wav as narration": it is already
            outcome.refuse(clause, "")
            return
        if not outcome.attempt(lambda sound=sound, target=target: SetSound(sound, (target.id,)), clause):  # type: ignore[misc]
            return
    outcome.note(
        "sound", outcome.say("say.sound_set", name=", ".join((t.src or t.id).rsplit("/", 1)[-1] for t in targets))
    )


def _move_sounds(outcome: Outcome, clause: Clause, targets: list[Segment]) -> bool:
    """Let a voice start at another time."""
    span = span_of(outcome.view, clause)
    start, _ = span.on(outcome.draft.duration)
    for index in clause.find(outcome.view, "compare", "earlier", "later"):
        step = length_in(outcome.view, clause.indexes) or Fraction(1)
        later = outcome.view.value(index) == "later"
        start, span = max(targets[0].start + (step if later else -step), Fraction(0)), Span(start=step)
    if start is None or span.bare or clause.find(outcome.view, "fade") or len(targets) != 1:
        return False
    if outcome.attempt(lambda: MoveSegment(targets[0].id, start), clause):
        outcome.note("sound", outcome.say("say.sound_new", name=(targets[0].src or "").rsplit("/", 1)[-1]))
    return True


def _all_sound(outcome: Outcome, clause: Clause, removing: bool) -> None:
    """ "mute it", "turn the sound down": all that is heard."""
    sounds = sounds_of(outcome)
    if not sounds:
        if removing or clause.find(outcome.view, "act", "mute"):
            outcome.note("absent", outcome.say("say.absent", topic=outcome.say("phrase.topic.sound")))
        else:
            outcome.refuse(clause, outcome.say("say.no_sound"))
        return
    silent = removing or bool(clause.find(outcome.view, "act", "mute"))
    for each in sounds:
        volume = 0.0 if silent else volume_in(outcome, clause, each.sound.volume)
        if clause.find(outcome.view, "act", "unmute"):
            volume = 1.0
        if volume is None:
            outcome.refuse(clause, "")
            return
        new: Sound = replace(each.sound, volume=volume)
        outcome.attempt(lambda new=new, each=each: SetSound(new, (each.id,)), clause)  # type: ignore[misc]
    outcome.note("sound", outcome.say("say.sound_off") if silent else music_phrase(outcome))
