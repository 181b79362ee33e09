"""Which models are in memory: loaded once, kept while there is room, dropped in order of their last use.

::

    with models_in_memory().lease(ModelKey("u2netp", str(folder), "cpu"), load, size) as model:
        matte = model.find(rgb)

While a lease is open its model stays. Models that nobody leases make room for others, the least recently used first. A
thread that needs room which leases of other threads hold waits for it; one that holds a lease itself is refused
instead, because two such threads could wait for one another for ever.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar, cast

from engine.core.errors import ModelMemoryError
from engine.core.settings import Setting
from models.runtime import CPU, gpu_memory, release_memory

T = TypeVar("T")

MEGABYTE = 2**20

MODEL_MEMORY = Setting(
    "MULTIPLANE_MODEL_MEMORY_MB", 4096, "MB", 256, 4_000_000, "memory of the processor that loaded models may take"
)
MODEL_GPU_MEMORY = Setting(
    "MULTIPLANE_MODEL_GPU_MEMORY_MB",
    0,
    "MB",
    0,
    4_000_000,
    "memory of each GPU that they may take; 0: nine tenths of it",
)

GPU_SHARE = 0.9
"""Of a GPU's memory that models may take where the site does not say: drivers and frames need the rest."""


@dataclass(frozen=True, slots=True)
class ModelKey:
    """What makes one loaded model another.

    Attributes:
        name: for people and sentences, such as the pack's id.
        source: what it was loaded from, such as the folder: a pack that was installed again lies in another one.
        device: ``cpu`` or ``cuda:N``.
        variant: all else that the load depends on, such as the number format.
    """

    name: str
    source: str
    device: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Resident:
    """A loaded model, as it is told to people.

    Attributes:
        key: which.
        size: bytes that it counts for.
        leases: how many use it now.
    """

    key: ModelKey
    size: int
    leases: int


@dataclass(slots=True)
class _Entry:
    size: int
    model: object = None
    ready: bool = False
    holders: Counter[int] = field(default_factory=Counter)  # leases by thread


class ModelPool:
    """The models in memory, within a budget for each device. All methods may be called by any thread.

    Args:
        budget: bytes that models may take on a device.
        release: gives back what dropped models held on a device.
    """

    def __init__(self, budget: Callable[[str], int], release: Callable[[str], None] = release_memory) -> None:
        self._budget = budget
        self._release = release
        self._entries: dict[ModelKey, _Entry] = {}  # the least recently used first
        self._changed = threading.Condition()

    @contextmanager
    def lease(
        self, key: ModelKey, load: Callable[[], T], size: int, measure: Callable[[T], int] | None = None
    ) -> Iterator[T]:
        """Use a model; it is loaded where it is not, and stays at least until the context ends.

        Args:
            key: names it; two calls with equal keys must mean the same model.
            load: loads it, in this thread; the threads that ask for the same meanwhile wait. It may lease others.
            size: bytes to make room for before it is loaded.
            measure: bytes that the loaded model takes; what it says takes the place of ``size``.

        Raises:
            ModelMemoryError: it would not fit if it were alone, or other leases of this thread hold the room.
            Exception: what ``load`` or ``measure`` raises; then nothing of it is left, and the next lease tries again.
        """
        thread = threading.get_ident()
        entry, is_ours = self._enter(key, size, thread)
        try:
            if is_ours:
                self._fill(key, entry, load, measure)
            yield cast(T, entry.model)
        finally:
            self._leave(key, entry, thread)

    def residents(self) -> tuple[Resident, ...]:
        """What is loaded or being loaded, the least recently used first."""
        with self._changed:
            return tuple(Resident(key, entry.size, entry.holders.total()) for key, entry in self._entries.items())

    def taken(self, device: str) -> int:
        """Bytes that models count for on a device."""
        with self._changed:
            return self._taken(device)

    def clear(self) -> int:
        """Drop every model that nobody uses; returns the bytes that they counted for."""
        with self._changed:
            idle = [key for key, entry in self._entries.items() if not entry.holders]
            freed = sum(self._entries.pop(key).size for key in idle)
            self._changed.notify_all()
        for device in sorted({key.device for key in idle}):
            self._release(device)
        return freed

    def _enter(self, key: ModelKey, size: int, thread: int) -> tuple[_Entry, bool]:
        """Take a lease: on what is there, or on a new entry that the caller must fill."""
        budget = self._budget(key.device)
        if size > budget:
            raise ModelMemoryError(_too_large(key, size, budget))
        with self._changed:
            while True:
                entry = self._entries.get(key)
                if entry is not None and entry.ready:
                    entry.holders[thread] += 1
                    return entry, False
                if entry is None and self._make_room(key.device, size, budget):
                    self._entries[key] = entry = _Entry(size)
                    entry.holders[thread] += 1
                    return entry, True
                if entry is not None and thread in entry.holders:
                    raise RuntimeError(f"the load of {key.name} leases itself")
                if entry is None and any(thread in other.holders for other in self._entries.values()):
                    raise ModelMemoryError(
                        f"{key.name} needs {_mb(size)} on {key.device} beside the models in use, and models may take "
                        f"{_mb(budget)}: raise {_setting(key.device).variable}.",
                        detail=f"in use: {[other.name for other, used in self._entries.items() if used.holders]}",
                    )
                self._changed.wait()

    def _fill(self, key: ModelKey, entry: _Entry, load: Callable[[], T], measure: Callable[[T], int] | None) -> None:
        """Load into a new entry, or take the entry away again."""
        try:
            self._release(key.device)  # what was dropped to make room goes before what needs it comes
            model = load()
            size = entry.size if measure is None else measure(model)
        except BaseException:
            with self._changed:
                del self._entries[key]
                self._changed.notify_all()
            raise
        with self._changed:
            entry.model, entry.size, entry.ready = model, size, True
            # It is loaded and in use: where it took more than was said, the idle ones go, and no new one comes.
            dropped = self._drop(key.device, self._taken(key.device) - self._budget(key.device))
            self._changed.notify_all()
        if dropped:
            self._release(key.device)

    def _leave(self, key: ModelKey, entry: _Entry, thread: int) -> None:
        with self._changed:
            entry.holders[thread] -= 1
            if not entry.holders[thread]:
                del entry.holders[thread]
            if self._entries.get(key) is entry:  # a failed load took it away
                self._entries[key] = self._entries.pop(key)
            self._changed.notify_all()

    def _taken(self, device: str) -> int:
        return sum(entry.size for key, entry in self._entries.items() if key.device == device)

    def _make_room(self, device: str, size: int, budget: int) -> bool:
        """Drop idle models until there is room; False, and nothing dropped, where that would not do."""
        lacking = self._taken(device) + size - budget
        idle = sum(entry.size for key, entry in self._entries.items() if key.device == device and not entry.holders)
        if lacking > idle:
            return False
        self._drop(device, lacking)
        return True

    def _drop(self, device: str, lacking: int) -> bool:
        """Drop idle models, the least recently used first, until so many bytes are free; whether any was dropped."""
        idle = [key for key, entry in self._entries.items() if key.device == device and not entry.holders]
        dropped = False
        for key in idle:
            if lacking <= 0:
                break
            lacking -= self._entries.pop(key).size
            dropped = True
        return dropped


@lru_cache(maxsize=1)
def models_in_memory() -> ModelPool:
    """The pool of this process, within the site's budgets."""
    return ModelPool(model_budget)


def model_budget(device: str) -> int:
    """Bytes that models may take on a device, by the site's settings."""
    given = _setting(device).int_value()
    return int(gpu_memory(device) * GPU_SHARE) if given == 0 else given * MEGABYTE


def _setting(device: str) -> Setting:
    return MODEL_MEMORY if device == CPU else MODEL_GPU_MEMORY


def _too_large(key: ModelKey, size: int, budget: int) -> str:
    return (
        f"{key.name} needs {_mb(size)} on {key.device}, and models may take {_mb(budget)}: "
        f"raise {_setting(key.device).variable}, or run it on another device."
    )


def _mb(size: int) -> str:
    return f"{-(-size // MEGABYTE)} MB"
