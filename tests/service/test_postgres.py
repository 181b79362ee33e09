"""The same service over PostgreSQL: a whole flow, a worker that dies, a service that is killed and goes on."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from api.editing import turn
from api.service import open_service
from api.store import jobs
from api.store.accounts import register
from api.store.anonymous import issue_anonymous
from api.store.database import Database
from api.store.jobs import claim, submit
from api.store.ledger import errors_of_the_books
from api.store.projects import create_project
from api.store.tokens import authenticate
from api.work.endings import end_badly
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
    person.order("two", card(60_000, 642, 362))
    wait_for(lambda: person.poll("two")["status"] != "pending", 60)
    server.kill()
    server.start()
    assert person.wait("two")["status"] == "completed"
    database = Database(url)
    with database.read() as session:
        assert errors_of_the_books(session) == []
    database.close()


def test_binding_to_an_account_waits_for_turns_and_endings(
    postgres: PostgresMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL would end one of two transactions that lock the same rows in another order."""
    monkeypatch.setenv("MULTIPLANE_DATABASE", postgres.full())
    service = open_service(tmp_path / "data")
    with service.database.write() as session:
        someone = issue_anonymous(session, "someone", "127.0.0.1")
        session_id = create_project(session, someone.user_id, "project", "en").id
        job_id = submit(session, "render", "render", someone.user_id, {}, session_id=session_id)
    claimed = claim(service.database, ("render",), "worker")
    assert claimed is not None
    assert claimed.job_id == job_id
    with service.database.read() as session:
        holder = authenticate(session, someone.token)
    slowly(monkeypatch, turn, "begin_turn")
    slowly(monkeypatch, jobs, "fail")

    def end() -> None:
        with service.database.write() as session:
            end_badly(session, claimed, "sorry")

    def bind() -> bool:
        time.sleep(0.3)
        with service.database.write() as session:
            return register(session, "anna@example.org", "correct horse", bind=someone.user_id).kind == "registered"

    with ThreadPoolExecutor() as pool:
        turned = pool.submit(turn.take_turn, service, holder, session_id, "hello")
        ended = pool.submit(end)
        assert pool.submit(bind).result(60)
        assert turned.result(60)
        ended.result(60)
    service.close()


def slowly(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
    """Let a step of a transaction take its time, behind the locks before it."""
    step = getattr(module, name)

    def slow(*arguments: Any, **keywords: Any) -> Any:
        found = step(*arguments, **keywords)
        time.sleep(0.6)
        return found

    monkeypatch.setattr(module, name, slow)
