"""Follow-ups that lean on the turn before: "same for the third", "sorry, I meant the third", "the other direction"."""

from dataclasses import dataclass, replace

from engine.motion import MOVES
from engine.timeline import SetMotion
from pipelines.director.moves import VERBS
from pipelines.director.outcome import Outcome
from pipelines.director.selection import Selection
from pipelines.director.shots import main_shots
from pipelines.director.terms import Term, TermView

SMALL = (
    "filler",
    "det",
    "mark",
    "join",
    "prep",
    "same",
    "select",
    "negation",
    "photo",
    "only",
    "but",
    "session",
    "describe",
)
"""Categories that such a turn consists of."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The last instruction, said of other shots.

    Attributes:
        text: the last instruction.
        selection: the shots that this turn names.
        instead: whether what was done before was not meant.
    """

    text: str
    selection: Selection
    instead: bool


def repeated(view: TermView, last: str) -> Repeat | None:
    """The last instruction for the shots that this turn names; None where the turn is something else."""
    marks = [index for index in range(len(view.terms)) if view.category(index) == "same"]
    selects = [index for index in range(len(view.terms)) if view.category(index) == "select"]
    only = any((term.category, term.value) == ("but", "only") for term in view.terms)
    wrong = _takes_back(view)
    others = all((view.terms[index].selection or Selection()).rest for index in selects)
    # "the third one too"
    also = bool(view.terms) and (
        (view.terms[-1].category, view.terms[-1].value) == ("degree", "too") or view.terms[0].category == "join"
    )
    small = (*SMALL, "transition", "act", "rest") if only else (*SMALL, "degree") if also else SMALL
    small = (*small, "act") if wrong else small
    if not last or not selects or any(term.category not in small for term in view.terms):
        return None
    if only and any(term.category == "act" and term.value != "keep" for term in view.terms):
        return None
    # "not the second, the third"; "only the first, the others as they were"
    negated = [index for index in selects if view.category(view.skip_back(index - 1, "det", "filler")) == "negation"]
    corrected = bool(negated) and len(selects) > len(negated)
    if not (
        corrected or wrong or only or others or also or any(view.value(index) in ("same", "instead") for index in marks)
    ):
        return None
    said = [view.terms[index].selection for index in selects if index not in negated]
    named = [each for each in said if each is not None and not (only and each.rest)][: 1 if only else None]
    if not named:
        return None
    both = replace(named[0], places=tuple(place for each in named for place in each.places))
    instead = corrected or wrong or only or any(view.value(index) == "instead" for index in marks)
    return Repeat(last, both, instead)


def _takes_back(view: TermView) -> bool:
    """Whether a turn takes something back and names, behind a mark, what was meant: "wrong one, the second"."""
    undo = [index for index, term in enumerate(view.terms) if (term.category, term.value) == ("act", "undo")]
    acts = [term for term in view.terms if term.category == "act"]
    if len(undo) != 1 or len(acts) != 1:
        return False
    mark = view.skip(undo[0] + 1, "filler")
    return view.category(mark) == "mark" and view.category(view.skip(mark + 1, "filler", "det")) == "select"


def said_of(view: TermView, selection: Selection) -> None:
    """Let an instruction be about other shots than those that it names, or about some where it names none."""
    old = [index for index, term in enumerate(view.terms) if term.category == "select"]
    if old:
        view.terms = [
            replace(term, selection=selection) if index == old[0] else term
            for index, term in enumerate(view.terms)
            if index == old[0] or index not in old
        ]
        return
    view.terms = [Term("select", "", 0, 0, selection=selection), *view.terms]


def turn_round(outcome: Outcome) -> None:
    """Let the moves of the shots go the other way, where that is all that is asked for."""
    view = outcome.view
    marks = [
        index for index in range(len(view.terms)) if (view.category(index), view.value(index)) == ("same", "opposite")
    ]
    if not marks or any(term.category in ("act", "object", "direction") for term in view.terms):
        return
    shots = list(main_shots(outcome.draft))
    told = {name for term in view.terms if term.category == "verb" for name in VERBS[term.value].moves.values()}
    if any(term.category == "move" for term in view.terms):
        return
    if told:  # "the pan should go the other way"
        shots = [shot for shot in shots if shot.motion is not None and told & set(shot.motion.moves)]
        if not shots:
            return
        view.terms = [replace(term, category="filler") if term.category == "verb" else term for term in view.terms]
    selects = [term.selection for term in view.terms if term.selection is not None]
    if selects:
        places = selects[0].of(len(shots)) or ()
        shots = [shots[place] for place in places]
    elif outcome.memory.shots:
        shots = [shot for shot in shots if shot.id in outcome.memory.shots]
    for shot in shots:
        if shot.motion is None:
            continue
        moves = tuple(MOVES[name].opposite or name for name in shot.motion.moves)
        motion = replace(shot.motion, moves=moves)
        if motion != shot.motion and outcome.does(SetMotion(motion, (shot.id,))):
            names = outcome.say("say.list_and").join(outcome.say(f"phrase.move.{name}") for name in moves)
            outcome.note("move", names)
