"""The same service over PostgreSQL: a whole flow, a worker that dies, a service that is killed and goes on."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from api.store.database import Database
from api.store.ledger import errors_of_the_books
from tests.service.conftest import Meet, NewServer
from tests.service.person import words
from tests.service.server import wait_for
from tests.service.test_limits import card
from tests.store.conftest import postgres
from tests.store.databases import PostgresMaker

__all__ = ["postgres"]


def test_the_service_over_postgresql(
    postgres: PostgresMaker,
    new_server: NewServer,
    meet: Meet,
    photo: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = postgres.empty()
    server = new_server(MULTIPLANE_DATABASE=url).start()
    assert not (server.data / "multiplane.db").exists()
    person = meet(server)
    assert person.upload(photo).status_code == httpx.codes.OK
    assert words(person.say("slow zoom, 1 second"))
    assert person.balance() == (0, 0, 0)
    person.order("one", card(20_000, 640, 360))
    wait_for(lambda: person.poll("one")["progress"] > 10, 60)
    os.kill(server.pid_of("worker cpu-0"), signal.SIGKILL)
    assert person.wait("one")["status"] == "completed"
    person.order("two", card(20_000, 640, 360))
    wait_for(lambda: person.poll("two")["status"] == "processing", 60)
    server.kill()
    server.start()
    assert person.wait("two")["status"] == "completed"
    database = Database(url)
    with database.read() as session:
        assert errors_of_the_books(session) == []
    database.close()
