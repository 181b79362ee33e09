"""Who renders the GOPs: threads of this process, or processes of their own.

Either way a GOP is begun in order, rendered by one thread, encoded by an encoder of its own with one thread, and comes
out with the same bits. Threads start at once and share what is open; a process costs its start, but a decoder that
crashes, or a killer that takes one, costs no more than the GOP that it was at.
"""

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.media.packets import EncodedGop
from pipelines.render.gop_renderer import GopRenderer
from pipelines.render.scene import Gop


@dataclass(frozen=True, slots=True)
class FrameDone:
    """One more frame is encoded. ``redone`` frames of a GOP whose process died count no more."""

    redone: int = 0


@dataclass(frozen=True, slots=True)
class GopDone:
    """A GOP is finished; ``notes`` are the sentences for the user about what is seen in it."""

    index: int
    gop: EncodedGop
    notes: tuple[str, ...] = ()


Event = FrameDone | GopDone


class Crew(Protocol):
    """Renders GOPs."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about what was opened so far."""
        ...

    def run(self, gops: Sequence[Gop]) -> Iterator[Event]:
        """Render GOPs, begun in this order; yields what happens as it happens.

        Raises:
            MultiplaneError: a GOP failed.
        """
        ...

    def close(self) -> None:
        """Stop at once; what is under way is given up."""
        ...


class _Stopped(Exception):  # not an error: how a thread leaves its GOP
    pass


class ThreadCrew:
    """See :class:`Crew`.

    Args:
        renderer: shared by the threads; closed with the crew.
        threads: how many GOPs are rendered at a time.
    """

    def __init__(self, renderer: GopRenderer, threads: int) -> None:
        self._renderer = renderer
        self._threads = threads
        self._stop = threading.Event()

    @property
    def notes(self) -> tuple[str, ...]:
        """See :class:`Crew`."""
        return self._renderer.notes

    def run(self, gops: Sequence[Gop]) -> Iterator[Event]:
        """See :class:`Crew`."""
        waiting: queue.SimpleQueue[Gop] = queue.SimpleQueue()
        for gop in gops:
            waiting.put(gop)
        events: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
        for number in range(min(self._threads, len(gops))):
            # Daemons: stopping does not wait for a photo that is being decoded.
            threading.Thread(target=self._work, args=(waiting, events), name=f"gop-{number}", daemon=True).start()
        left = len(gops)
        while left:
            event = events.get()
            if isinstance(event, BaseException):
                raise event
            left -= isinstance(event, GopDone)
            yield event

    def close(self) -> None:
        """See :class:`Crew`."""
        self._stop.set()
        self._renderer.close()

    def _work(self, waiting: "queue.SimpleQueue[Gop]", events: "queue.SimpleQueue[Event | BaseException]") -> None:
        def on_frame() -> None:
            if self._stop.is_set():
                raise _Stopped
            events.put(FrameDone())

        try:
            encoder = self._renderer.new_encoder()
            while not self._stop.is_set():
                gop = waiting.get_nowait()
                made = self._renderer.render(gop, encoder, on_frame)
                events.put(GopDone(gop.index, made, self._renderer.notes_of(gop)))
        except (queue.Empty, _Stopped):
            return
        except BaseException as error:
            events.put(error)
