"""Deciding about "longer" and "shorter": of the whole, or of some shots."""

from fractions import Fraction

from engine.timeline import Segment, SetDuration, SetSegmentDuration, plain_number
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import chosen_shots, main_shots, with_target
from pipelines.director.slots import degree_in, factor_in, length_in, share_in
from pipelines.director.text_times import follow_end, lead_end

STEPS = {"": Fraction(3, 2), "little": Fraction(5, 4), "strong": Fraction(2)}
"""Factors of "longer" by its degree."""

SHORTEST = Fraction(1, 2)
"""Seconds that a shot keeps at least."""


def plan_length(outcome: Outcome, clause: Clause) -> None:
    """Make the video, or the shots that are selected, longer or shorter."""
    view = outcome.view
    longer = bool(clause.find(view, "compare", "longer", "more")) or (
        clause.act == "add" and not clause.find(view, "off")
    )
    if not clause.find(view, "number") and any(event.kind == "duration" for event in outcome.reading.events):
        return  # "exactly 30 seconds, can you stretch it?"
    if not clause.find(view, "number") and _is_said_exactly(outcome, clause):
        return  # "they stay a bit long, make each a second shorter"
    if not clause.find(view, "number") and ("length",) in outcome.done:
        return  # "it is too long, cut it to 12 seconds"
    shots = chosen_shots(outcome, clause)
    if not shots:
        outcome.refuse(clause, outcome.say("say.no_such_photo" if clause.selection is not None else "say.no_photo"))
        return
    if clause.negated and clause.find(view, "degree", "too"):
        longer = not longer
    elif clause.negated:
        outcome.refuse(clause, "")
        return
    each = bool(clause.find(view, "scope", "each")) or _speaks_of_photos(outcome, clause)
    if clause.selection is None and not each:
        total = _changed(outcome, clause, outcome.draft.duration, longer)
        was = max(shot.end for shot in shots)
        lead_end(outcome, was, total)
        if outcome.attempt(lambda: SetDuration(total), clause):
            follow_end(outcome, was)
            outcome.note("duration", outcome.say("say.duration", seconds=plain_number(total)))
        return
    for shot in shots:
        _one(outcome, clause, shot, longer)


def _is_said_exactly(outcome: Outcome, clause: Clause) -> bool:
    """Whether another clause of the sentence says the length of the same shots in numbers."""
    same = [
        each
        for each in outcome.clauses
        if each is not clause and each.domain == "length" and each.sentence == clause.sentence
    ]
    return any(
        each.find(outcome.view, "number") and clause.selection in (None, each.selection) and not clause.act
        for each in same
    )


def _speaks_of_photos(outcome: Outcome, clause: Clause) -> bool:
    """ "show the photos longer" is about each of them; "make it longer" about the whole."""
    return bool(clause.find(outcome.view, "photo")) and len(main_shots(outcome.draft)) > 1


def _one(outcome: Outcome, clause: Clause, shot: Segment, longer: bool) -> None:
    length = max(_changed(outcome, clause, shot.duration, longer), SHORTEST)
    was = main_shots(outcome.draft)[-1].end
    lead_end(outcome, was, was - shot.duration + length)
    if outcome.attempt(lambda: SetSegmentDuration(length, (shot.id,)), clause):
        follow_end(outcome, was)
        now = [each for each in main_shots(outcome.draft) if each.id == shot.id]
        outcome.note("duration", with_target(outcome, outcome.say("say.duration", seconds=plain_number(length)), now))


def _changed(outcome: Outcome, clause: Clause, now: Fraction, longer: bool) -> Fraction:
    view = outcome.view
    seconds, factor, share = length_in(view, clause.indexes), factor_in(view, clause), share_in(view, clause)
    if seconds is not None:
        is_to = clause.act != "add" and any(
            (view.category(index), view.value(index)) in (("prep", "to"), ("prep", "for"), ("act", "change"))
            and view.category(view.skip(index + 1, "det", "filler")) == "number"
            for index in clause.indexes
        )
        is_to = is_to or (clause.act == "change" and bool(clause.find(view, "compare", "longer", "shorter")))
        return seconds if is_to else max(now + seconds if longer else now - seconds, SHORTEST)
    if share is not None:
        return now * (1 + share) if longer else max(now * (1 - share), SHORTEST)
    if clause.find(view, "compare", "as_long") and factor is not None and factor > 0:
        return now * factor
    if factor is not None and factor > 0 and not clause.find(view, "compare"):
        return now * factor  # "double the length", "cut the length in half"
    step = max(factor, 1 / factor) if factor is not None and factor > 0 else STEPS[degree_in(view, clause)]
    return now * step if longer else now / step
