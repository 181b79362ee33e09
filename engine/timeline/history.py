"""Undo and redo: what was done to a draft, as a list.

Every operation has an inverse that is an operation too: a :class:`Restore` of the parts that it changed. Only segments
and tracks that differ are in it, so a history is about as large as what was edited.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.core.errors import DraftError
from engine.timeline.apply import apply, apply_all
from engine.timeline.apply_tracks import restoring
from engine.timeline.codec import read_draft, write_draft
from engine.timeline.draft import Draft
from engine.timeline.fields import Fields
from engine.timeline.operation_json import read_operation, write_operation
from engine.timeline.operations import Operation

MAX_STEPS = 1000
"""Steps that a history keeps; older ones can no longer be undone."""


def invert(draft: Draft, operation: Operation) -> tuple[Operation, ...]:
    """What takes an operation back: applied to ``apply(draft, operation)``, it gives exactly ``draft``.

    Empty for an operation that changes nothing.

    Raises:
        DraftError: the operation does not fit the draft.
    """
    restore = restoring(draft, apply(draft, operation))
    return () if restore is None else (restore,)


@dataclass(frozen=True, slots=True)
class Step:
    """Operations that were done together, and are undone together: one instruction of a user.

    Attributes:
        operations: in the order in which they were done.
        inverse: what takes them back.
    """

    operations: tuple[Operation, ...]
    inverse: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class History:
    """A draft, how it came to be, and what was undone. A value: every method gives a new one.

    Attributes:
        draft: as it is now.
        done: steps, the last one last.
        undone: steps that can be done again, the one that was undone last first.
    """

    draft: Draft
    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def do(self, *operations: Operation) -> "History":
        """Carry out operations as one step; what was undone can then not be done again.

        Raises:
            DraftError: one of them does not fit; nothing is done then.
        """
        after = apply_all(self.draft, operations)
        restore = restoring(self.draft, after)
        step = Step(operations, () if restore is None else (restore,))
        return History(after, (*self.done, step)[-MAX_STEPS:])

    def undo(self) -> "History":
        """Take the last step back.

        Raises:
            DraftError: there is none.
        """
        if not self.done:
            raise DraftError("There is nothing to undo.")
        step = self.done[-1]
        return History(apply_all(self.draft, step.inverse), self.done[:-1], (step, *self.undone))

    def redo(self) -> "History":
        """Do again what was undone last.

        Raises:
            DraftError: nothing was undone since the last step.
        """
        if not self.undone:
            raise DraftError("There is nothing to do again.")
        step = self.undone[0]
        return replace(
            self, draft=apply_all(self.draft, step.operations), done=(*self.done, step), undone=self.undone[1:]
        )


def write_history(history: History) -> dict[str, Any]:
    """The JSON object of a history."""
    return {
        "draft": write_draft(history.draft),
        "done": [_write_step(step) for step in history.done],
        "undone": [_write_step(step) for step in history.undone],
    }


def read_history(value: Mapping[str, Any]) -> History:
    """Read what :func:`write_history` writes.

    Raises:
        DraftError: a member is not valid.
    """
    fields = Fields(value, "")
    draft = read_draft(fields.mapping("draft"))
    done, undone = (
        tuple(_read_step(fields.below(f"{key}[{index}]", item)) for index, item in enumerate(fields.items(key)))
        for key in ("done", "undone")
    )
    return History(draft, done, undone)


def _write_step(step: Step) -> dict[str, Any]:
    return {
        "do": [write_operation(operation) for operation in step.operations],
        "undo": [write_operation(operation) for operation in step.inverse],
    }


def _read_step(fields: Fields) -> Step:
    done, undone = (
        tuple(read_operation(item, fields.path(f"{key}[{index}]")) for index, item in enumerate(fields.items(key)))
        for key in ("do", "undo")
    )
    return Step(done, undone)
