"""Deciding about which shots there are, and in which order."""

import random
from fractions import Fraction

from engine.timeline import AddClip, AddPhotos, RemoveSegments, ReorderSegments, ReplaceSource, Segment
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.selection import Selection
from pipelines.director.shots import main_shots, shots_of
from pipelines.director.slots import span_of
from pipelines.director.text_times import follow_end

SHUFFLE_SEED = 1
"""Of "shuffle": the same draft is always shuffled alike."""


def plan_order(outcome: Outcome, clause: Clause) -> None:
    """Swap, move, remove, double, replace or sort shots, as a clause asks."""
    view = outcome.view
    acts = [view.value(index) for index in clause.find(view, "act")]
    shots = list(main_shots(outcome.draft))
    if not shots and clause.act != "add":
        outcome.refuse(clause, outcome.say("say.no_photo"))
        return
    selections = [view.terms[index].selection for index in clause.find(view, "select")]
    chosen: list[Segment] = []
    for selection in selections:
        if selection is None:
            continue
        found = shots_of(outcome, selection)
        if not found and selection.noun != "asset" and not selection.rest:
            outcome.refuse(clause, outcome.say("say.no_such_photo"))
            return
        chosen += [shot for shot in found if shot not in chosen]
    if clause.act == "add" and add_shots(outcome, clause):
        return
    if clause.act == "list":
        _reorder(outcome, clause, chosen + [shot for shot in shots if shot not in chosen])
    elif "swap" in acts or (acts == ["change"] and len(chosen) == 2 and not clause.find(view, "place")):
        _swap(outcome, clause, chosen, shots)
    elif "backwards" in acts:
        _reorder(outcome, clause, shots[::-1])
    elif "shuffle" in acts:
        mixed = shots[:]
        random.Random(SHUFFLE_SEED).shuffle(mixed)
        _reorder(outcome, clause, mixed if mixed != shots else shots[::-1])
    elif "sort" in acts:
        _reorder(outcome, clause, sorted(shots, key=lambda shot: shot.src or ""))
    elif "duplicate" in acts and clause.act == "remove":
        seen: set[str | None] = set()
        doubles = [shot for shot in shots if shot.src in seen or seen.add(shot.src)]  # type: ignore[func-returns-value]
        if doubles:
            _remove(outcome, clause, doubles, shots)
        else:
            _say_order(outcome)
    elif "duplicate" in acts:
        _duplicate(outcome, clause, chosen or shots[-1:])
    elif "replace" in acts and _replace(outcome, clause, selections):
        return
    elif ("trim" in acts or clause.act == "only") and chosen:
        _remove(outcome, clause, [shot for shot in shots if shot not in chosen], shots)
        outcome.memory.shots = tuple(shot.id for shot in chosen)
    elif clause.act == "remove" or clause.negated:
        _remove(outcome, clause, chosen, shots)
    elif "reorder" in acts and len(chosen) > 1 and len(clause.find(view, "select")) == 1:
        _reorder(outcome, clause, chosen + [shot for shot in shots if shot not in chosen])
    elif "reorder" in acts or chosen:
        _move(outcome, clause, chosen, shots)
    else:
        outcome.refuse(clause, "")


def _say_order(outcome: Outcome) -> None:
    names = ", ".join((shot.src or shot.id).rsplit("/", 1)[-1] for shot in main_shots(outcome.draft))
    outcome.note("order", outcome.say("say.order", order=names))


def _reorder(outcome: Outcome, clause: Clause, order: list[Segment]) -> None:
    if len(order) < 2:
        outcome.refuse(clause, outcome.say("say.no_next"))
    elif outcome.attempt(lambda: ReorderSegments(tuple(shot.id for shot in order)), clause):
        _say_order(outcome)


def _swap(outcome: Outcome, clause: Clause, chosen: list[Segment], shots: list[Segment]) -> None:
    if len(chosen) != 2:
        chosen = shots if len(shots) == 2 and not chosen else chosen
    if len(chosen) != 2:
        outcome.refuse(clause, outcome.say("say.which_two"))
        return
    chosen = sorted(chosen, key=lambda shot: shot.start)
    _reorder(outcome, clause, chosen[::-1])


def _remove(outcome: Outcome, clause: Clause, chosen: list[Segment], shots: list[Segment]) -> None:
    if not chosen:
        rest = any(
            outcome.view.terms[index].selection == Selection(rest=True) for index in clause.find(outcome.view, "select")
        )
        if not rest:
            outcome.refuse(clause, outcome.say("say.which_photo"))
        return
    if len(chosen) == len(shots):
        outcome.refuse(clause, outcome.say("say.all_gone"))
        return
    was = max(shot.end for shot in shots)
    if outcome.attempt(lambda: RemoveSegments(tuple(shot.id for shot in chosen)), clause):
        follow_end(outcome, was)
        outcome.memory.shots = tuple(shot.id for shot in chosen)
        names = ", ".join((shot.src or shot.id).rsplit("/", 1)[-1] for shot in chosen)
        outcome.note("order", outcome.say("say.removed", names=names))


def _duplicate(outcome: Outcome, clause: Clause, chosen: list[Segment]) -> None:
    shot = chosen[0] if chosen else None
    if shot is None or shot.src is None:  # nothing is on the timeline any more, or nothing that could be shown again
        outcome.refuse(clause, "")
        return
    at = span_of(outcome.view, clause).moment
    make = AddClip(shot.src, shot.duration, start={"end": None, "start": Fraction(0)}.get(at, shot.end))
    if outcome.attempt(lambda: make, clause):
        _say_order(outcome)


def _replace(outcome: Outcome, clause: Clause, selections: list[Selection | None]) -> bool:
    """Show a file of the session in the place of a shot."""
    files = [
        outcome.assets[place].name
        for selection in selections
        if selection is not None and selection.noun == "asset"
        for place in selection.places
        if place < len(outcome.assets)
    ]
    others = [selection for selection in selections if selection is not None and selection.noun != "asset"]
    used = {shot.src for shot in main_shots(outcome.draft)}
    olds = [shot for selection in others for shot in shots_of(outcome, selection)]
    olds += [shot for name in files for shot in main_shots(outcome.draft) if shot.src == outcome.source(name)]
    news = [name for name in files if outcome.source(name) not in used]
    if not olds or not news:
        return False
    old, new = olds[0], news[-1]
    if outcome.attempt(lambda: ReplaceSource(old.id, outcome.source(new)), clause):
        _say_order(outcome)
    return True


def _move(outcome: Outcome, clause: Clause, chosen: list[Segment], shots: list[Segment]) -> None:
    """Move shots to an end, or before or after another, or to a place."""
    view = outcome.view
    if not chosen:
        outcome.refuse(clause, outcome.say("say.which_photo"))
        return
    outcome.memory.shots = tuple(shot.id for shot in chosen)
    rest = [shot for shot in shots if shot not in chosen]
    moving, anchor, after = chosen, None, False
    for index in clause.find(view, "place", "before", "after") + clause.find(view, "timing", "before", "after"):
        # English says "after the second", Chinese 第二张后面.
        following = view.skip(index + 1, "det", "filler")
        preceding = view.skip_back(index - 1, "det", "filler", "photo", "classifier", "of")
        at = following if view.category(following) == "select" else preceding
        selection = view.terms[at].selection if view.category(at) == "select" else None
        if selection is None:
            continue
        anchors = shots_of(outcome, selection)
        if anchors:
            anchor, after = anchors[-1] if view.value(index) == "after" else anchors[0], view.value(index) == "after"
            moving = [shot for shot in chosen if shot not in anchors]
    pair = _pair_between(outcome, clause)
    if len(pair) == 2 and [shot for shot in chosen if shot not in pair]:
        anchor, after, moving = pair[0], True, [shot for shot in chosen if shot not in pair]
    if anchor is not None and moving:
        rest = [shot for shot in shots if shot not in moving]
        at_place = rest.index(anchor) + after
        _reorder(outcome, clause, rest[:at_place] + moving + rest[at_place:])
        return
    moments = [view.value(index) for index in clause.find(view, "moment")]
    sides = [view.value(index) for index in clause.find(view, "place")]
    ordinals = [view.value(index) for index in clause.find(view, "ordinal")]
    if "start" in moments or "first" in sides or "1" in ordinals:
        _reorder(outcome, clause, moving + rest)
    elif "end" in moments or "last" in sides or "-1" in ordinals:
        _reorder(outcome, clause, rest + moving)
    elif "middle" in moments:
        half = (len(rest) + 1) // 2
        _reorder(outcome, clause, rest[:half] + moving + rest[half:])
    elif len(chosen) == 2 and len(clause.find(view, "select")) == 2:
        # "make photo 3 the first one": the second selection is where it goes.
        rest = [shot for shot in shots if shot is not chosen[0]]
        at_place = shots.index(chosen[1])
        _reorder(outcome, clause, [*rest[:at_place], chosen[0], *rest[at_place:]])
    else:
        outcome.refuse(clause, outcome.say("say.where_to"))


def _pair_between(outcome: Outcome, clause: Clause) -> list[Segment]:
    """The two shots of "between a.jpg and b.jpg"."""
    view = outcome.view
    for index in clause.find(view, "prep", "between"):
        following = view.skip(index + 1, "det", "filler")
        selection = view.terms[following].selection if view.category(following) == "select" else None
        if selection is not None:
            return shots_of(outcome, selection)
    return []


def add_shots(outcome: Outcome, clause: Clause) -> bool:
    """Append files of the session that are named and not on the timeline yet; tells whether there were any."""
    view = outcome.view
    files = [
        outcome.assets[place]
        for index in clause.find(view, "select")
        if (selection := view.terms[index].selection) is not None and selection.noun == "asset"
        for place in selection.places
        if place < len(outcome.assets)
    ]
    used = {shot.src for shot in outcome.draft.photos}
    new = [asset for asset in files if outcome.source(asset.name) not in used and asset.kind in ("photo", "video")]
    for asset in new:
        source = outcome.source(asset.name)
        if asset.kind == "video" and asset.duration:
            length = Fraction(asset.duration).limit_denominator(1000)
            start = Fraction(0) if span_of(view, clause).moment == "start" else None
            added = AddClip(source, length, start=start)
            done = outcome.attempt(lambda added=added: added, clause)  # type: ignore[misc]
        else:
            done = outcome.attempt(lambda source=source: AddPhotos((source,)), clause)  # type: ignore[misc]
        if done and span_of(view, clause).moment == "start":
            shots = list(main_shots(outcome.draft))
            if shots[0].src != source:
                _reorder(outcome, clause, [shots[-1], *shots[:-1]])
        elif done:
            _say_order(outcome)
    return bool(new)
