"""The sources of a draft's shots: opened shortly before they are needed, dropped when they are done."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from typing import Protocol

from engine.core.frames import YuvFrame
from engine.timeline import Shot


class FrameSource(Protocol):
    """What a shot shows. Any frame can be made on its own, from any thread."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user."""
        ...

    def render(self, time: Fraction, frame: YuvFrame) -> None:
        """Fill a frame with what the shot shows ``time`` seconds after it began."""
        ...


class SourceShelf:
    """Opens the sources of shots in the background, each once, one shot ahead of its use.

    Memory holds the shots on screen and the next one, whatever the length of the draft.

    Args:
        shots: in order of time.
        open_source: opens the source of the shot with this index.
    """

    def __init__(self, shots: Sequence[Shot], open_source: Callable[[int], FrameSource]) -> None:
        self._shots = shots
        self._open = open_source
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="open")
        self._sources: dict[int, Future[FrameSource]] = {}
        self._notes: list[str] = []

    def get(self, index: int) -> "Future[FrameSource]":
        """The source of a shot; the next shot's is opened after it."""
        for wanted in (index, index + 1):
            if wanted < len(self._shots) and wanted not in self._sources:
                self._sources[wanted] = self._pool.submit(self._open_and_note, wanted)
        return self._sources[index]

    def drop_before(self, time: Fraction) -> None:
        """Let go of the sources of shots that end at or before a time in seconds."""
        for index in [i for i in self._sources if self._shots[i].end <= time]:
            del self._sources[index]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the sources opened so far have to say, each sentence once."""
        return tuple(dict.fromkeys(self._notes))

    def close(self) -> None:
        """Stop opening."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._sources.clear()

    def _open_and_note(self, index: int) -> FrameSource:
        source = self._open(index)
        self._notes.extend(source.notes)
        return source
