"""Deciding about what is written: titles, lower thirds, captions."""

import re
from pathlib import PurePath

from engine.timeline import (
    AddCaptions,
    AddText,
    RemoveSegments,
    Segment,
    SetText,
    SetTextStyle,
    TextStyle,
    plain_number,
)
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots
from pipelines.director.slots import sides_in, span_of
from pipelines.director.text_looks import restyled
from pipelines.director.text_times import retime_text, text_windows, texts_of
from pipelines.director.tokens import fold

ROLE_OF = {"title": "title", "text": "title", "subtitle": "caption", "caption": "caption", "lower_third": "lower_third"}
"""The role of a text that is called so."""

CAPTION_SUFFIXES = (".srt", ".vtt")


def plan_text(outcome: Outcome, clause: Clause) -> None:
    """Write, change or take away texts as a clause asks."""
    view = outcome.view
    quotes = [view.value(index) for index in clause.find(view, "quote") if view.value(index)]
    targets, named = _targets(outcome, clause, quotes)
    if clause.negated or clause.act == "remove":
        _remove(outcome, clause, targets, quotes)
        return
    quotes = [quote for quote in quotes if quote != named] if named else quotes
    if clause.find(view, "cues") and _add_captions(outcome, clause):
        return
    shots = main_shots(outcome.draft)
    listed = [part.strip() for part in re.split("[,，、]", quotes[0])] if len(quotes) == 1 else []
    if clause.find(view, "scope", "each") and len(listed) == len(shots) > 1 and all(listed):
        quotes = listed  # "a different caption on each: Rome, Paris, London"
    if quotes:
        _write(outcome, clause, targets, quotes, named)
        return
    looks = clause.find(view, "decor") + clause.find(view, "font") + clause.find(view, "textfx")
    about = clause.act != "add" or clause.head is None or (looks and not _is_new(outcome, clause))
    definite = clause.head is not None and view.category(clause.head - 1) == "det" and not _is_new(outcome, clause)
    if targets and definite and _asks_for_look(outcome, clause):
        about = True  # "put the title in red", where there is one
    if clause.find(view, "decor") and targets:
        about = True  # "put a box behind the caption"
    if about and targets and (_restyle(outcome, clause, targets) or clause.follows):
        return
    if about and targets and _asks_for_look(outcome, clause):
        outcome.note("text", outcome.say("say.text_look", text=_listed(outcome, [text.text or "" for text in targets])))
        return  # it looks so already
    if targets and clause.act == "" and not clause.negated and not _is_new(outcome, clause) and clause.lead != "with":
        outcome.memory.texts = tuple(text.id for text in targets)
        if not any(each.domain == "text" and each is not clause for each in outcome.clauses):
            outcome.refuse(clause, "")  # "the title is in the way" names no wish
        return
    if clause.act == "add" or not targets or clause.head is not None:
        _without_words(outcome, clause, targets)


def _role(outcome: Outcome, clause: Clause) -> str:
    """What kind of text is spoken of, empty where it is left open."""
    heads = clause.find(outcome.view, "object", *ROLE_OF)
    named = [outcome.view.value(index) for index in heads]
    # "a caption text" is a caption, "title text" a title.
    specific = [name for name in named if name != "text"]
    return ROLE_OF[specific[0]] if specific else ""


def _targets(outcome: Outcome, clause: Clause, quotes: list[str]) -> tuple[list[Segment], str]:
    """The texts that a clause is about, and the quoted words that named one of them."""
    texts = texts_of(outcome)
    for quote in quotes:
        said = [text for text in texts if (text.text or "").casefold() == quote.casefold()]
        if said:
            return said, quote
    if clause.act != "add" and not quotes:
        words = fold(outcome.view.words(clause.first, clause.last))
        mentioned = [text for text in texts if text.text and fold(text.text) in words]
        if mentioned:
            return mentioned, ""
    if clause.selection is not None and clause.selection.rest:
        return [text for text in texts if text.id not in outcome.memory.texts], ""
    role = _role(outcome, clause)
    of_role = [text for text in texts if role and _role_of(text) == role]
    among = of_role if role else texts
    if clause.selection is not None and clause.selection.noun == "object":
        places = clause.selection.of(len(among))
        return ([among[place] for place in places] if places else []), ""
    at = _told_by_moment(outcome, clause)
    if at and len(among) > 1:
        return [among[0 if at == "start" else -1]], ""
    if clause.head is None or not role:
        remembered = [text for text in texts if text.id in outcome.memory.texts]
        is_all = any(outcome.view.value(index) == "text" for index in clause.find(outcome.view, "object"))
        if remembered and not (is_all and (clause.negated or clause.act == "remove")):
            return remembered, ""
        return texts, ""
    return among, ""


def _told_by_moment(outcome: Outcome, clause: Clause) -> str:
    """``start`` or ``end`` where that names a text that is there: "the ending text", "remove the text at the end"."""
    view = outcome.view
    if clause.head is None or clause.act == "add":
        return ""
    moments = [index for index in clause.find(view, "moment", "start", "end") if index < clause.head]
    if clause.act == "remove" or clause.negated:
        moments = clause.find(view, "moment", "start", "end")
    return view.value(moments[0]) if moments else ""


def _role_of(text: Segment) -> str:
    return text.style.role if text.style is not None else "title"


def _remove(outcome: Outcome, clause: Clause, targets: list[Segment], quotes: list[str]) -> None:
    if not targets:
        topic = outcome.say(f"phrase.topic.{'caption' if _role(outcome, clause) == 'caption' else 'title'}")
        outcome.note("absent", outcome.say("say.absent", topic=topic))
        return
    ids = tuple(text.id for text in targets)
    if outcome.attempt(lambda: RemoveSegments(ids), clause):
        outcome.note("text", outcome.say("say.text_gone", text=_listed(outcome, [text.text or "" for text in targets])))
        outcome.memory.texts = ()


def _listed(outcome: Outcome, texts: list[str]) -> str:
    return outcome.say("say.list_comma").join(outcome.say("say.quote", words=text) for text in texts[:3])


def _write(outcome: Outcome, clause: Clause, targets: list[Segment], quotes: list[str], named: str) -> None:
    existing = (
        targets if named or clause.head is not None or clause.follows or clause.act in ("change", "replace") else []
    )
    replaces = (
        clause.act in ("change", "replace") or bool(named) or (clause.act != "add" and not _is_new(outcome, clause))
    )
    if existing and replaces and len(quotes) == 1:
        text = existing[0]
        if outcome.attempt(lambda: SetText(text.id, quotes[0]), clause):
            outcome.note("text", outcome.say("say.text_now", text=quotes[0]))
            outcome.memory.texts = (text.id,)
            _restyle(outcome, clause, [text], quiet=True)
        return
    _add(outcome, clause, quotes)


def _is_new(outcome: Outcome, clause: Clause) -> bool:
    """Whether "a title" speaks of one that is not there yet."""
    view = outcome.view
    articles = [index for index in clause.find(view, "det", "a") if clause.head is None or index < clause.head]
    return (
        bool(articles) or clause.lead == "with" or (clause.head is not None and (view.category(clause.first) == "prep"))
    )


def _add(outcome: Outcome, clause: Clause, quotes: list[str]) -> None:
    role = _role(outcome, clause) or outcome.memory.role or "title"
    style = restyled(outcome, clause, TextStyle(role=role))
    total = outcome.draft.duration
    span = span_of(outcome.view, clause)
    windows = text_windows(outcome, clause, span, len(quotes))
    added = []
    for quote, (start, length) in zip(quotes, windows, strict=True):
        if total and start >= total:
            outcome.refuse(clause, outcome.say("say.after_end", seconds=plain_number(total)))
            return
        operation = AddText(quote, start, length, style)
        before = {segment.id for segment in texts_of(outcome)}
        if not outcome.attempt(lambda operation=operation: operation, clause):  # type: ignore[misc]
            return
        added += [segment for segment in texts_of(outcome) if segment.id not in before]
    for segment in added:
        place = outcome.say("say.from_to", start=plain_number(segment.start), end=plain_number(segment.end))
        name = outcome.say(f"phrase.role.{role}")
        outcome.note("text", outcome.say("say.text_new", role=name, text=segment.text or "", time=place))
    outcome.memory.texts = tuple(segment.id for segment in added)


def _restyle(outcome: Outcome, clause: Clause, targets: list[Segment], *, quiet: bool = False) -> bool:
    """Change how and when texts are shown; tells whether the clause said anything about that."""
    done = False
    for text in targets:
        old = text.style or TextStyle()
        new = restyled(outcome, clause, old)
        if new != old:
            target = (text.id,)
            done = outcome.attempt(lambda new=new, target=target: SetTextStyle(new, target), clause) or done  # type: ignore[misc]
        done = retime_text(outcome, clause, text) or done
    for name in ("bigger", "smaller"):
        if clause.find(outcome.view, "compare", name):
            outcome.done.add(("text size", clause.sentence, name == "bigger"))
    if done:
        outcome.memory.texts = tuple(text.id for text in targets)
        if not quiet:
            outcome.note(
                "text", outcome.say("say.text_look", text=_listed(outcome, [text.text or "" for text in targets]))
            )
    return done


def _add_captions(outcome: Outcome, clause: Clause) -> bool:
    """Captions from a file of the session."""
    for index in clause.find(outcome.view, "cues"):
        selection = outcome.view.terms[index].selection
        name = outcome.assets[selection.places[0]].name if selection is not None else ""
        if name:
            if outcome.attempt(lambda name=name: AddCaptions(outcome.source(name)), clause):  # type: ignore[misc]
                outcome.note("text", outcome.say("say.captions", file=name))
            return True
    return False


def _without_words(outcome: Outcome, clause: Clause, targets: list[Segment]) -> None:
    """A text is asked for, and nothing says what it reads."""
    view = outcome.view
    role = _role(outcome, clause) or "title"
    files = [asset.name for asset in outcome.assets if PurePath(asset.name).suffix.lower() in CAPTION_SUFFIXES]
    if role == "caption" and files:
        if outcome.attempt(lambda: AddCaptions(outcome.source(files[0])), clause):
            outcome.note("text", outcome.say("say.captions", file=files[0]))
        return
    if role == "caption" and any(view.value(index) == "subtitle" for index in clause.find(view, "object")):
        outcome.refuse(clause, outcome.say("reason.speech"))
        return
    if (
        clause.act != "add"
        and not _is_new(outcome, clause)
        and (clause.act == "change" or _asks_for_look(outcome, clause) or span_of(view, clause).given())
    ):
        outcome.refuse(clause, outcome.say("say.no_text"))
        return
    words = _fitting_words(outcome) if role == "title" else ""
    if not words:
        outcome.refuse(clause, outcome.say("say.which_words"))
        outcome.memory.role = role
        outcome.kind = "ask"
        return
    outcome.choices.append(outcome.say("say.choice_words", text=words))
    _add(outcome, clause, [words])


def _asks_for_look(outcome: Outcome, clause: Clause) -> bool:
    style = TextStyle()
    return restyled(outcome, clause, style) != style or bool(sides_in(outcome.view, clause))


def _fitting_words(outcome: Outcome) -> str:
    """What a title may say where nobody told: the video's own title, or the name of its first photo."""
    title = outcome.draft.meta.get("title")
    if isinstance(title, str) and title.strip():
        return _readable(title)
    # A draft may name a file by something that no user knows; what the user sees is its name.
    names = {asset.src: asset.name for asset in outcome.assets if asset.src}
    sources = [names.get(shot.src, shot.src) for shot in outcome.draft.photos if shot.src]
    return _readable(PurePath(sources[0]).stem) if sources else ""


def _readable(name: str) -> str:
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]
