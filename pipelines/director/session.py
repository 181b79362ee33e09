"""Answers that are no edits: greetings, help, questions about the timeline and about costs, requests from elsewhere."""

from fractions import Fraction

from engine.motion import Motion
from engine.timeline import Segment, apply_all, aspect_name, plain_number
from pipelines.director.clauses import Clause
from pipelines.director.motion_words import motion_phrase
from pipelines.director.moves import NAMED_MOVES, VERBS
from pipelines.director.music import music_of, sounds_of
from pipelines.director.outcome import Outcome
from pipelines.director.shots import chosen_shots, main_shots
from pipelines.director.text_times import texts_of

ANSWERS = ("greeting", "thanks", "help", "costs", "outside", "export")


def plan_session(outcome: Outcome, clause: Clause) -> None:
    """Answer what is no instruction."""
    view = outcome.view
    value = view.value(clause.head) if clause.head is not None else ""
    category = view.category(clause.head) if clause.head is not None else ""
    if category in ("question", "asking"):
        chosen = chosen_shots(outcome, clause) if clause.selection is not None else []
        _answer(outcome, _question(outcome, clause, value), chosen, each=bool(clause.find(view, "scope", "each")))
        return
    if category == "act" and value == "export":
        _say(outcome, "export", "say.export")
        outcome.refused.append((clause.first, outcome.words(clause), outcome.say("reason.export")))
        return
    if category == "act":
        _step(outcome, clause, value)
        return
    kind = {"greet": "greeting", "thanks": "greeting", "help": "help", "costs": "costs", "outside": "outside"}.get(
        value
    )
    if kind is None:
        return
    if kind == "outside":
        outcome.refused.append((clause.first, outcome.words(clause), outcome.say("reason.outside")))
    _say(outcome, kind, f"say.{value}")


def _step(outcome: Outcome, clause: Clause, act: str) -> None:
    """Take steps back, or do them again."""
    history = outcome.history
    if outcome.undone or outcome.redone:
        return  # "oops wrong one, bring it back" is one wish
    steps = () if history is None else (history.undone if act == "redo" else history.done[::-1])
    if not steps:
        outcome.kind = act
        outcome.refuse(clause, outcome.say("say.nothing_redo" if act == "redo" else "say.nothing_undo"))
        return
    numbers = [int(outcome.view.terms[index].number) for index in clause.find(outcome.view, "number")]
    count = len(steps) if act == "restart" else min(max([1, *numbers]), len(steps))
    for step in steps[:count]:
        operations = step.operations if act == "redo" else step.inverse
        outcome.draft = apply_all(outcome.draft, operations)
        outcome.operations += operations
        outcome.history_operations += len(operations)
    if act == "redo":
        outcome.redone += count
    else:
        outcome.undone += count
    outcome.kind = act
    outcome.answers.append(outcome.say({"undo": "say.undone", "redo": "say.redone", "restart": "say.restarted"}[act]))


def _say(outcome: Outcome, kind: str, key: str) -> None:
    if outcome.kind in ("edit", "greeting"):
        outcome.kind = kind
    sentence = outcome.say(key)
    if sentence not in outcome.answers:
        outcome.answers.append(sentence)


def _question(outcome: Outcome, clause: Clause, value: str) -> str:
    """What is asked about: the question word, and what stands beside it."""
    view = outcome.view
    if value in ("how_many", "what", "is_there", "how_long", "which", "when"):
        for index in clause.indexes:
            category, name = view.category(index), view.value(index)
            if category == "object" and _asks_when(outcome, clause):
                return (
                    "voice_start" if name == "voice" else "music_start" if name in ("music", "sound") else "text_start"
                )
            if category == "object" and value == "how_long" and name not in ("music", "sound", "voice", "volume"):
                return "text_length"
            if category == "object":
                return {"music": "music", "sound": "music", "voice": "music", "volume": "music"}.get(name, "texts")
            if category in ("aspect", "size", "axis", "fps", "sizeword"):
                return "canvas"
            if category == "transition":
                return "transitions"
            if category in ("look", "overlay"):
                return "looks"
            if category == "photo" and value != "how_long":
                return "shots"
            if category in ("verb", "move", "animate"):
                return "moves"
    return value


def _asks_when(outcome: Outcome, clause: Clause) -> bool:
    """ "when does the title come in?", 音乐从第几秒开始"""
    view = outcome.view
    counted = clause.find(view, "question", "how_long") and clause.find(view, "nth")
    return bool(counted or clause.find(view, "asking", "when") or clause.find(view, "question", "when"))


def _answer(outcome: Outcome, about: str, chosen: list[Segment], *, each: bool = False) -> None:
    draft = outcome.draft
    shots = main_shots(draft)
    names = ", ".join((shot.src or shot.id).rsplit("/", 1)[-1] for shot in shots)
    outcome.kind = "answer"
    if about == "how_long" and not chosen and each and shots:
        lengths = outcome.say("say.list_comma").join(dict.fromkeys(plain_number(shot.duration) for shot in shots))
        sentence = outcome.say("say.will", things=outcome.say("say.each", seconds=lengths))
    elif about == "how_long" and chosen:
        sentence = outcome.say(
            "say.is_long", seconds=plain_number(sum((shot.duration for shot in chosen), Fraction(0)))
        )
    elif about in ("voice_start", "music_start", "text_start"):
        sentence = _begins(outcome, about)
    elif about == "text_length":
        texts = texts_of(outcome)
        seconds = plain_number(texts[0].duration) if texts else "0"
        sentence = outcome.say("say.is_shown", seconds=seconds) if texts else outcome.say("say.has_no_texts")
    elif about == "transitions":
        kinds = dict.fromkeys(shot.transition.kind if shot.transition else "cut" for shot in shots[:-1])
        phrases = outcome.say("say.list_comma").join(outcome.say(f"phrase.transition.{kind}") for kind in kinds)
        sentence = outcome.say("say.has_transitions", kinds=phrases) if kinds else outcome.say("say.no_next") + "."
    elif about == "moves":
        sentence = _moving(outcome, chosen)
    elif about == "how_long":
        sentence = outcome.say("say.is_long", seconds=plain_number(draft.duration))
    elif about in ("how_many", "shots", "order"):
        sentence = outcome.say("say.has_shots", count=len(shots), names=names)
    elif about == "music":
        music = music_of(outcome)
        if music is None:
            sentence = outcome.say("say.has_no_music")
        else:
            mood = str(music.meta.get("mood", ""))
            key = f"phrase.mood.{mood}"
            name = outcome.say(key) if key in outcome.lexicon.texts else (music.src or mood).rsplit("/", 1)[-1]
            sentence = outcome.say("say.has_music", name=name, volume=f"{100 * music.sound.volume:.0f}")
    elif about == "texts":
        texts = texts_of(outcome)
        quoted = outcome.say("say.list_comma").join(outcome.say("say.quote", words=text.text or "") for text in texts)
        sentence = outcome.say("say.has_texts", texts=quoted) if texts else outcome.say("say.has_no_texts")
    elif about == "canvas":
        sentence = outcome.say(
            "say.is_size", width=draft.canvas.width, height=draft.canvas.height, aspect=aspect_name(draft.canvas),
            rate=f"{float(draft.frame_rate):g}",
        )  # fmt: skip
    else:
        sentence = _whole(outcome)
    outcome.answers.append(sentence)


def _begins(outcome: Outcome, about: str) -> str:
    """When the voice, the music or the first text begins."""
    music = music_of(outcome)
    voices = [sound for sound in sounds_of(outcome) if sound is not music]
    found = {"voice_start": voices, "music_start": [music] if music else [], "text_start": texts_of(outcome)}[about]
    if found:
        return outcome.say("say.begins", seconds=plain_number(found[0].start))
    topic = {"voice_start": "voice", "music_start": "music", "text_start": "title"}[about]
    absent = outcome.say("say.absent", topic=outcome.say(f"phrase.topic.{topic}"))
    return outcome.say("say.will", things=absent[0].upper() + absent[1:])


def _moving(outcome: Outcome, chosen: list[Segment]) -> str:
    """How the shots move; where a move is named, which shots make it, and these are spoken of from now on."""
    view = outcome.view
    wanted = {
        name
        for term in view.terms
        if term.category in ("verb", "move")
        for name in (VERBS[term.value].moves.values() if term.value in VERBS else NAMED_MOVES.get(term.value, ()))
    }
    shots = chosen or list(main_shots(outcome.draft))
    having = [shot for shot in shots if shot.motion is not None and wanted & set(shot.motion.moves)]
    if having and not chosen:
        outcome.memory.shots = tuple(shot.id for shot in having)
        shots = having
    parts = [
        outcome.say(
            "say.with_target",
            moves=motion_phrase(outcome, shot.motion or Motion(("hold",))),
            target=(shot.src or shot.id).rsplit("/", 1)[-1],
        )
        for shot in shots
    ]
    return outcome.say("say.will", things=outcome.say("say.list_semicolon").join(parts))


def _whole(outcome: Outcome) -> str:
    """The timeline in words."""
    from engine.timeline import describe

    if not main_shots(outcome.draft):
        return outcome.say("say.is_empty")
    return outcome.say("say.is_so", timeline=describe(outcome.draft))
