"""Clauses: some terms that belong together, what they are about, what is said not to be wanted."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.director.selection import Selection
from pipelines.director.terms import TermView

Domain = Literal["camera", "text", "sound", "look", "cut", "clip", "order", "layer", "length", "session", "keep"]
"""What a clause is about; ``camera`` is also everything about the video as a whole."""


OF_OBJECT: dict[str, Domain] = {
    "title": "text", "subtitle": "text", "caption": "text", "lower_third": "text", "text": "text",
    "music": "sound", "voice": "sound", "sound": "sound", "volume": "sound", "pause": "sound",
    "logo": "layer", "inset": "layer",
}  # fmt: skip


OF_ACT: dict[str, Domain] = {
    "swap": "order", "reorder": "order", "backwards": "order", "shuffle": "order", "sort": "order",
    "duplicate": "order",
    "mute": "sound", "unmute": "sound", "duck": "sound", "trim": "clip", "split": "clip", "reverse": "clip",
    "loop": "clip", "freeze": "clip", "slow_motion": "clip", "fast_motion": "clip", "speed": "clip",
    "undo": "session", "redo": "session", "restart": "session", "restart_all": "session", "export": "session",
}  # fmt: skip
"""Acts that say by themselves what they are about."""


OF_CATEGORY: dict[str, Domain] = {
    "look": "look", "overlay": "look", "transition": "cut", "verb": "camera", "move": "camera", "animate": "camera",
    "engine": "camera", "living": "camera", "extend": "camera", "quality": "camera", "session": "session",
    "question": "session", "audio": "sound", "cues": "text",
}  # fmt: skip


@dataclass(slots=True)
class Clause:
    """Some terms that belong together.

    Attributes:
        domain: what it is about.
        indexes: of its terms, in order.
        act: the generic act, empty where none is said; it may come from the clause before ("remove this and that").
        head: the index of the term that says what it is about; None where that comes from before.
        negated: whether it is said to be unwanted.
        sentence: number of the sentence.
        lead: what stands before it: ``and``, ``or``, ``comma``, ``then``, ``but``, ``hard``, or nothing.
        selection: which shots or texts, None where nothing is said.
        follows: whether it goes on with what the clause before was about.
    """

    domain: Domain
    indexes: list[int] = field(default_factory=list)
    act: str = ""
    head: int | None = None
    negated: bool = False
    sentence: int = 0
    lead: str = ""
    selection: Selection | None = None
    follows: bool = False

    @property
    def first(self) -> int:
        """Index of its first term."""
        return self.indexes[0]

    @property
    def last(self) -> int:
        """Index of its last term."""
        return self.indexes[-1]

    def find(self, view: TermView, category: str, *values: str) -> list[int]:
        """The indexes of its terms of a category, and of these values where some are given."""
        return [
            index
            for index in self.indexes
            if view.category(index) == category and (not values or view.value(index) in values)
        ]


def domain_at(view: TermView, index: int) -> Domain | None:
    """What a term makes its clause be about; None for a term that is no head."""
    category, value = view.category(index), view.value(index)
    if category == "object":
        found = OF_OBJECT.get(value)
    elif category == "act":
        found = OF_ACT.get(value.partition(":")[0])
    elif category == "session" and value in ("greet", "thanks"):
        found = None
    else:
        found = OF_CATEGORY.get(category)
    if found in ("look", "layer", "sound", "text", "clip") and _is_shown(view, index):
        return None
    return found


def _is_shown(view: TermView, index: int) -> bool:
    """Whether a word says what a photo shows, or where to look: "zoom in on the snow", "a black and white photo"."""
    before = view.skip_back(index - 1, "det", "amount", "unknown", "color", "degree")
    lead = (view.category(before), view.value(before))
    has_article = before < index - 1 and view.category(before + 1) == "det"
    if lead[0] == "prep" and lead[1] in ("on", "to", "at", "from", "across") and has_article:
        verb = view.skip_back(before - 1, "direction", "speed", "amount", "filler", "degree")
        if view.category(verb) in ("verb", "move", "focus"):
            return True
    if lead == ("prep", "of") and view.category(view.skip_back(before - 1, "filler")) in ("photo", "camera"):
        return True
    following = view.skip(index + 1, "unknown")
    adjectives = view.skip_back(index - 1, "unknown", "amount", "degree")
    if view.category(following) == "photo" and adjectives < index - 1 and view.category(adjectives) == "det":
        return True  # "an old black and white photo"
    definite = view.category(index - 1) == "det" and view.value(index - 1) != "a"
    told = following > index + 1 or definite
    return view.category(following) == "photo" and told and view.category(index) != "object"
