"""What the grammar finds in an instruction, before it is weighed against the draft."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from pipelines.director.selection import Selection
from pipelines.director.terms import Term, TermView

EventKind = Literal[
    "move",
    "animate",
    "amount",
    "speed",
    "ease",
    "focus",
    "duration",
    "each",
    "total",
    "alternate",
    "aspect",
    "size",
    "pixels",
    "fps",
    "fit",
    "transition",
    "title",
    "select",
    "living",
    "timed",
    "engine",
    "extend",
    "quality",
    "scale",
]


@dataclass(slots=True)
class Event:
    """One finding.

    Attributes:
        kind: what it is about.
        first, last: the terms that it stands on, both included.
        part: number of the part of a sentence (between commas and conjunctions).
        sentence: number of the sentence.
        value: a name: of a verb, speed, easing, focus word, aspect, fit, transition, topic, unit of an amount.
        number: a quantity: seconds, ratio, degrees, pixels, frames a second.
        directions: of a verb, in the order in which they were said.
        moves: of a named move.
        point: of a focus.
        size: width and height of ``pixels``.
        selection: of a ``select``.
        title: quoted text.
        preposition: before an amount: "to 150 %" and "by 50 %" are the same.
        negated: said to be unwanted.
        after_then: said to come after another.
        of_picture: a verb said of the picture, not of the camera.
        travels: a move said of a camera that goes somewhere, so that it does where there is depth.
        chosen: a direction was left open by the words; of an aspect, that only a platform was named.
        guess: the words of a focus that is taken to be the subject.
    """

    kind: EventKind
    first: int
    last: int
    part: int = 0
    sentence: int = 0
    value: str = ""
    number: Fraction = Fraction(0)
    directions: list[str] = field(default_factory=list)
    moves: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    size: tuple[int, int] = (0, 0)
    selection: Selection | None = None
    title: str = ""
    preposition: str = ""
    negated: bool = False
    after_then: bool = False
    of_picture: bool = False
    travels: bool = False
    chosen: bool = False
    guess: str = ""


@dataclass
class Reading(TermView):
    """The state of reading: what has been found so far and what is open.

    Attributes:
        text: the instruction.
        terms: its terms.
        position: the next term to read.
        events: found so far.
        unknown: terms that no rule could use.
        part, sentence: the numbers given to the next event.
        negated: whether a negation is in force.
        after_then: whether the next move comes after another.
        verb: the verb that may still be given a direction.
        pending: directions that wait for their verb ("left pan").
        goes_on: whether the turn before was about the camera, so that a direction alone says where it shall go instead.
        begins: sides at which the camera is said to start, no verb having been told yet.
    """

    text: str
    terms: list[Term]
    position: int = 0
    events: list[Event] = field(default_factory=list)
    unknown: set[int] = field(default_factory=set)
    part: int = 0
    sentence: int = 0
    negated: bool = False
    after_then: bool = False
    verb: Event | None = None
    pending: list[str] = field(default_factory=list)
    pending_chosen: bool = False
    begins: list[str] = field(default_factory=list)
    goes_on: bool = False

    def add(self, kind: EventKind, last: int, *, first: int | None = None, value: str = "") -> Event:
        """Record a finding that ends with the term ``last``, and go on after it."""
        start = self.position if first is None else first
        event = Event(kind, start, last, self.part, self.sentence, value, negated=self.negated)
        self.events.append(event)
        self.position = last + 1
        return event

    def last_move(self) -> Event | None:
        """The latest move of this sentence."""
        moves = [event for event in self.events if event.kind == "move" and event.sentence == self.sentence]
        return moves[-1] if moves else None
