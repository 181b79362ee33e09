"""The pool's book: what counts where, and what would have to go for something to come. No locks, no work."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from models.residency.key import ModelKey
from models.residency.parking import Parkable
from models.runtime import CPU


class State(Enum):
    """Where a model is."""

    MOVING = auto()
    """Being loaded, parked or fetched back, by one thread; the others wait."""
    READY = auto()
    """On its device."""
    PARKED = auto()
    """In memory of the processor, for its next use."""


@dataclass(slots=True)
class Entry:
    """A model in the book.

    Attributes:
        sizes: bytes by device that it takes where it works.
        state: where it is.
        model: None while it is loaded.
        counts: bytes by device that it counts for now.
        holders: its leases, by thread.
        workspace: bytes on its device that its leases need beside, in all.
    """

    sizes: dict[str, int]
    state: State = State.MOVING
    model: object = None
    counts: dict[str, int] = field(default_factory=dict)
    holders: Counter[int] = field(default_factory=Counter)
    workspace: int = 0

    def __post_init__(self) -> None:
        self.counts = dict(self.sizes)

    @property
    def size(self) -> int:
        """Bytes that it counts for, on all devices together."""
        return sum(self.counts.values())

    @property
    def idle(self) -> bool:
        """Whether it may be made to go."""
        return not self.holders and self.state is not State.MOVING


class Book:
    """Entries, the least recently used first.

    Args:
        budget: bytes that models may take on a device.
    """

    def __init__(self, budget: Callable[[str], int]) -> None:
        self.budget = budget
        self.entries: dict[ModelKey, Entry] = {}

    def taken(self, device: str) -> int:
        """Bytes that models and what their leases need beside count for on a device."""
        return sum(
            entry.counts.get(device, 0) + (entry.workspace if key.device == device else 0)
            for key, entry in self.entries.items()
        )

    def lacking(self, device: str, more: int) -> int:
        """Bytes that must go from a device for more to come; negative where there is room left."""
        return self.taken(device) + more - self.budget(device)

    def touched(self, key: ModelKey) -> None:
        """Somebody has just used it."""
        self.entries[key] = self.entries.pop(key)

    def drop(self, key: ModelKey) -> None:
        """Forget a model, whoever still has its entry."""
        self.entries.pop(key).model = None

    def make_room(self, needs: Mapping[str, int], keep: ModelKey | None = None) -> list[tuple[ModelKey, Entry]] | None:
        """Let idle models go, the least recently used first and no more than must, until there is room on all devices.

        Args:
            needs: bytes by device.
            keep: one that may not go.

        Returns:
            Those that the caller must now move into memory of the processor: they count there, and no more on their
            devices. None where it would not do; then nothing has gone.
        """
        self.budget(CPU)  # a setting that cannot be read is told of before anything has gone
        short = {device: self.lacking(device, more) for device, more in needs.items() if more > 0}
        if any(
            lack > sum(entry.counts[device] for _, entry in self._idle(device, keep)) for device, lack in short.items()
        ):
            return None
        reserved = needs.get(CPU, 0)
        to_park: list[tuple[ModelKey, Entry]] = []
        for device in sorted(short, key=lambda each: each != CPU):  # what is parked counts as CPU: room there first
            for key, entry in self._idle(device, keep):
                if self.lacking(device, needs[device]) <= 0:
                    break
                if device != CPU and self._begin_parking(key, entry, reserved, keep):
                    to_park.append((key, entry))
                else:
                    self.drop(key)
        return to_park

    def drop_idle(self, device: str) -> bool:
        """Drop idle models while a device holds more than it may; whether any was dropped."""
        dropped = False
        for key, _ in self._idle(device, None):
            if self.lacking(device, 0) <= 0:
                break
            self.drop(key)
            dropped = True
        return dropped

    def _idle(self, device: str, keep: ModelKey | None) -> list[tuple[ModelKey, Entry]]:
        return [
            (key, entry)
            for key, entry in self.entries.items()
            if entry.idle and key != keep and entry.counts.get(device, 0) > 0
        ]

    def _begin_parking(self, key: ModelKey, entry: Entry, reserved: int, keep: ModelKey | None) -> bool:
        """Let a model count in memory of the processor; False where it cannot wait there."""
        if entry.state is not State.READY or CPU in entry.sizes or not isinstance(entry.model, Parkable):
            return False
        lack = self.lacking(CPU, entry.sizes[key.device] + reserved)
        older = list(self._older(key, keep))
        if lack > sum(other.counts[CPU] for _, other in older):
            return False
        for other_key, other in older:
            if lack <= 0:
                break
            lack -= other.counts[CPU]
            self.drop(other_key)
        entry.state, entry.counts = State.MOVING, {CPU: entry.sizes[key.device]}
        return True

    def _older(self, key: ModelKey, keep: ModelKey | None) -> Iterator[tuple[ModelKey, Entry]]:
        """Idle models in memory of the processor that were used before one was: only they make room for it there."""
        for other_key, other in list(self.entries.items()):
            if other_key == key:
                return
            if other.idle and other_key != keep and other.counts.get(CPU, 0) > 0:
                yield other_key, other
