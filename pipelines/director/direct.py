"""From words to edit operations."""

from collections.abc import Iterator, Sequence

from engine.timeline import Draft
from pipelines.director.camera_plan import plan_camera_moves
from pipelines.director.events import Reading
from pipelines.director.grammar import SILENT, read_instruction
from pipelines.director.lexicon import lexicon
from pipelines.director.outcome import Outcome, shorten
from pipelines.director.plan import Asset, Plan
from pipelines.director.show_plan import plan_show
from pipelines.director.targets import Targets
from pipelines.director.terms import read_terms

MAX_REFUSED = 20
"""Items: an instruction that is not understood at all is not quoted back word by word."""


def direct(text: str, draft: Draft, assets: Sequence[Asset] = (), *, language: str = "en") -> Plan:
    """Turn an instruction into edit operations on a draft.

    A tokeniser, the phrases of a lexicon, rules over parts of sentences and a resolver that weighs what they found:
    deterministic, without a model. Applying the operations to ``draft`` in their order never fails. Quoted text is
    never read as an instruction.

    Args:
        text: what the user wrote.
        draft: the timeline that it is about.
        assets: what is known of the session's photos; their names are not taken for instructions.
        language: code of the lexicon.
    """
    words = lexicon(language)
    reading = read_instruction(text, read_terms(text, words, tuple(asset.name for asset in assets)))
    outcome = Outcome(reading, words, draft)
    targets = Targets(outcome)
    plan_show(outcome, targets)
    plan_camera_moves(outcome, targets)
    _report_impossible(outcome)
    for first, last in _unknown_runs(reading):
        outcome.refused.append((first, shorten(reading.words(first, last)), ""))
    refused = tuple(_quote(outcome, item) for item in sorted(set(outcome.refused))[:MAX_REFUSED])
    return Plan(tuple(outcome.operations), _said(outcome, refused), tuple(outcome.understood), refused)


def _report_impossible(outcome: Outcome) -> None:
    for event in outcome.reading.events:
        if event.kind == "topic" and event.negated:
            # There is none in the video anyway: the wish is granted.
            topic = outcome.say(f"phrase.topic.{event.value}")
            outcome.note("absent", outcome.say("say.absent", topic=topic))
        elif event.kind == "topic":
            outcome.refuse(event, outcome.say(f"reason.{event.value}"))
        elif event.kind == "timed":
            outcome.refuse(event, outcome.say("reason.timing"))


def _unknown_runs(reading: Reading) -> Iterator[tuple[int, int]]:
    """Terms that nobody understood, neighbours together, as (first, last)."""
    run: tuple[int, int] | None = None
    for index in sorted(reading.unknown):
        term = reading.terms[index]
        if not any(character.isalnum() for character in reading.text[term.start : term.end]):
            continue
        if run is not None:
            between = range(run[1] + 1, index)
            if all(reading.category(other) in (*SILENT, "prep") or other in reading.unknown for other in between):
                run = (run[0], index)
                continue
            yield run
        run = (index, index)
    if run is not None:
        yield run


def _quote(outcome: Outcome, item: tuple[int, str, str]) -> str:
    _, words, reason = item
    if reason:
        return outcome.say("say.quote_reason", words=words, reason=reason)
    return outcome.say("say.quote", words=words)


def _said(outcome: Outcome, refused: tuple[str, ...]) -> str:
    sentences = []
    if outcome.understood:
        things = outcome.say("say.list_semicolon").join(item.phrase for item in outcome.understood)
        sentences.append(outcome.say("say.will", things=things[0].upper() + things[1:]))
    sentences += dict.fromkeys(outcome.choices)
    if refused:
        items = outcome.say("say.list_semicolon").join(refused)
        sentences.append(outcome.say("say.refused", items=items))
    return " ".join(sentences) or outcome.say("say.nothing")
