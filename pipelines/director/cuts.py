"""Deciding about what happens between shots, and at the ends of the video."""

from fractions import Fraction

from engine.timeline import Keyframe, Segment, SetKeyframes, SetTransition, Transition, plain_number
from pipelines.director.clauses import Clause
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots, shots_of
from pipelines.director.slots import degree_in, factor_in, length_in, sides_in

SIDED = ("slide", "push", "wipe")
"""Transitions that go to a side."""

DEFAULT_SIDE = "left"

DEFAULT_LENGTH = Fraction(1, 2)
"""Seconds that stand for a transition without a length, for "longer" and "shorter"."""

FADE = Fraction(1)
"""Seconds of a fade from or to black at the ends."""

STEPS = {"": Fraction(3, 2), "little": Fraction(5, 4), "strong": Fraction(2)}

OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


def plan_cut(outcome: Outcome, clause: Clause) -> None:
    """Set transitions, change their length, or take them away."""
    view = outcome.view
    fades = clause.find(view, "fade")
    named = [view.value(index) for index in clause.find(view, "transition")]
    ends = _fade_at_ends(outcome, clause) if fades and not named else None
    if ends is not None:
        return
    shots = main_shots(outcome.draft)
    if len(shots) < 2:
        if clause.negated or clause.act == "remove":
            outcome.note("transition", outcome.say("phrase.transition.cut"))
        else:
            outcome.refuse(clause, outcome.say("say.no_next" if shots else "say.no_photo"))
        return
    before = _before(outcome, clause, shots)
    if not before:
        outcome.refuse(clause, outcome.say("say.no_such_photo"))
        return
    kind = _kind(outcome, clause, named, bool(fades))
    if (clause.negated and not clause.find(view, "degree", "too")) or clause.act == "remove":
        _negated(outcome, clause, before, kind)
        return
    _set(outcome, clause, before, kind)


def _before(outcome: Outcome, clause: Clause, shots: tuple[Segment, ...]) -> list[Segment]:
    """The shots after which the transitions in question come; the last one has none."""
    for index in clause.find(outcome.view, "transition"):
        if outcome.view.category(index - 1) == "ordinal":
            place = int(outcome.view.value(index - 1))
            cuts = list(shots[:-1])
            return cuts[place - 1 : place] if place > 0 else cuts[place:]
    if clause.selection is None or clause.selection.noun == "object":
        return list(shots[:-1])
    view = outcome.view
    selections = [view.terms[index].selection for index in clause.find(view, "select")] or [clause.selection]
    chosen = [shot for selection in selections if selection is not None for shot in shots_of(outcome, selection)]
    places = sorted({shots.index(shot) for shot in chosen if shot in shots})
    is_rest = any(selection is not None and selection.rest for selection in selections)
    if is_rest and any(item[0] == "cut after" for item in outcome.done):
        # The cuts that no word was said of, rather than those after the shots that were not named.
        return [shot for shot in shots[:-1] if ("cut after", shot.id) not in outcome.done]
    leads = {view.value(view.skip_back(index - 1, "det")) for index in clause.find(view, "select")}
    into = "to" in leads and len(places) == 1 and "from" not in leads
    if "before" in leads or (into and places[0] > 0):
        places = [place - 1 for place in places]
    elif len(places) > 1:
        # "between the first and the second": the cut between them.
        places = places[:-1]
    elif places and places[0] == len(shots) - 1 and len(shots) > 1:
        places = [len(shots) - 2]
    return [shots[place] for place in places if 0 <= place < len(shots) - 1]


def _kind(outcome: Outcome, clause: Clause, named: list[str], fades: bool) -> str:
    """The kind of transition, empty where the words leave it open."""
    view = outcome.view
    kinds = [name for name in named if name != "any"]
    verbs = [
        view.value(index)
        for index in clause.find(view, "verb") + clause.find(view, "textfx") + clause.find(view, "look")
    ]
    if not kinds:
        # "slide left transition", "transition: zoom"
        kinds = ["slide" if name == "pan" else name for name in verbs if name in (*SIDED, "zoom", "blur", "pan")]
    if fades and not kinds:
        value = view.value(clause.find(view, "fade")[0])
        return {"black": "dip_black", "white": "dip_white"}.get(value, "cross_dissolve")
    if not kinds:
        return ""
    kind = kinds[0]
    if kind not in SIDED:
        return kind
    sides = [side for side in sides_in(view, clause) if side in ("left", "right")]
    side = sides[0] if sides else DEFAULT_SIDE
    for index in clause.find(view, "direction", side):
        lead = view.skip_back(index - 1, "det")
        if (view.category(lead), view.value(lead)) == ("prep", "from"):
            side = OPPOSITE[side]  # what comes from the left travels to the right
    return f"{kind}_{side}"


def _negated(outcome: Outcome, clause: Clause, before: list[Segment], kind: str) -> None:
    target = tuple(shot.id for shot in before)
    new = Transition() if kind == "cut" else None
    if outcome.attempt(lambda: SetTransition(new, target), clause):
        outcome.note("transition", outcome.say(f"phrase.transition.{'cross_dissolve' if new else 'cut'}"))


def _set(outcome: Outcome, clause: Clause, before: list[Segment], kind: str) -> None:
    view = outcome.view
    length = length_in(view, clause.indexes)
    step = _step(outcome, clause)
    if length is not None:
        outcome.done.add(("cut length", clause.sentence))
    elif step is not None and not kind and ("cut length", clause.sentence) in outcome.done:
        return  # "0.3 s, snappy"
    target = tuple(shot.id for shot in before)
    whole = clause.selection is None
    if not whole:
        outcome.done |= {("cut after", name) for name in target}
    if kind == "cut":
        if outcome.attempt(lambda: SetTransition(None, target), clause):
            outcome.note("transition", outcome.say("phrase.transition.cut"))
        return
    for shot in before:
        old = shot.transition
        new_kind = kind or (old.kind if old is not None and old.kind != "cut" else "cross_dissolve")
        new_length = length
        if step is not None and length is None:
            now = old.duration if old is not None and old.duration is not None else DEFAULT_LENGTH
            new_length = now * step
        elif (length is None and old is not None and not kind) or (
            length is None and old is not None and kind and old.kind != "cut"
        ):
            new_length = old.duration
        new = Transition(new_kind, new_length)
        if (
            not whole
            or len({each.transition and (each.transition.kind, each.transition.duration) for each in before}) > 1
        ):
            if not outcome.attempt(lambda new=new, shot=shot: SetTransition(new, (shot.id,)), clause):  # type: ignore[misc]
                return
            continue
        if not outcome.attempt(lambda new=new: SetTransition(new, target), clause):  # type: ignore[misc]
            return
        break
    name = outcome.say(f"phrase.transition.{new_kind}")
    if new_length is not None:
        name = outcome.say("say.transition_length", kind=name, seconds=plain_number(new_length))
    outcome.note("transition", name)
    if not kind and clause.act == "add":
        outcome.choices.append(outcome.say("say.choice_cut", kind=outcome.say(f"phrase.transition.{new_kind}")))


def _step(outcome: Outcome, clause: Clause) -> Fraction | None:
    """The factor of "longer", "slower", "faster transitions"."""
    view = outcome.view
    longer = clause.find(view, "compare", "longer") + clause.find(view, "speed", "slower", "slow")
    shorter = clause.find(view, "compare", "shorter") + clause.find(view, "speed", "faster", "fast")
    factor = factor_in(view, clause)
    if clause.find(view, "compare", "as_long") and factor is not None:
        return factor
    if not (longer or shorter):
        return None
    step = max(factor, 1 / factor) if factor else STEPS[degree_in(view, clause)]
    return step if longer else 1 / step


def _fade_at_ends(outcome: Outcome, clause: Clause) -> bool | None:
    """A fade of the picture from black at the beginning, or to black at the end; None where it is not about that."""
    view = outcome.view
    moments = [view.value(index) for index in clause.find(view, "moment")]
    value = view.value(clause.find(view, "fade")[0])
    ways = {view.value(index) for index in clause.find(view, "direction")}
    between = (
        bool(clause.find(view, "each")) or clause.selection is not None or bool(clause.find(view, "prep", "between"))
    )
    shots = main_shots(outcome.draft)
    if not shots or between:
        return None
    if value in ("black", "white") and not moments and len(shots) > 1 and not _is_from(outcome, clause):
        return None
    enters = (
        value in ("in", "in_out")
        or "start" in moments
        or ("in" in ways and value == "any")
        or _is_from(outcome, clause)
    )
    # "end with a fade to black"
    ends = "end" in moments or bool(clause.find(view, "focus", "verb"))
    leaves = value in ("out", "in_out") or ends or ("out" in ways and value == "any")
    if value in ("black", "white") and not enters and not leaves:
        leaves = True
    if not (enters or leaves):
        return None
    if clause.negated:
        return None
    length = length_in(view, clause.indexes) or FADE
    if enters:
        _fade(outcome, clause, shots[0], min(length, shots[0].duration / 2), begins=True)
    if leaves:
        last = main_shots(outcome.draft)[-1]
        _fade(outcome, clause, last, min(length, last.duration / 2), begins=False)
    return True


def _is_from(outcome: Outcome, clause: Clause) -> bool:
    view = outcome.view
    return any(
        (view.category(index + 1), view.value(index)) == ("fade", "from") for index in clause.find(view, "prep", "from")
    )


def _fade(outcome: Outcome, clause: Clause, shot: Segment, length: Fraction, *, begins: bool) -> None:
    """Let a shot come out of the black canvas, or go into it: its opacity rises or falls."""
    first, last = (Fraction(0), length) if begins else (shot.duration - length, shot.duration)
    low, high = Keyframe(first if begins else last, opacity=0.0), Keyframe(last if begins else first, opacity=1.0)
    kept = [
        keyframe for keyframe in shot.keyframes if not (first <= keyframe.at <= last and keyframe.opacity is not None)
    ]
    keyframes = tuple(sorted([*kept, low, high], key=lambda keyframe: keyframe.at))
    if outcome.attempt(lambda: SetKeyframes(keyframes, (shot.id,)), clause):
        key = "say.fade_in" if begins else "say.fade_out"
        outcome.note("transition", outcome.say(key, seconds=plain_number(length)))
