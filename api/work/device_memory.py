"""Jobs that ended their worker because its GPU had not enough memory, or did not answer any more.

Whatever a model left on the GPU goes with its process. The job is handed back with what its next worker must know: how
little at a time was tried last, and what to tell its user. That stands in its payload, written in the transaction that
queues it again, so that it outlives every process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.errors import DeviceMemoryError

Json = dict[str, Any]

MAX_EXITS = 2
"""Workers that a job may end in this way before it fails."""

EXIT_DEVICE = 77
"""Exit code of a worker that ended in this way, with its job written down."""

FRESH_PROCESS = "The device had not enough memory; the work went on in a fresh process."

DEVICE_LOST = "The GPU stopped answering; the work went on in a fresh process."

LOST_TWICE = (
    "The GPU stopped answering twice while this was made. Try again; if it fails again, tell this site's operator."
)

_MEMBER = "device_memory"


@dataclass(frozen=True, slots=True)
class DeviceExits:
    """What earlier workers leave to the next one.

    Attributes:
        exits: workers that the job has ended in this way.
        rung: the least that was tried, as ``models/image_to_video/ladder.py`` writes it; None: begin with everything.
        notes: sentences for the user.
    """

    exits: int = 0
    rung: Json | None = None
    notes: tuple[str, ...] = ()

    def after(self, error: Exception) -> "DeviceExits":
        """What is left when one more worker ends with an error."""
        if not isinstance(error, DeviceMemoryError):
            return DeviceExits(self.exits + 1, self.rung, (*self.notes, DEVICE_LOST))
        return DeviceExits(self.exits + 1, error.rung or self.rung, (*self.notes, *error.notes, FRESH_PROCESS))

    def told(self, result: Json) -> Json:
        """A result whose notes begin with these."""
        if not self.notes:
            return result
        return result | {"notes": list(dict.fromkeys((*self.notes, *result.get("notes", []))))}


def exits_of(payload: Mapping[str, Any]) -> DeviceExits:
    """What a job's payload says of earlier workers."""
    found = payload.get(_MEMBER)
    return DeviceExits(found["exits"], found["rung"], tuple(found["notes"])) if found else DeviceExits()


def with_exits(payload: Mapping[str, Any], exits: DeviceExits) -> Json:
    """A payload that says so."""
    return {**payload, _MEMBER: {"exits": exits.exits, "rung": exits.rung, "notes": list(exits.notes)}}
