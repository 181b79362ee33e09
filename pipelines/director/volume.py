"""How loud, and how a sound begins and ends: what a clause says of it."""

from fractions import Fraction

from engine.timeline import Segment
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.slots import degree_in, factor_in, length_in, share_in

STEPS = {"": 1.5, "little": 1.25, "strong": 2.0}
"""Factors of "louder" by its degree."""


QUIET, LOUD = 0.2, 0.8
"""Volumes of "quiet music" and "loud music"."""


MAX_VOLUME = 2.0


FADE = Fraction(2)
"""Seconds of a fade that was asked for without a length."""


def is_moderate(outcome: Outcome, clause: Clause) -> bool:
    """ "not too loud": the music stays."""
    view = outcome.view
    negations = clause.find(view, "negation")
    return bool(negations) and any(
        view.category(index) == "degree" and index > negations[0] for index in clause.indexes
    )


def sound_changes(outcome: Outcome, clause: Clause, music: Segment | None) -> dict[str, object]:
    """What a clause says about volume, fades and ducking, as values of ``SetMusic``."""
    view = outcome.view
    found: dict[str, object] = {}
    volume = volume_in(outcome, clause, music.sound.volume if music is not None else None)
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
    for index in clause.find(view, "ease") if not clause.find(view, "fade") else ():
        seconds = length_in(view, clause.indexes) or FADE  # "have the song ease in"
        if view.value(index) in ("in", "in_out"):
            found["fade_in"] = seconds
        if view.value(index) in ("out", "in_out"):
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


def volume_in(outcome: Outcome, clause: Clause, now: float | None) -> float | None:
    """The volume that a clause asks for, 0..2; None where it says nothing of it."""
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
    # "something more energetic" is no volume.
    kinds = [index for index in louder + quieter if view.value(index) in ("more", "less", "stronger")]
    named = clause.find(view, "mood") + clause.find(view, "speed")
    if kinds and len(kinds) == len(louder + quieter) and named:
        return None
    if louder or quieter:
        if is_moderate(outcome, clause):
            return QUIET if louder else (now or QUIET) * STEPS["little"]
        base = 0.35 if now is None else now
        step = STEPS[degree_in(view, clause)]
        if share is not None:
            step = 1 + float(share) if louder else 1 / max(1 - float(share), 0.05)
        elif factor is not None and factor > 0:
            step = float(max(factor, 1 / factor))
        return _bounded(base * step if louder else base / step)
    of_volume = clause.find(view, "object", "volume") or clause.follows
    if factor is not None and factor > 0 and now is not None and of_volume:
        return _bounded(now * float(factor))
    levels = clause.find(view, "level")
    if levels and factor is not None and now is not None:
        return _bounded(now * float(factor))
    if levels:
        value = view.value(levels[0])
        if value == "loud":
            return QUIET if clause.negated or is_moderate(outcome, clause) else LOUD
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
