"""The pool: see the package."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from engine.core.errors import ModelMemoryError
from models.residency.book import Book, Entry, State
from models.residency.budgets import no_room_beside, too_large
from models.residency.key import ModelKey, Resident
from models.residency.parking import Parkable
from models.runtime import CPU, CUDA, release_memory

LOG = logging.getLogger("multiplane.models")

T = TypeVar("T")


class ModelPool:
    """The models in memory, within a budget for each device. All methods may be called by any thread.

    Args:
        budget: bytes that models may take on a device.
        release: gives back what dropped models held on a device.
    """

    def __init__(self, budget: Callable[[str], int], release: Callable[[str], None] = release_memory) -> None:
        self._book = Book(budget)
        self._release = release
        self._changed = threading.Condition()

    @contextmanager
    def lease(
        self,
        key: ModelKey,
        load: Callable[[], T],
        size: int,
        measure: Callable[[T], int] | None = None,
        *,
        workspace: int = 0,
        host: int = 0,
    ) -> Iterator[T]:
        """Use a model; it is loaded where it is not, and stays at least until the context ends.

        Args:
            key: names it; two calls with equal keys must mean the same model.
            load: loads it, in this thread; the threads that ask for the same meanwhile wait. It may lease others.
            size: bytes on its device to make room for before it is loaded.
            measure: bytes that the loaded model takes there; what it says takes the place of ``size``.
            workspace: bytes on its device that this use of it needs beside, counted until the context ends.
            host: bytes in memory of the processor that it takes besides, where parts of it wait there for their turn.

        Raises:
            ModelMemoryError: it would not fit if it were alone, or other leases of this thread hold the room.
            Exception: what ``load`` or ``measure`` raises; then nothing of it is left, and the next lease tries again.
        """
        thread = threading.get_ident()
        sizes = {key.device: size}
        if host:
            sizes[CPU] = sizes.get(CPU, 0) + host
        entry, fill, to_park = self._enter(key, sizes, workspace, thread)
        try:
            self._park(to_park)
            if fill:
                self._fill(key, entry, load, measure)
            yield cast(T, entry.model)
        finally:
            self._leave(key, entry, workspace, thread)

    def residents(self) -> tuple[Resident, ...]:
        """What is loaded, being loaded or parked, the least recently used first."""
        with self._changed:
            return tuple(
                Resident(key, entry.size, entry.holders.total(), entry.state is State.PARKED)
                for key, entry in self._book.entries.items()
            )

    def taken(self, device: str) -> int:
        """Bytes that models and their open leases count for on a device."""
        with self._changed:
            return self._book.taken(device)

    def clear(self) -> int:
        """Drop every model that nobody uses, parked ones too; returns the bytes that they counted for."""
        with self._changed:
            idle = [key for key, entry in self._book.entries.items() if entry.idle]
            freed = sum(self._book.entries[key].size for key in idle)
            devices = sorted({device for key in idle for device in self._book.entries[key].counts})
            for key in idle:
                self._book.drop(key)
            self._changed.notify_all()
        for device in devices:
            self._release(device)
        return freed

    def forget(self, key: ModelKey) -> bool:
        """Drop one model, parked or not, if nobody uses it; tells whether it is gone."""
        with self._changed:
            entry = self._book.entries.get(key)
            if entry is None:
                return True
            if not entry.idle:
                return False
            devices = sorted(entry.counts)
            self._book.drop(key)
            self._changed.notify_all()
        for device in devices:
            self._release(device)
        return True

    def _enter(
        self, key: ModelKey, sizes: dict[str, int], workspace: int, thread: int
    ) -> tuple[Entry, bool, list[tuple[ModelKey, Entry]]]:
        """Take a lease; what the caller must do then: whether to fill the entry, and which models to park first."""
        with self._changed:
            while True:
                entry = self._book.entries.get(key)
                if entry is not None and entry.state is State.MOVING:
                    if thread in entry.holders:
                        raise RuntimeError(f"the load of {key.name} leases itself")
                    self._changed.wait()
                    continue
                whole = _with(sizes if entry is None else entry.sizes, key.device, workspace)
                ready = entry is not None and entry.state is State.READY
                needs = {key.device: workspace} if ready else whole
                if not ready or workspace:
                    self._check_alone(key, whole)
                if (to_park := self._book.make_room(needs, key)) is not None:
                    if entry is None:
                        self._book.entries[key] = entry = Entry(sizes)
                    elif not ready:
                        entry.state = State.MOVING
                        entry.counts = _with(entry.counts, key.device, entry.sizes[key.device])  # on both meanwhile
                    entry.holders[thread] += 1
                    entry.workspace += workspace
                    return entry, not ready, to_park
                if any(thread in other.holders for other in self._book.entries.values()):
                    raise self._refusal(key, needs)
                self._changed.wait()

    def _check_alone(self, key: ModelKey, whole: dict[str, int]) -> None:
        for device, size in whole.items():
            if size > (budget := self._book.budget(device)):
                raise too_large(key, device, size, budget)

    def _refusal(self, key: ModelKey, needs: dict[str, int]) -> ModelMemoryError:
        device = max(needs, key=lambda each: self._book.lacking(each, needs[each]))
        in_use = [other.name for other, used in self._book.entries.items() if used.holders]
        return no_room_beside(key, device, needs[device], self._book.budget(device), in_use)

    def _park(self, to_park: list[tuple[ModelKey, Entry]]) -> None:
        """Move models into memory of the processor; one that will not go there is dropped."""
        waiting = list(to_park)
        try:
            while waiting:
                key, entry = waiting[-1]
                try:
                    cast(Parkable, entry.model).to_host(key.device.startswith(CUDA))
                except Exception as error:
                    LOG.warning("%s could not be parked and is dropped: %s", key.name, str(error))  # never the model
                    self._settle(key, entry, kept=False)
                else:
                    self._settle(key, entry, kept=True)
                waiting.pop()
        finally:  # stopped from outside: nobody may wait for what never comes
            for key, entry in waiting:
                self._settle(key, entry, kept=False)
        for device in sorted({key.device for key, _ in to_park}):
            self._release(device)

    def _settle(self, key: ModelKey, entry: Entry, *, kept: bool) -> None:
        with self._changed:
            entry.state = State.PARKED
            if not kept:
                self._book.drop(key)
            self._changed.notify_all()

    def _fill(self, key: ModelKey, entry: Entry, load: Callable[[], T], measure: Callable[[T], int] | None) -> None:
        """Load into a new entry or fetch a parked one back, or take the entry away again."""
        try:
            self._release(key.device)  # what was dropped to make room goes before what needs it comes
            if entry.model is None:
                model = load()
                size = entry.sizes[key.device] if measure is None else measure(model)
            else:
                model, size = cast(T, entry.model), entry.sizes[key.device]
                cast(Parkable, model).to_device()
        except BaseException:
            with self._changed:
                self._book.drop(key)
                self._changed.notify_all()
            raise
        with self._changed:
            entry.model, entry.state = model, State.READY
            entry.sizes[key.device] = size
            entry.counts = dict(entry.sizes)
            # It is loaded and in use: where it took more than was said, the idle ones go, and no new one comes.
            dropped = self._book.drop_idle(key.device)
            self._changed.notify_all()
        if dropped:
            self._release(key.device)

    def _leave(self, key: ModelKey, entry: Entry, workspace: int, thread: int) -> None:
        with self._changed:
            entry.workspace -= workspace
            entry.holders[thread] -= 1
            if not entry.holders[thread]:
                del entry.holders[thread]
            if self._book.entries.get(key) is entry:  # a failed load took it away
                self._book.touched(key)
            self._changed.notify_all()


def _with(sizes: dict[str, int], device: str, more: int) -> dict[str, int]:
    return sizes | {device: sizes.get(device, 0) + more}
