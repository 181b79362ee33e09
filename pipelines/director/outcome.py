"""What becomes of the findings: operations that have been tried on the draft, and what to tell the user."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.core.errors import InputError
from engine.timeline import Draft, Operation, apply
from pipelines.director.events import Event, Reading
from pipelines.director.lexicon import Lexicon
from pipelines.director.plan import Understood

MAX_QUOTE = 80
"""Characters of the user's words that are quoted at once."""


@dataclass(slots=True)
class Outcome:
    """The plan while it grows.

    Attributes:
        reading: the findings.
        lexicon: the language of the answer.
        draft: the draft after the operations so far.
        operations: those that the draft took.
        understood: what was understood.
        choices: sentences about readings that were chosen.
        refused: what is not done: the place in the text, the words, the reason (empty: not understood).
    """

    reading: Reading
    lexicon: Lexicon
    draft: Draft
    operations: list[Operation] = field(default_factory=list)
    understood: list[Understood] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)

    def say(self, key: str, **values: object) -> str:
        """A phrase in the user's language."""
        return self.lexicon.say(key, **values)

    def words(self, event: Event) -> str:
        """The user's words behind a finding."""
        return shorten(self.reading.words(event.first, event.last))

    def refuse(self, event: Event, reason: str) -> None:
        """Record that a finding is not acted upon."""
        self.refused.append((event.first, self.words(event), reason))

    def note(self, topic: str, phrase: str) -> None:
        """Record that something was understood."""
        self.understood.append(Understood(topic, phrase))

    def attempt(self, make: Callable[[], Operation], event: Event) -> bool:
        """Make and apply an operation; where it or the draft refuses, so is the finding, with their own words."""
        try:
            operation = make()
            self.draft = apply(self.draft, operation)
        except InputError as error:
            self.refuse(event, error.message.rstrip("."))
            return False
        self.operations.append(operation)
        return True


def shorten(words: str) -> str:
    """The user's words on one line, cut where they are too long to quote."""
    line = " ".join(words.split())
    return line if len(line) <= MAX_QUOTE else line[: MAX_QUOTE - 1] + "…"
