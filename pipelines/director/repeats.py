"""Follow-ups that lean on the turn before: "same for the third", "sorry, I meant the third", "the other direction"."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.motion import MOVES
from engine.timeline import SetMotion
from pipelines.director.outcome import Outcome
from pipelines.director.shots import main_shots
from pipelines.director.terms import TermView

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
        text: the instruction with the other shots in it.
        instead: whether what was done before was not meant.
    """

    text: str
    instead: bool


def repeated(view: TermView, last: str, read: Callable[[str], TermView]) -> Repeat | None:
    """The last instruction for the shots that this turn names; None where the turn is something else."""
    marks = [index for index in range(len(view.terms)) if view.category(index) == "same"]
    selects = [index for index in range(len(view.terms)) if view.category(index) == "select"]
    if not last or not selects or any(term.category not in SMALL for term in view.terms):
        return None
    # "not the second, the third"
    negated = [index for index in selects if view.category(view.skip_back(index - 1, "det", "filler")) == "negation"]
    corrected = bool(negated) and len(selects) > len(negated)
    if not corrected and not any(view.value(index) in ("same", "instead") for index in marks):
        return None
    chosen = [index for index in selects if index not in negated]
    words = view.words(chosen[0], chosen[-1])
    before = read(last)
    old = [term for term in before.terms if term.category == "select"]
    if not old:
        return None
    text = last[: old[0].start] + words + last[old[0].end :]
    return Repeat(text, corrected or any(view.value(index) == "instead" for index in marks))


def turn_round(outcome: Outcome) -> None:
    """Let the moves of the shots go the other way, where that is all that is asked for."""
    view = outcome.view
    marks = [
        index for index in range(len(view.terms)) if (view.category(index), view.value(index)) == ("same", "opposite")
    ]
    if not marks or any(term.category in ("verb", "move", "act", "object", "direction") for term in view.terms):
        return
    shots = list(main_shots(outcome.draft))
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
