"""What is wanted of generated motion: what moves, how strongly, how a shot is filled, at what quality."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.motion import PROMPT_LENGTH
from pipelines.director.abilities import MISSING
from pipelines.director.events import Event
from pipelines.director.moves import NAMED_MOVES
from pipelines.director.outcome import Outcome
from pipelines.director.tokens import is_unspaced

if TYPE_CHECKING:
    from pipelines.director.wishes import Wishes

GENTLE, STRONG = 0.3, 0.8
"""Strengths that "gentle" and "strong" stand for."""

LIVELIER, CALMER = 1.5, 0.6
"""Factors of "faster" and "slower" where the camera stands still: those of "more" and "less"."""


def collect_generated(outcome: Outcome, events: Sequence[Event], wishes: "Wishes") -> None:
    """Take up what is said of generated motion; where it is not possible here, ask for depth instead and say so."""
    living = [event for event in events if event.kind == "living" and not event.negated]
    told = [event for event in living if event.value]
    possible = outcome.abilities.generated
    for event in living:
        if not event.value or wishes.method != "diffusion":
            outcome.refuse(event, outcome.say("reason.living"))
        elif not possible:
            outcome.refuse(event, outcome.say("reason.no_generated"))
    if wishes.method == "diffusion" and not possible:
        wishes.method, wishes.instead = "parallax", True
        sentence = outcome.say("say.no_generated", missing=_missing(outcome))
        if sentence not in outcome.choices:
            outcome.choices.append(sentence)
        return
    if wishes.method == "diffusion" and told:
        comma = "，" if is_unspaced(told[0].value[0]) else ", "
        wishes.prompt = comma.join(event.value for event in told)[:PROMPT_LENGTH].strip()
        if not outcome.abilities.follows_text and outcome.say("say.prompt_unread") not in outcome.choices:
            outcome.choices.append(outcome.say("say.prompt_unread"))
    for event in events:
        if event.kind == "extend":
            wishes.extend = "auto" if event.negated else event.value
        elif event.kind == "quality" and not event.negated:
            wishes.quality = event.value


def is_manner(event: Event) -> bool:
    """Whether a move says how gently something moves, and names none of the camera: "subtle motion"."""
    return not event.value and not event.negated and event.moves == NAMED_MOVES["drift"]


def of_engine(amount: Event, events: Sequence[Event]) -> bool:
    """Whether an amount stands beside the wish for AI motion, and a move elsewhere: "AI motion 30 %, zoom in"."""
    beside = [event for event in events if (event.sentence, event.part) == (amount.sentence, amount.part)]
    asks = any((event.kind, event.value, event.negated) == ("engine", "diffusion", False) for event in beside)
    return asks and not any(event.kind == "move" for event in beside)


def strength_of(amount: Event) -> float:
    """The strength that an amount stands for, 0..1."""
    if amount.value == "percent":
        return min(float(amount.number) / 100, 1.0)
    return GENTLE if (amount.value == "little") != amount.negated else STRONG


def speed_as_strength(wishes: "Wishes") -> None:
    """Where the camera stands still, how fast something goes is how strongly it moves: "AI motion, gently"."""
    if not wishes.in_pictures:
        return
    if wishes.speed in ("slow", "fast") and wishes.strength is None:
        wishes.strength = GENTLE if wishes.speed == "slow" else STRONG
    if wishes.step:
        wishes.scale *= LIVELIER if wishes.step > 0 else CALMER
    wishes.speed, wishes.step = None, 0


def _missing(outcome: Outcome) -> str:
    missing = outcome.abilities.missing or MISSING[-1]
    return outcome.say(f"reason.missing.{missing}") if missing in MISSING else missing.rstrip(".")
