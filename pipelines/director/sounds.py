"""Deciding about what is heard: music, voices, the clips' own sound."""

from dataclasses import replace
from fractions import Fraction

from engine.audio.library import find_moods
from engine.timeline import (
    AUDIO,
    AddClip,
    AddMusic,
    MoveSegment,
    RemoveMusic,
    RemoveSegments,
    Segment,
    SetMusic,
    SetSound,
    Sound,
    TrimSegment,
    sound_role,
)
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import chosen_shots, is_clip
from pipelines.director.slots import Span, degree_in, factor_in, length_in, share_in, span_of

DEFAULT_MOOD = "calm"
"""The music for "some music"."""

STEPS = {"": 1.5, "little": 1.25, "strong": 2.0}
"""Factors of "louder" by its degree."""

QUIET, LOUD = 0.2, 0.8
"""Volumes of "quiet music" and "loud music"."""

MAX_VOLUME = 2.0

MOOD_REACH = 2
"""Words between a word for a mood and the word for music."""

FADE = Fraction(2)
"""Seconds of a fade that was asked for without a length."""


def plan_sound(outcome: Outcome, clause: Clause) -> None:
    """Add, change or take away music and sounds as a clause asks."""
    what = _what(outcome, clause)
    if what == "music":
        _plan_music(outcome, clause)
    else:
        _plan_sounds(outcome, clause, what)


def music_of(outcome: Outcome) -> Segment | None:
    """The draft's music."""
    return next((sound for sound in _sounds(outcome) if sound_role(sound.sound, sound.meta) == "music"), None)


def _sounds(outcome: Outcome) -> list[Segment]:
    return [segment for track in outcome.draft.tracks if track.kind == AUDIO for segment in track.segments]


def _what(outcome: Outcome, clause: Clause) -> str:
    """``music``, ``voice`` or ``sound`` (of the clips and everything else)."""
    view = outcome.view
    named = [view.value(index) for index in clause.find(view, "object", "music", "voice", "sound")]
    asset = _audio_asset(outcome, clause)
    if clause.follows and not named and clause.find(view, "filler", "video"):
        return "sound"  # "mute the voice, the clip at 60 %"
    if "music" in named or clause.find(view, "act", "duck"):
        return "music"
    if clause.selection is not None and clause.selection.noun == "asset" and asset is None:
        return "sound"
    if "voice" in named:
        return "voice"
    if asset is not None:
        return "music" if not any(sound.src == outcome.source(asset) for sound in _sounds(outcome)) else "sound"
    if "sound" in named or clause.find(view, "act", "mute", "unmute"):
        return "sound"
    return "music"


def _audio_asset(outcome: Outcome, clause: Clause) -> str | None:
    view = outcome.view
    places: list[int] = []
    for index in clause.find(view, "audio"):
        selection = view.terms[index].selection
        if selection is not None:
            places += selection.places
    found = [outcome.assets[place] for place in places if place < len(outcome.assets)]
    return next((asset.name for asset in found if asset.kind == "audio"), None)


def _plan_music(outcome: Outcome, clause: Clause) -> None:
    view = outcome.view
    music = music_of(outcome)
    moderate = _is_moderate(outcome, clause)
    if (clause.negated and not moderate) or clause.act == "remove" or clause.find(view, "act", "mute"):
        _remove_music(outcome, clause, music)
        return
    asset = _audio_asset(outcome, clause)
    mood, unknown = _mood(outcome, clause)
    if unknown and asset is None:
        outcome.refuse(clause, outcome.say("say.no_such_music", words=unknown))
        return
    if music is None:
        if clause.follows or (clause.head is None and not mood):
            outcome.refuse(clause, outcome.say("say.no_music"))
            return
        if (
            clause.act != "add"
            and not mood
            and asset is None
            and _changes(outcome, clause, None)
            and clause.lead != "with"
        ):
            outcome.refuse(clause, outcome.say("say.no_music"))
            return
        _add_music(outcome, clause, asset, mood)
        return
    if mood or asset is not None:
        _swap_music(outcome, clause, music, asset, mood)
        return
    changes = _changes(outcome, clause, music)
    moved = _retime(outcome, clause, music)
    if changes:
        if outcome.attempt(lambda: SetMusic(**changes), clause):  # type: ignore[arg-type]
            outcome.note("music", _phrase(outcome))
    elif not moved:
        if clause.find(view, "compare", "later", "earlier") and any(
            each.find(view, "timing", "onward") for each in outcome.clauses
        ):
            return  # "it comes in too soon, wait until ...": what follows says when
        if clause.act == "add":
            outcome.note("music", _phrase(outcome))
        elif clause.act in ("change", "replace"):
            _other_mood(outcome, clause, music)
        else:
            outcome.refuse(clause, "")


def _is_moderate(outcome: Outcome, clause: Clause) -> bool:
    """ "not too loud": the music stays."""
    view = outcome.view
    negations = clause.find(view, "negation")
    return bool(negations) and any(
        view.category(index) == "degree" and index > negations[0] for index in clause.indexes
    )


def _remove_music(outcome: Outcome, clause: Clause, music: Segment | None) -> None:
    if music is None:
        outcome.note("absent", outcome.say("say.absent", topic=outcome.say("phrase.topic.music")))
        return
    if clause.act == "" and clause.find(outcome.view, "fade") and clause.negated:
        if outcome.attempt(lambda: SetMusic(fade_in=Fraction(0), fade_out=Fraction(0)), clause):
            outcome.note("music", _phrase(outcome))
        return
    if outcome.attempt(RemoveMusic, clause):
        outcome.note("music", outcome.say("say.music_gone"))


def _mood(outcome: Outcome, clause: Clause) -> tuple[str, str]:
    """The mood that the words name, and the words that name music which we do not have."""
    view = outcome.view
    moods = [view.value(index) for index in clause.find(view, "mood")]
    named = [mood for mood in moods if not mood.startswith("none")]
    if named:
        return named[-1], ""  # "piano, something calm": what is said last says more
    missing = [index for index in clause.find(view, "mood") if view.value(index).startswith("none")]
    if missing:
        return "", view.words(missing[0], missing[0])
    heads = clause.find(view, "object", "music")
    for index in clause.indexes:
        if index in heads or not any(abs(index - head) <= MOOD_REACH for head in heads):
            continue
        if view.category(index) in ("unknown", "speed", "ease", "amount", "filler", "look"):
            found = find_moods(view.words(index, index))
            if found and view.words(index, index).casefold() not in ("background", "soft", "music"):
                return found[0].name, ""
    return "", ""


def _changes(outcome: Outcome, clause: Clause, music: Segment | None) -> dict[str, object]:
    """What a clause says about volume, fades and ducking, as values of ``SetMusic``."""
    view = outcome.view
    found: dict[str, object] = {}
    volume = _volume(outcome, clause, music.sound.volume if music is not None else None)
    if volume is not None:
        found["volume"] = volume
    for index in clause.find(view, "fade"):
        behind = [each for each in clause.indexes if each > index]
        ways = {view.value(each) for each in behind if view.category(each) == "direction"}
        value = view.value(index)
        before = [each for each in clause.indexes if index - 3 <= each < index]
        seconds = length_in(view, behind) or length_in(view, before) or FADE
        if value in ("in", "in_out") or "in" in ways or (value == "any" and not ways):
            found["fade_in"] = seconds
        if value in ("out", "in_out", "black") or "out" in ways or (value == "any" and not ways):
            found["fade_out"] = seconds
    if clause.follows and not clause.find(view, "fade"):
        # "fade it in for 1 s" ... "and out for 2 s"
        for index in clause.find(view, "direction", "in", "out"):
            seconds = length_in(view, clause.indexes) or FADE
            found["fade_in" if view.value(index) == "in" else "fade_out"] = seconds
    if clause.find(view, "act", "duck"):
        found["duck"] = not clause.negated
    if clause.find(view, "act", "loop"):
        found["loop"] = not clause.negated
    return found


def _volume(outcome: Outcome, clause: Clause, now: float | None) -> float | None:
    view = outcome.view
    louder = clause.find(view, "compare", "louder", "higher", "more", "stronger", "bigger") + clause.find(
        view, "direction", "up"
    )
    quieter = clause.find(view, "compare", "quieter", "lower", "less", "weaker", "smaller")
    quieter += clause.find(view, "direction", "down")
    for index in clause.find(view, "object", "volume"):
        number = view.skip(index + 1, "filler", "prep", "act")
        if view.category(number) == "number" and view.category(number + 1) != "unit":
            said = float(view.terms[number].number)
            if said > MAX_VOLUME:
                return _bounded(said / 100)
            if said < 1:
                return _bounded(said)
    share, factor = share_in(view, clause), factor_in(view, clause)
    is_to = share is not None and not _is_by(outcome, clause)
    if (share is not None and is_to and not (louder or quieter)) or (
        share is not None and is_to and _has_to(outcome, clause)
    ):
        return _bounded(float(share))
    if louder or quieter:
        if _is_moderate(outcome, clause):
            return QUIET if louder else (now or QUIET) * STEPS["little"]
        base = 0.35 if now is None else now
        step = STEPS[degree_in(view, clause)]
        if share is not None:
            step = 1 + float(share) if louder else 1 / max(1 - float(share), 0.05)
        elif factor is not None and factor > 0:
            step = float(max(factor, 1 / factor))
        return _bounded(base * step if louder else base / step)
    if factor is not None and factor > 0 and now is not None and clause.find(view, "object", "volume"):
        return _bounded(now * float(factor))
    levels = clause.find(view, "level")
    if levels and factor is not None and now is not None:
        return _bounded(now * float(factor))
    if levels:
        value = view.value(levels[0])
        if value == "loud":
            return QUIET if clause.negated or _is_moderate(outcome, clause) else LOUD
        if value == "full":
            return 1.0
        return QUIET
    return None


def _is_by(outcome: Outcome, clause: Clause) -> bool:
    view = outcome.view
    for index in clause.find(view, "number"):
        before = view.skip_back(index - 1, "det", "filler")
        if (view.category(before), view.value(before)) == ("prep", "by"):
            return True
    return bool(clause.find(view, "compare"))


def _has_to(outcome: Outcome, clause: Clause) -> bool:
    view = outcome.view
    for index in clause.find(view, "number"):
        before = view.skip_back(index - 1, "det", "filler")
        if (view.category(before), view.value(before)) in (("prep", "to"), ("prep", "at"), ("act", "change")):
            return True
    return False


def _bounded(volume: float) -> float:
    return round(min(max(volume, 0.0), MAX_VOLUME), 3)


def _add_music(outcome: Outcome, clause: Clause, asset: str | None, mood: str) -> None:
    if not mood and asset is None:
        files = [each.name for each in outcome.assets if each.kind == "audio"]
        own = bool(clause.find(outcome.view, "own") + clause.find(outcome.view, "det", "my"))
        unused = [name for name in files if not any(sound.src == outcome.source(name) for sound in _sounds(outcome))]
        if own and unused:
            asset = unused[0]
        else:
            mood = DEFAULT_MOOD
            name = outcome.say(f"phrase.mood.{mood}")
            outcome.choices.append(outcome.say("say.choice_mood", mood=name))
    changes = _changes(outcome, clause, None)
    span = span_of(outcome.view, clause)
    start, length = span.on(outcome.draft.duration)
    if span.bare:
        length = None
    if span.moment == "end" and start is None:
        start, length = None, None
    src = None if asset is None else outcome.source(asset)
    changes |= {"start": start or Fraction(0), "duration": length}
    if outcome.attempt(lambda: AddMusic(src, mood or None, **changes), clause):  # type: ignore[arg-type]
        outcome.note("music", _phrase(outcome))


def _swap_music(outcome: Outcome, clause: Clause, music: Segment, asset: str | None, mood: str) -> None:
    changes = _changes(outcome, clause, music)
    if asset is not None and music.src == outcome.source(asset) and not changes:
        _retime(outcome, clause, music)
        return
    src = None if asset is None else outcome.source(asset)
    if outcome.attempt(lambda: SetMusic(src, mood or None, **changes), clause):  # type: ignore[arg-type]
        outcome.note("music", _phrase(outcome))
        _retime(outcome, clause, music)


def _other_mood(outcome: Outcome, clause: Clause, music: Segment) -> None:
    """Other music, where nothing says which."""
    now = str(music.meta.get("mood", ""))
    mood = next(name for name in ("upbeat", "calm", "acoustic") if name != now)
    if outcome.attempt(lambda: SetMusic(mood=mood), clause):
        outcome.choices.append(outcome.say("say.choice_mood", mood=outcome.say(f"phrase.mood.{mood}")))
        outcome.note("music", _phrase(outcome))


def _retime(outcome: Outcome, clause: Clause, music: Segment) -> bool:
    """Let music start or end where the clause says."""
    span: Span = span_of(outcome.view, clause)
    total = outcome.draft.duration
    ways = clause.find(outcome.view, "direction", "in", "out")
    onward = clause.find(outcome.view, "timing", "onward")
    if not (span.given() or onward) or span.bare or clause.find(outcome.view, "fade") or (clause.follows and ways):
        return False
    start, length = span.on(total)
    if clause.selection is not None and clause.find(outcome.view, "timing", "onward"):
        shots = chosen_shots(outcome, clause)
        start = shots[0].start if shots else None
    done = False
    if start is not None and start != music.start and start < total:
        done = outcome.attempt(lambda: TrimSegment(music.id, start=start), clause)
        if not done:
            done = outcome.attempt(lambda: MoveSegment(music.id, start), clause)
    if length is not None:
        begin = start if start is not None else music.start
        if begin + length < music.end:
            done = outcome.attempt(lambda: TrimSegment(music.id, end=begin + length), clause) or done
    if done:
        outcome.note("music", _phrase(outcome))
    return done


def _phrase(outcome: Outcome) -> str:
    """The music that there is, in words."""
    music = music_of(outcome)
    if music is None:
        return outcome.say("say.music_gone")
    mood = music.meta.get("mood")
    if music.src:
        name = music.src.rsplit("/", 1)[-1]
    else:
        name = outcome.say(f"phrase.mood.{mood}") if f"phrase.mood.{mood}" in outcome.lexicon.texts else str(mood)
    return outcome.say("say.music", name=name, volume=f"{100 * music.sound.volume:.0f}")


def _plan_sounds(outcome: Outcome, clause: Clause, what: str) -> None:
    """Voices, and the sound of clips."""
    view = outcome.view
    asset = _audio_asset(outcome, clause)
    present = [sound for sound in _sounds(outcome) if asset is None or sound.src == outcome.source(asset)]
    voices = [sound for sound in present if sound_role(sound.sound, sound.meta) != "music"]
    removing = clause.act == "remove" or (clause.negated and not _is_moderate(outcome, clause))
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
            changes = _changes(outcome, clause, target)
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
    sounds = _sounds(outcome)
    if not sounds:
        if removing or clause.find(outcome.view, "act", "mute"):
            outcome.note("absent", outcome.say("say.absent", topic=outcome.say("phrase.topic.sound")))
        else:
            outcome.refuse(clause, outcome.say("say.no_sound"))
        return
    silent = removing or bool(clause.find(outcome.view, "act", "mute"))
    for each in sounds:
        volume = 0.0 if silent else _volume(outcome, clause, each.sound.volume)
        if clause.find(outcome.view, "act", "unmute"):
            volume = 1.0
        if volume is None:
            outcome.refuse(clause, "")
            return
        new: Sound = replace(each.sound, volume=volume)
        outcome.attempt(lambda new=new, each=each: SetSound(new, (each.id,)), clause)  # type: ignore[misc]
    outcome.note("sound", outcome.say("say.sound_off") if silent else _phrase(outcome))
