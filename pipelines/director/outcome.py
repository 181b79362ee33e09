"""What becomes of the findings: operations that have been tried on the draft, and what to tell the user."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.core.errors import InputError
from engine.timeline import Draft, History, Operation, apply, apply_all, read_operation, write_operation
from pipelines.director.abilities import ALL, Abilities
from pipelines.director.clauses import Clause
from pipelines.director.events import Reading
from pipelines.director.lexicon import Lexicon
from pipelines.director.memory import Memory
from pipelines.director.plan import Asset, Understood
from pipelines.director.terms import TermView

MAX_QUOTE = 80
"""Characters of the user's words that are quoted at once."""


class Place(Protocol):
    """Some terms: a finding, or a clause."""

    @property
    def first(self) -> int:
        """Index of the first term."""
        ...

    @property
    def last(self) -> int:
        """Index of the last term."""
        ...


@dataclass(slots=True)
class Outcome:
    """The plan while it grows.

    Attributes:
        view: the terms.
        lexicon: the language of the answer.
        draft: the draft after the operations so far.
        assets: the files of the session.
        memory: what was spoken of before.
        reading: what the rules for the camera and the whole have found.
        clauses: all clauses of the instruction.
        history: what was done to the draft before; None where nobody knows.
        abilities: what can be asked of generated motion.
        operations: those that the draft took.
        understood: what was understood.
        choices: sentences about readings that were chosen.
        refused: what is not done: the place in the text, the words, the reason (empty: not understood).
        kind: what kind of answer it is, see ``Plan``.
        answers: sentences that answer a question, or that greet.
        undone, redone: steps of the history that are taken back, or done again.
        history_operations: how many of the operations that takes.
        done: what was done already, where the words say it twice.
    """

    view: TermView
    lexicon: Lexicon
    draft: Draft
    assets: Sequence[Asset] = ()
    memory: Memory = field(default_factory=Memory)
    reading: Reading = field(default_factory=lambda: Reading("", []))
    clauses: Sequence[Clause] = ()
    history: History | None = None
    abilities: Abilities = ALL
    operations: list[Operation] = field(default_factory=list)
    understood: list[Understood] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    kind: str = "edit"
    answers: list[str] = field(default_factory=list)
    undone: int = 0
    redone: int = 0
    history_operations: int = 0
    done: set[tuple[object, ...]] = field(default_factory=set)

    def say(self, key: str, **values: object) -> str:
        """A phrase in the user's language."""
        return self.lexicon.say(key, **values)

    def words(self, event: Place) -> str:
        """The user's words behind a finding."""
        return shorten(self.view.words(event.first, event.last))

    def does(self, *operations: Operation) -> bool:
        """Apply operations all together, or none of them; tells whether the draft took them."""
        operations = tuple(map(as_written, operations))
        try:
            draft = apply_all(self.draft, operations)
        except InputError:
            return False
        self.draft = draft
        self.operations += operations
        return True

    def source(self, name: str) -> str:
        """What a segment's ``src`` holds for a file of the session: its address where the session knows one."""
        return next((asset.src or asset.name for asset in self.assets if asset.name == name), name)

    def refuse(self, event: Place, reason: str) -> None:
        """Record that a finding is not acted upon."""
        self.refused.append((event.first, self.words(event), reason))

    def note(self, topic: str, phrase: str) -> None:
        """Record that something was understood."""
        self.understood.append(Understood(topic, phrase))

    def attempt(self, make: Callable[[], Operation], event: Place) -> bool:
        """Make and apply an operation; where it or the draft refuses, so is the finding, with their own words."""
        try:
            operation = as_written(make())
            self.draft = apply(self.draft, operation)
        except InputError as error:
            self.refuse(event, error.message.rstrip("."))
            return False
        self.operations.append(operation)
        return True


def as_written(operation: Operation) -> Operation:
    """An operation as it is read back from its JSON: times on the grid of a millisecond."""
    return read_operation(write_operation(operation))


def shorten(words: str) -> str:
    """The user's words on one line, cut where they are too long to quote."""
    line = " ".join(words.split())
    return line if len(line) <= MAX_QUOTE else line[: MAX_QUOTE - 1] + "…"
