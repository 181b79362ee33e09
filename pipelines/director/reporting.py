"""What the user is told: what was done, what was chosen, what was not understood."""

from collections.abc import Iterator

from pipelines.director.clauses import Clause
from pipelines.director.events import Reading
from pipelines.director.grammar import SILENT
from pipelines.director.outcome import Outcome, shorten

MAX_REFUSED = 20
"""Items: an instruction that is not understood at all is not quoted back word by word."""


def report(outcome: Outcome, reading: Reading, clauses: list[Clause]) -> None:
    """What the rules found and nobody acted upon, and words that nobody knows."""
    for event in reading.events:
        if event.kind == "timed":
            outcome.refuse(event, outcome.say("reason.timing"))
    for first, last in _unknown_runs(reading):
        if not _is_harmless(outcome, clauses, first, last):
            outcome.refused.append((first, shorten(reading.words(first, last)), ""))


def _is_harmless(outcome: Outcome, clauses: list[Clause], first: int, last: int) -> bool:
    """Whether unknown words only say more about a wish that was understood: "so we see the whole outfit".

    What stands after "with" or "add" is a wish of its own.
    """
    reading = outcome.reading
    clause = next((clause for clause in clauses if first in clause.indexes), None)
    if all(len(reading.value(index)) < 2 or reading.category(index) == "number" for index in range(first, last + 1)):
        return True
    lead = reading.skip_back(first - 1, "det", "filler", "unknown")
    if (reading.category(lead), reading.value(lead)) == ("prep", "for") and clause is not None:
        return True  # "for my mum's birthday"
    if reading.category(lead) == "negation":
        return True  # "nothing cheesy": what is not known is not wanted either
    if clause is None:
        return False
    states = (reading.category(clause.last), reading.value(clause.last)) == ("filler", "state")
    if states and outcome.operations and not clause.act and clause.head is None:
        return True  # 拍糊了: how things are is no wish
    moves = [event for event in reading.events if event.kind == "move" and event.sentence == clause.sentence]
    if moves and (reading.category(lead), reading.value(lead)) == ("prep", "to"):
        return True  # 往上摇，带到天空
    found = [event for event in reading.events if event.kind != "select" and event.first in clause.indexes]
    before = reading.skip_back(first - 1, "det", "filler")
    asked = (reading.category(before), reading.value(before)) in (("prep", "with"), ("act", "add"))
    return bool(found) and not asked


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


def quoted(outcome: Outcome, item: tuple[int, str, str]) -> str:
    """Something refused, in the user's own words, with the reason."""
    _, words, reason = item
    if reason:
        return outcome.say("say.quote_reason", words=words, reason=reason)
    return outcome.say("say.quote", words=words)


def answer(outcome: Outcome, refused: tuple[str, ...]) -> str:
    """The answer as a whole: answers, what was done, what was chosen, what was refused."""
    sentences = list(outcome.answers)
    if outcome.understood:
        phrases = dict.fromkeys(item.phrase for item in outcome.understood)
        things = outcome.say("say.list_semicolon").join(phrases)
        is_name = things.startswith(tuple(asset.name for asset in outcome.assets))
        sentences.append(outcome.say("say.will", things=things if is_name else things[0].upper() + things[1:]))
    sentences += dict.fromkeys(outcome.choices)
    if refused and outcome.kind not in ("export", "outside"):
        items = outcome.say("say.list_semicolon").join(refused)
        sentences.append(outcome.say("say.refused", items=items))
    return outcome.say("say.between").join(sentences) or outcome.say("say.nothing")
