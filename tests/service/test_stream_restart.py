"""A stream that is cut off by a kill costs a connection and nothing else: the turn goes on, and is charged once."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.service.person import Json, Person, calls, events
from tests.service.server import Server, wait_for
from tests.service.soundness import faults

COST = 100
"""Credits of a generation."""


def kill_web(server: Server) -> None:
    """The web process dies, and is replaced."""
    os.kill(server.pid_of("web"), signal.SIGKILL)


def kill_service(server: Server) -> None:
    """Everything dies, and is started again."""
    server.kill()
    server.start(ready=False)


@pytest.fixture
def server(new_server: Callable[..., Server]) -> Server:
    return new_server(MULTIPLANE_EXPORT_HIGH="draft").start()


@pytest.fixture
def customer(server: Server) -> Iterator[Person]:
    someone = Person(server.url)
    yield someone
    someone.close()


@pytest.mark.parametrize("kill", [kill_web, kill_service])
def test_a_generation_outlives_its_stream(
    kill: Callable[[Server], None], server: Server, customer: Person, photo: Path
) -> None:
    customer.upload(photo)
    granted = customer.balance()[2]
    heard: list[Json] = []

    def listen() -> None:
        with customer.open_stream("animate this, 4 seconds, slow zoom in, with the title 'Pier'") as answer:
            for event in events(answer.iter_lines()):
                heard.append(event)
                kill(server)

    with pytest.raises(httpx.RemoteProtocolError):
        listen()
    assert calls(heard) == ["generate_video"], "the work had begun and had not ended"
    server.wait_ready()

    with customer.open_stream("hello") as answer:  # whether it still works or not, the session says so
        assert answer.status_code in (httpx.codes.OK, httpx.codes.CONFLICT)
        answer.read()
    wait_for(lambda: customer.state()["state"]["generated_media"], 120)
    assert customer.balance() == (granted - COST, 0, granted - COST)
    texts = [segment.get("tx") for track in customer.draft()["t"] for segment in track["sg"]]
    assert "Pier" in texts, "the second stage was done, too"
    version = customer.state()["version"]

    assert calls(customer.say("make it black and white")) == ["edit_multitrack"]
    assert customer.state()["version"] > version
    assert len(customer.state()["state"]["generated_media"]) == 1
    assert customer.balance() == (granted - COST, 0, granted - COST)
    assert server.stop() == 0
    assert faults(server.data) == []
