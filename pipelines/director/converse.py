"""A conversation about one draft: turns that go on from each other, undo and redo."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engine.timeline import Draft, History
from pipelines.director.abilities import ALL, Abilities
from pipelines.director.direct import direct_turn
from pipelines.director.memory import Memory
from pipelines.director.plan import Asset, Plan


@dataclass(frozen=True)
class Conversation:
    """What a conversation has come to; a value, to be kept between turns.

    Attributes:
        history: the draft and what was done to it, turn by turn (see ``engine.timeline.write_history``).
        memory: what was spoken of last.
    """

    history: History
    memory: Memory = field(default_factory=Memory)

    @property
    def draft(self) -> Draft:
        """The draft as it stands."""
        return self.history.draft


def converse(
    text: str,
    conversation: Conversation,
    assets: Sequence[Asset] = (),
    *,
    language: str | None = None,
    abilities: Abilities = ALL,
) -> tuple[Plan, Conversation]:
    """Take one turn.

    The plan's operations lead from the conversation's draft to that of the new conversation, those that take something
    back too.

    Args:
        text: what the user wrote.
        conversation: what there was before.
        assets: see ``pipelines.director.direct``.
        language: code of the lexicon; None finds out.
        abilities: see ``pipelines.director.direct``.
    """
    history = conversation.history
    directed = direct_turn(text, history.draft, assets, conversation.memory, language, history, abilities=abilities)
    if directed.undone:
        for _ in range(directed.undone):
            history = history.undo()
    elif directed.redone:
        for _ in range(directed.redone):
            history = history.redo()
    elif directed.plan.operations:
        history = history.do(*directed.plan.operations)
    return directed.plan, replace(conversation, history=history, memory=directed.memory)
