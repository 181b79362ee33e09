"""Deciding about the music: which, how loud, from when to when."""

from fractions import Fraction

from engine.audio.library import find_moods
from engine.timeline import (
    AUDIO,
    AddMusic,
    MoveSegment,
    RemoveMusic,
    Segment,
    SetMusic,
    TrimSegment,
    sound_role,
)
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import chosen_shots
from pipelines.director.slots import Span, span_of
from pipelines.director.volume import is_moderate, sound_changes

DEFAULT_MOOD = "calm"
"""The music for "some music"."""


MOOD_REACH = 2
"""Words between a word for a mood and the word for music."""


def music_of(outcome: Outcome) -> Segment | None:
    """The draft's music."""
    return next((sound for sound in sounds_of(outcome) if sound_role(sound.sound, sound.meta) == "music"), None)


def sounds_of(outcome: Outcome) -> list[Segment]:
    """All that is heard beside the clips, track by track."""
    return [segment for track in outcome.draft.tracks if track.kind == AUDIO for segment in track.segments]


def audio_asset(outcome: Outcome, clause: Clause) -> str | None:
    """The name of the sound file that a clause names; None where it names none."""
    view = outcome.view
    places: list[int] = []
    for index in clause.find(view, "audio"):
        selection = view.terms[index].selection
        if selection is not None:
            places += selection.places
    found = [outcome.assets[place] for place in places if place < len(outcome.assets)]
    return next((asset.name for asset in found if asset.kind == "audio"), None)


def plan_music(outcome: Outcome, clause: Clause) -> None:
    """Add, change or take away the music as a clause asks."""
    view = outcome.view
    music = music_of(outcome)
    moderate = is_moderate(outcome, clause)
    compared = clause.negated and clause.find(view, "compare") and not clause.find(view, "object", "music")
    if clause.negated and not clause.act and clause.find(view, "moment", "start"):
        return  # "it should not start right away": what follows says when
    if compared and not clause.act:
        return  # "but it must not drown her": no wish to take it away
    if (clause.negated and not moderate) or clause.act == "remove" or clause.find(view, "act", "mute"):
        _remove_music(outcome, clause, music)
        return
    asset = audio_asset(outcome, clause)
    mood, unknown = _mood(outcome, clause)
    if unknown and asset is None:
        outcome.refuse(clause, outcome.say("say.no_such_music", words=unknown))
        return
    if music is None:
        if clause.find(view, "degree", "too") and clause.act == "":
            outcome.refuse(clause, outcome.say("say.no_music"))
            return
        if clause.follows or (clause.head is None and not mood):
            outcome.refuse(clause, outcome.say("say.no_music"))
            return
        if (
            clause.act != "add"
            and not mood
            and asset is None
            and sound_changes(outcome, clause, None)
            and clause.lead != "with"
        ):
            outcome.refuse(clause, outcome.say("say.no_music"))
            return
        _add_music(outcome, clause, asset, mood)
        return
    if mood or asset is not None:
        _swap_music(outcome, clause, music, asset, mood)
        return
    changes = sound_changes(outcome, clause, music)
    if "volume" in changes and _is_said_twice(outcome, clause, music, changes["volume"]):
        return
    moved = _retime(outcome, clause, music)
    if changes:
        if outcome.attempt(lambda: SetMusic(**changes), clause):  # type: ignore[arg-type]
            outcome.note("music", music_phrase(outcome))
    elif not moved:
        if clause.find(view, "compare", "later", "earlier") and any(
            each.find(view, "timing", "onward") for each in outcome.clauses
        ):
            return  # "it comes in too soon, wait until ...": what follows says when
        if clause.act == "add":
            outcome.note("music", music_phrase(outcome))
        elif _is_only_named(outcome, clause):
            return  # 音乐，等第二张出来再进
        elif clause.act in ("change", "replace"):
            _other_mood(outcome, clause, music)
        else:
            outcome.refuse(clause, "")


def _is_only_named(outcome: Outcome, clause: Clause) -> bool:
    """Whether a clause only names the music, and the next one says what about it."""
    small = ("object", "det", "filler")
    bare = all(outcome.view.category(index) in small for index in clause.indexes)
    following = outcome.clauses[outcome.clauses.index(clause) + 1 :]
    return bare and bool(following) and following[0].follows and following[0].domain == "sound"


def _is_said_twice(outcome: Outcome, clause: Clause, music: Segment, volume: object) -> bool:
    """ "it is too loud, turn it down" says one thing twice."""
    way = ("volume", clause.sentence, isinstance(volume, float) and volume > music.sound.volume)
    twice = clause.follows and way in outcome.done and bool(clause.find(outcome.view, "compare"))
    outcome.done.add(way)
    return twice


def _remove_music(outcome: Outcome, clause: Clause, music: Segment | None) -> None:
    if music is None:
        outcome.note("absent", outcome.say("say.absent", topic=outcome.say("phrase.topic.music")))
        return
    if clause.act == "" and clause.find(outcome.view, "fade") and clause.negated:
        if outcome.attempt(lambda: SetMusic(fade_in=Fraction(0), fade_out=Fraction(0)), clause):
            outcome.note("music", music_phrase(outcome))
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
        near = any(abs(index - head) <= MOOD_REACH for head in heads)
        asked = clause.act in ("add", "change", "replace") and view.category(index) in ("unknown", "speed", "look")
        if index in heads or not (near or asked) or view.category(index + 1) == "fade":
            continue
        if view.category(index) in ("unknown", "speed", "ease", "amount", "filler", "look"):
            found = find_moods(view.words(index, index))
            if found and view.words(index, index).casefold() not in ("background", "soft", "music"):
                return found[0].name, ""
    return "", ""


def _add_music(outcome: Outcome, clause: Clause, asset: str | None, mood: str) -> None:
    if not mood and asset is None:
        files = [each.name for each in outcome.assets if each.kind == "audio"]
        own = bool(clause.find(outcome.view, "own") + clause.find(outcome.view, "det", "my"))
        unused = [name for name in files if not any(sound.src == outcome.source(name) for sound in sounds_of(outcome))]
        if own and unused:
            asset = unused[0]
        else:
            mood = DEFAULT_MOOD
            name = outcome.say(f"phrase.mood.{mood}")
            outcome.choices.append(outcome.say("say.choice_mood", mood=name))
    changes = sound_changes(outcome, clause, None)
    span = span_of(outcome.view, clause)
    start, length = span.on(outcome.draft.duration)
    if span.bare:
        length = None
    if span.moment == "end" and start is None:
        start, length = None, None
    src = None if asset is None else outcome.source(asset)
    changes |= {"start": start or Fraction(0), "duration": length}
    if outcome.attempt(lambda: AddMusic(src, mood or None, **changes), clause):  # type: ignore[arg-type]
        outcome.note("music", music_phrase(outcome))


def _swap_music(outcome: Outcome, clause: Clause, music: Segment, asset: str | None, mood: str) -> None:
    changes = sound_changes(outcome, clause, music)
    if asset is not None and music.src == outcome.source(asset) and not changes:
        _retime(outcome, clause, music)
        return
    src = None if asset is None else outcome.source(asset)
    if outcome.attempt(lambda: SetMusic(src, mood or None, **changes), clause):  # type: ignore[arg-type]
        outcome.note("music", music_phrase(outcome))
        _retime(outcome, clause, music)


def _other_mood(outcome: Outcome, clause: Clause, music: Segment) -> None:
    """Other music, where nothing says which."""
    now = str(music.meta.get("mood", ""))
    mood = next(name for name in ("upbeat", "calm", "acoustic") if name != now)
    if outcome.attempt(lambda: SetMusic(mood=mood), clause):
        outcome.choices.append(outcome.say("say.choice_mood", mood=outcome.say(f"phrase.mood.{mood}")))
        outcome.note("music", music_phrase(outcome))


def _retime(outcome: Outcome, clause: Clause, music: Segment) -> bool:
    """Let music start or end where the clause says."""
    span: Span = span_of(outcome.view, clause)
    total = outcome.draft.duration
    ways = clause.find(outcome.view, "direction", "in", "out")
    onward = clause.find(outcome.view, "timing", "onward")
    chosen = clause.selection is not None and clause.selection.noun not in ("asset", "object")
    begins = chosen and bool(
        clause.find(outcome.view, "prep", "from", "with", "at", "on")
        or onward
        or clause.find(outcome.view, "moment", "start", "on")
    )
    if (
        not (span.given() or onward or begins)
        or span.bare
        or clause.find(outcome.view, "fade")
        or (clause.follows and ways)
    ):
        return False
    start, length = span.on(total)
    if clause.selection is not None and (begins or onward):
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
        outcome.note("music", music_phrase(outcome))
    return done


def music_phrase(outcome: Outcome) -> str:
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
