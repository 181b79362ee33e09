"""The sources of a draft's shots: opened when they are needed, shared by all threads, dropped when they are done."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from fractions import Fraction
from typing import Generic, TypeVar

from engine.timeline import Shot

T = TypeVar("T")


class Shelf(Generic[T]):
    """Opens something for each shot, once, on a thread of its own; memory holds what is on screen and what comes next.

    Args:
        shots: of the draft.
        open_one: opens what belongs to a shot.
        notes_of: the sentences that an opened one has for the user.
    """

    def __init__(
        self, shots: Sequence[Shot], open_one: Callable[[Shot], T], notes_of: Callable[[T], tuple[str, ...]]
    ) -> None:
        self._shots = tuple(sorted(shots, key=lambda shot: (shot.start, shot.level)))
        self._index = {self._key(shot): index for index, shot in enumerate(self._shots)}
        self._open = open_one
        self._notes_of = notes_of
        self._opened: dict[int, Future[T]] = {}
        self._notes: dict[int, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._queue: list[int] = []
        self._wake = threading.Condition(self._lock)
        self._closed = False
        self._thread: threading.Thread | None = None

    def get(self, shot: Shot) -> T:
        """What belongs to a shot; waits until it is open.

        Raises:
            MultiplaneError: what opening it raised.
        """
        return self._wanted(self._index[self._key(shot)]).result()

    def prefetch(self, since: Fraction, until: Fraction) -> None:
        """Open what is on screen at any time in [since, until), in the background."""
        for index, shot in enumerate(self._shots):
            if shot.start < until and shot.end > since:
                self._wanted(index)

    def drop_before(self, time: Fraction) -> bool:
        """Let go of shots that end at or before a time in seconds; tells whether there were any."""
        with self._lock:
            done = [index for index in self._opened if self._shots[index].end <= time]
            for index in done:
                del self._opened[index]
            # Whoever goes on somewhere else never waits for what was to come here, nor must the thread look for it.
            self._queue = [index for index in self._queue if index in self._opened]
        return bool(done)

    @property
    def notes(self) -> tuple[str, ...]:
        """What those opened so far have to say, in order of the shots, each sentence once."""
        with self._lock:
            return tuple(dict.fromkeys(note for index in sorted(self._notes) for note in self._notes[index]))

    def notes_of(self, shots: Sequence[Shot]) -> tuple[str, ...]:
        """The same of some shots alone."""
        indices = sorted(self._index[self._key(shot)] for shot in shots)
        with self._lock:
            return tuple(dict.fromkeys(note for index in indices for note in self._notes.get(index, ())))

    def close(self) -> None:
        """Stop opening; does not wait for one that is being opened."""
        with self._lock:
            self._closed = True
            for index in self._queue:
                self._opened[index].cancel()
            self._queue.clear()
            self._opened.clear()
            self._wake.notify()

    @staticmethod
    def _key(shot: Shot) -> tuple[int, str]:
        return shot.level, shot.segment.id

    def _wanted(self, index: int) -> "Future[T]":
        with self._lock:
            if index not in self._opened:
                self._opened[index] = Future()
                self._queue.append(index)
                self._wake.notify()
                if self._thread is None:
                    # A daemon: a stopped rendering does not wait for a photo that is being decoded.
                    self._thread = threading.Thread(target=self._work, name="open", daemon=True)
                    self._thread.start()
            return self._opened[index]

    def _work(self) -> None:
        while True:
            with self._lock:
                while not self._queue and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                index = self._queue.pop(0)
                future = self._opened[index]
            try:
                opened = self._open(self._shots[index])
                with self._lock:
                    self._notes[index] = self._notes_of(opened)
                future.set_result(opened)
            except BaseException as error:
                future.set_exception(error)
