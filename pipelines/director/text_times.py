"""When texts are shown."""

from dataclasses import replace
from fractions import Fraction

from engine.timeline import (
    TEXT,
    AddTrack,
    MoveSegment,
    Operation,
    Segment,
    TrimSegment,
)
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import chosen_shots, main_shots
from pipelines.director.slots import Span, factor_in, length_in, span_of

DEFAULT_LENGTH = Fraction(3)
"""Seconds that a text stays, where nothing is said."""


def texts_of(outcome: Outcome) -> list[Segment]:
    """The texts of the draft, in order of time."""
    found = [segment for track in outcome.draft.tracks if track.kind == TEXT for segment in track.segments]
    return sorted(found, key=lambda segment: (segment.start, segment.id))


def follow_end(outcome: Outcome, was: Fraction) -> None:
    """Let texts that stood at the end of the picture, ``was`` seconds, stand at its new end."""
    now = max((shot.end for shot in main_shots(outcome.draft)), default=was)
    for text in texts_of(outcome):
        start = text.start - was + now
        if now != was and text.end == was and text.start > 0 and start >= 0:
            outcome.does(MoveSegment(text.id, start))


def lead_end(outcome: Outcome, was: Fraction, total: Fraction) -> None:
    """Let texts that stand at the end of the picture stand at the end that comes, before it cuts them off."""
    for text in texts_of(outcome):
        start = text.start - was + total
        if total < was and text.end == was and text.start > 0 and start >= 0:
            outcome.does(MoveSegment(text.id, start))


def text_windows(outcome: Outcome, clause: Clause, span: Span, count: int) -> list[tuple[Fraction, Fraction | None]]:
    """(start, length) of each of some texts."""
    total = outcome.draft.duration
    shots = chosen_shots(outcome, clause) if clause.selection is not None and clause.selection.noun != "object" else []
    spread = clause.find(outcome.view, "scope", "each") + clause.find(outcome.view, "photo")
    if not shots and count > 1 and (spread or count == len(main_shots(outcome.draft))):
        shots = list(main_shots(outcome.draft)[:count])
    if shots and count > 1:
        return [(shot.start, shot.duration) for shot in (shots * count)[:count]]
    if shots and not span.given():
        return [(shots[0].start, shots[-1].end - shots[0].start)]
    start, length = span.on(total)
    if span.moment == "end" and start is None:
        wanted = length or DEFAULT_LENGTH
        return [(max(total - wanted, Fraction(0)), min(wanted, total) or wanted)] * count
    if span.moment == "middle" and start is None:
        wanted = length or DEFAULT_LENGTH
        return [(max((total - wanted) / 2, Fraction(0)), wanted)] * count
    if shots and start is None:
        start = shots[0].start
    begin = start or Fraction(0)
    if length is None and total > begin:
        length = min(DEFAULT_LENGTH, total - begin)
    step = length or DEFAULT_LENGTH
    return [(begin + step * number, length) for number in range(count)]


def retime_text(outcome: Outcome, clause: Clause, text: Segment) -> bool:
    """Move or trim a text where the clause says when."""
    view, total = outcome.view, outcome.draft.duration
    span = span_of(view, clause)
    if span.moment and clause.head is not None and clause.find(view, "moment")[0] < clause.head and clause.act != "add":
        span = replace(span, moment="")  # "the ending text" only says which
    start, length = span.on(total)
    for index in clause.find(view, "compare", "longer", "shorter"):
        seconds = _delta(outcome, clause)
        step = text.duration / 2 if seconds is None else seconds
        length = text.duration + step if view.value(index) == "longer" else text.duration - step
        if seconds is not None and _is_to(outcome, clause):
            length = seconds
    factor = factor_in(view, clause)
    if clause.find(view, "compare", "as_long") and factor is not None:
        length = text.duration * factor
    for index in clause.find(view, "compare", "earlier", "later"):
        seconds = _delta(outcome, clause) or Fraction(1)
        length = None  # the seconds say by how much
        start = text.start + seconds if view.value(index) == "later" else max(text.start - seconds, Fraction(0))
    if clause.selection is not None and clause.selection.noun != "object" and not span.given():
        shots = chosen_shots(outcome, clause)
        if shots:
            start, length = shots[0].start, shots[-1].end - shots[0].start
    if span.moment == "end" and start is None:
        start = max(total - (length or text.duration), Fraction(0))
    if span.moment == "middle" and start is None:
        start = max((total - (length or text.duration)) / 2, Fraction(0))
    begin = start if start is not None else text.start
    length = length if length is not None and length > 0 else text.duration
    if (begin, length) == (text.start, text.duration):
        return False
    moves: list[Operation] = [MoveSegment(text.id, begin)] if begin != text.start else []
    moves += [TrimSegment(text.id, end=begin + length)] if length != text.duration else []
    if outcome.does(*moves):
        return True
    # Another text of its track is in the way: it gets a track of its own.
    track = f"text{len(outcome.draft.tracks) + 1}"
    if outcome.does(AddTrack(TEXT, "Title", None, track), MoveSegment(text.id, begin, track), *moves[-1:]):
        return True
    return outcome.attempt(lambda: moves[0], clause)


def _is_to(outcome: Outcome, clause: Clause) -> bool:
    """Whether a length is one to come to: "extend it to 5 seconds"."""
    view = outcome.view
    return any(
        (view.category(before), view.value(before)) in (("prep", "to"), ("act", "change"))
        for index in clause.find(view, "number")
        for before in [view.skip_back(index - 1, "det", "filler")]
    )


def _delta(outcome: Outcome, clause: Clause) -> Fraction | None:
    return length_in(outcome.view, clause.indexes)
