"""The shelf: what is wanted is opened in order, and what is not wanted any more holds nobody up."""

import threading
from fractions import Fraction

import pytest

from engine.timeline import Shot, shots, slideshow
from pipelines.render.shelf import Shelf


def no_notes(_: str) -> tuple[str, ...]:
    return ()


@pytest.fixture
def visible() -> tuple[Shot, ...]:
    """Five shots of about two seconds."""
    return shots(slideshow([f"{index}.png" for index in range(5)], Fraction(10)))


def test_what_is_dropped_before_it_was_opened_is_never_opened_and_the_rest_is(visible: tuple[Shot, ...]):
    # A process that gets a chunk further on lets go of what it was about to open.
    begun, go_on = threading.Event(), threading.Event()
    opened: list[str] = []

    def open_one(shot: Shot) -> str:
        begun.set()
        assert go_on.wait(30)
        opened.append(shot.segment.src or "")
        return opened[-1]

    shelf = Shelf(visible, open_one, no_notes)
    shelf.prefetch(visible[0].start, visible[2].end)
    assert begun.wait(30)
    assert shelf.drop_before(visible[3].start + Fraction(1))
    answers: list[str] = []
    waiting = threading.Thread(target=lambda: answers.append(shelf.get(visible[4])), daemon=True)
    waiting.start()
    go_on.set()
    waiting.join(30)
    assert answers == ["4.png"]
    assert "2.png" not in opened
    shelf.close()
